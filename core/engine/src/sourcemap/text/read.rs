//! Reading texts and lines back.

use super::lines::line_end;
use super::{BLOCK, RECORD_LEN, STORED, STRIDE};
use crate::container::{Container, IndexError, Section};

/// Where the store of texts lies in a container.
#[derive(Clone, Copy)]
pub(in super::super) struct Texts {
    records: Section,
    line_table: Section,
    ends: Section,
    blocks: Section,
}

/// The record of one text.
struct Text {
    lines: u32,
    start: u64,
    len: u32,
    first_entry: u32,
}

impl Texts {
    /// Finds the store in the sections `[texts, line table, ends, blocks]`.
    pub(in super::super) fn open(container: &Container, ids: [u32; 4]) -> Result<Self, IndexError> {
        Ok(Self {
            records: container.section(ids[0])?,
            line_table: container.section(ids[1])?,
            ends: container.section(ids[2])?,
            blocks: container.section(ids[3])?,
        })
    }

    /// The whole text of a source, if it has one.
    pub(in super::super) fn text(
        &self,
        container: &Container,
        source: u32,
    ) -> Result<Option<String>, IndexError> {
        let Some(text) = self.find(container, source)? else {
            return Ok(None);
        };
        let bytes = self.stream(container, text.start, u64::from(text.len))?;
        String::from_utf8(bytes).map(Some).map_err(|_| IndexError::Damaged("a source text is no UTF-8"))
    }

    /// Up to `count` lines from line `first` (0-based) without their terminators, if the source has a text.
    pub(in super::super) fn lines(
        &self,
        container: &Container,
        source: u32,
        first: u32,
        count: u32,
    ) -> Result<Option<Vec<String>>, IndexError> {
        let Some(text) = self.find(container, source)? else {
            return Ok(None);
        };
        let (first, end) = (first.min(text.lines), first.saturating_add(count).min(text.lines));
        if first == end {
            return Ok(Some(Vec::new()));
        }
        let known_before = first as usize / STRIDE;
        let known_after = (end as usize).div_ceil(STRIDE);
        let from = self.line_start(container, &text, known_before)?;
        let to = self.line_start(container, &text, known_after)?;
        let len = to.checked_sub(from).ok_or(IndexError::Damaged("a line table is out of order"))?;
        let bytes = self.stream(container, text.start.saturating_add(from), len)?;
        let skip = first as usize - known_before * STRIDE;
        take_lines(&bytes, skip, (end - first) as usize).map(Some)
    }

    fn find(&self, container: &Container, source: u32) -> Result<Option<Text>, IndexError> {
        let (mut low, mut high) = (0, self.records.len() / RECORD_LEN);
        while low < high {
            let middle = low + (high - low) / 2;
            let record = container.array(self.records, middle, RECORD_LEN)?;
            let [id, lines, start_low, start_high, len, first_entry] = words(record)?;
            match id.cmp(&source) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let start = u64::from(start_high) << 32 | u64::from(start_low);
                    return Ok(Some(Text { lines, start, len, first_entry }));
                }
            }
        }
        Ok(None)
    }

    /// Offset in the text of line `stride * STRIDE`; the text's length if there is no such line.
    fn line_start(&self, container: &Container, text: &Text, stride: usize) -> Result<u64, IndexError> {
        match stride {
            0 => Ok(0),
            _ if stride * STRIDE >= text.lines as usize => Ok(u64::from(text.len)),
            _ => {
                let entry = (text.first_entry as usize).saturating_add(stride - 1);
                container.u32_at(self.line_table, entry).map(u64::from)
            }
        }
    }

    /// Bytes of the stream of all texts.
    fn stream(&self, container: &Container, start: u64, len: u64) -> Result<Vec<u8>, IndexError> {
        let damaged = IndexError::Damaged("a source text lies outside the stored blocks");
        let blocks = self.ends.len() / 8;
        let end = start.checked_add(len).filter(|&end| end <= (blocks * BLOCK) as u64);
        let (Some(end), Ok(start)) = (end, usize::try_from(start)) else {
            return Err(damaged);
        };
        let mut out = Vec::new();
        let mut at = start;
        while (at as u64) < end {
            let block = self.block(container, at / BLOCK)?;
            let base = at / BLOCK * BLOCK;
            let upto = block.len().min((end - base as u64) as usize);
            out.extend_from_slice(block.get(at - base..upto).ok_or(damaged.clone())?);
            if base + upto == at {
                return Err(damaged);
            }
            at = base + upto;
        }
        Ok(out)
    }

    fn block(&self, container: &Container, index: usize) -> Result<Vec<u8>, IndexError> {
        let end = container.u64_at(self.ends, index)?;
        let start = if index == 0 { 0 } else { container.u64_at(self.ends, index - 1)? & !STORED };
        let stored = container.read(self.blocks, start as usize..(end & !STORED) as usize)?;
        if end & STORED != 0 {
            return Ok(stored.to_vec());
        }
        let mut block = vec![0; BLOCK];
        let len = lz4_flex::block::decompress_into(stored, &mut block)
            .map_err(|_| IndexError::Damaged("a block of source text cannot be decompressed"))?;
        block.truncate(len);
        Ok(block)
    }
}

fn words(record: &[u8]) -> Result<[u32; 6], IndexError> {
    let words = record.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word));
    let words: Vec<u32> = words.collect();
    words.try_into().map_err(|_| IndexError::Damaged("a record is cut off"))
}

fn take_lines(bytes: &[u8], skip: usize, count: usize) -> Result<Vec<String>, IndexError> {
    let mut rest = Some(bytes);
    let mut lines = Vec::new();
    for number in 0..skip + count {
        let Some(text) = rest else {
            break;
        };
        let end = line_end(text);
        let len = end.map_or(text.len(), |(len, _)| len);
        if number >= skip {
            let line = std::str::from_utf8(&text[..len]);
            lines.push(line.map_err(|_| IndexError::Damaged("a source text is no UTF-8"))?.to_owned());
        }
        rest = end.map(|(len, terminator)| &text[len + terminator..]);
    }
    Ok(lines)
}
