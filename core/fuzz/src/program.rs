//! Debug info of a program that the input makes up: units, functions in one or two parts, calls inlined into each
//! other, functions inside of functions. It never contradicts itself.

use std::ops::Range;

use crate::Input;
use crate::elf::{CODE_AT, CODE_LEN};

const MAX_DEPTH: u32 = 5;

/// Sections by name, and whether to compress them.
pub type Sections = Vec<(&'static str, Vec<u8>)>;

/// What was made up.
pub struct Program {
    /// The sections.
    pub sections: Sections,
    /// Whether to compress them.
    pub is_packed: bool,
    /// Where its code ends.
    pub end: u64,
}

/// How everything is written.
struct Style {
    version: u16,
    /// 0 a root without code, 1 from first to last address, 2 all ranges.
    root: u8,
    has_aranges: bool,
    /// A line sequence for each part of a function instead of one for a unit.
    many_sequences: bool,
}

/// Abbreviations: three roots, functions in one and more parts, inlined calls in one and more parts, abstract function,
/// block, type.
const ABBREVS: &[&[u8]] = &[
    &[1, 0x11, 1, 0x10, 0x17, 0x13, 0x0b, 0x11, 0x01, 0, 0],
    &[2, 0x11, 1, 0x10, 0x17, 0x13, 0x0b, 0x11, 0x01, 0x12, 0x07, 0, 0],
    &[3, 0x11, 1, 0x10, 0x17, 0x13, 0x0b, 0x11, 0x01, 0x55, 0x17, 0, 0],
    &[4, 0x2e, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x07, 0, 0],
    &[5, 0x2e, 1, 0x03, 0x08, 0x55, 0x17, 0, 0],
    &[6, 0x1d, 1, 0x31, 0x13, 0x58, 0x0b, 0x59, 0x0b, 0x11, 0x01, 0x12, 0x07, 0, 0],
    &[7, 0x1d, 1, 0x31, 0x13, 0x58, 0x0b, 0x59, 0x0b, 0x55, 0x17, 0, 0],
    &[8, 0x2e, 0, 0x03, 0x08, 0x20, 0x0b, 0, 0],
    &[9, 0x0b, 1, 0, 0],
    &[10, 0x13, 1, 0x03, 0x08, 0, 0],
];

/// Makes up a program.
pub fn made_up(input: &mut Input<'_>) -> Program {
    let version = if input.flag() { 5 } else { 4 };
    let (root, has_aranges, many_sequences) = (input.below(3), input.flag(), input.flag());
    let style = Style { version, root, has_aranges, many_sequences };
    let is_packed = input.flag();
    let mut writer = Writer::new(style);
    for _ in 0..=input.below(4) {
        writer.unit(input);
    }
    let end = writer.at;
    Program { sections: writer.finish(), is_packed, end }
}

struct Writer {
    style: Style,
    at: u64,
    info: Vec<u8>,
    lines: Vec<u8>,
    lists: Vec<u8>,
    aranges: Vec<u8>,
    names: u32,
    /// The unit that is being written: its entries and its code.
    entries: Vec<u8>,
    parts: Vec<Range<u64>>,
}

impl Writer {
    fn new(style: Style) -> Self {
        // The header of `.debug_rnglists`; the length follows in the end.
        let lists = if style.version == 5 { vec![0, 0, 0, 0, 5, 0, 8, 0, 0, 0, 0, 0] } else { Vec::new() };
        let (info, lines, aranges) = (Vec::new(), Vec::new(), Vec::new());
        let (entries, parts) = (Vec::new(), Vec::new());
        Self { style, at: CODE_AT, info, lines, lists, aranges, names: 0, entries, parts }
    }

    fn unit(&mut self, input: &mut Input<'_>) {
        (self.entries, self.parts) = (Vec::new(), Vec::new());
        let callees = [self.abstract_function(), self.abstract_function()];
        for _ in 0..input.below(5) {
            self.function(input, &callees, 0);
        }
        self.entries.push(0);
        self.parts.sort_by_key(|part| part.start);
        let (start, line_program) = (self.info.len(), self.lines.len());
        self.line_program(input);
        let root = self.root(line_program as u32);
        let header = self.unit_header(root.len() + self.entries.len());
        self.info.extend(header);
        self.info.extend(root);
        self.info.append(&mut self.entries);
        if self.style.has_aranges {
            self.aranges_of(start as u32);
        }
    }

    fn header_len(&self) -> usize {
        if self.style.version == 5 { 12 } else { 11 }
    }

    /// Length of the root, behind which entries begin.
    fn root_len(&self) -> usize {
        1 + 4 + 1 + 8 + [0, 8, 4][usize::from(self.style.root)]
    }

    fn unit_header(&self, len: usize) -> Vec<u8> {
        let len = (self.header_len() - 4 + len) as u32;
        let mut out = [&len.to_le_bytes()[..], &self.style.version.to_le_bytes()].concat();
        out.extend(if self.style.version == 5 {
            [1, 8, 0, 0, 0, 0].to_vec()
        } else {
            [0, 0, 0, 0, 8].to_vec()
        });
        out
    }

    fn root(&mut self, line_program: u32) -> Vec<u8> {
        let mut root = vec![self.style.root + 1];
        root.extend(line_program.to_le_bytes());
        root.push(4);
        let low = self.parts.first().map_or(0, |part| part.start);
        let high = self.parts.last().map_or(0, |part| part.end);
        let low_pc = if self.style.root == 1 { low } else { 0 };
        root.extend(low_pc.to_le_bytes());
        match self.style.root {
            1 => root.extend((high - low).to_le_bytes()),
            2 => root.extend(self.list(&self.parts.clone()).to_le_bytes()),
            _ => {}
        }
        root
    }

    fn name(&mut self, kind: &str) -> Vec<u8> {
        self.names += 1;
        format!("{kind}{}\0", self.names).into_bytes()
    }

    fn abstract_function(&mut self) -> u32 {
        let at = self.header_len() + self.root_len() + self.entries.len();
        self.entries.push(8);
        let name = self.name("callee");
        self.entries.extend(name);
        self.entries.push(1);
        at as u32
    }

    fn function(&mut self, input: &mut Input<'_>, callees: &[u32; 2], depth: u32) {
        let parts: Vec<_> = (0..=input.below(2)).filter_map(|_| self.code(input)).collect();
        if parts.is_empty() || depth > MAX_DEPTH {
            return;
        }
        let name = self.name("function");
        self.entries.push(if parts.len() == 1 { 4 } else { 5 });
        self.entries.extend(name);
        self.claim(&parts);
        for _ in 0..input.below(4) {
            self.inside(input, callees, &parts, depth);
        }
        self.entries.push(0);
        self.parts.extend(parts);
    }

    /// Something in a function.
    fn inside(&mut self, input: &mut Input<'_>, callees: &[u32; 2], parts: &[Range<u64>], depth: u32) {
        match input.below(5) {
            0 => self.wrapped(&[9], |writer| writer.inlined(input, callees, parts, depth)),
            1 => self.wrapped(b"\x0aLocal\0", |writer| writer.function(input, callees, depth + 1)),
            2 => self.function(input, callees, depth + 1),
            _ => self.inlined(input, callees, parts, depth),
        }
    }

    fn wrapped(&mut self, entry: &[u8], write: impl FnOnce(&mut Self)) {
        self.entries.extend(entry);
        write(self);
        self.entries.push(0);
    }

    /// A call that takes some of each of the parts of what it is inlined into.
    fn inlined(&mut self, input: &mut Input<'_>, callees: &[u32; 2], parts: &[Range<u64>], depth: u32) {
        let some = parts.iter().filter_map(|part| {
            let len = part.end - part.start;
            let start = part.start + u64::from(input.byte()) % len;
            let end = (start + u64::from(input.byte()) % len).min(part.end);
            (start < end).then_some(start..end)
        });
        let some: Vec<_> = some.collect();
        if some.is_empty() || depth > MAX_DEPTH {
            return;
        }
        self.entries.push(if some.len() == 1 { 6 } else { 7 });
        self.entries.extend(callees[usize::from(input.flag())].to_le_bytes());
        self.entries.extend([1, input.below(50)]);
        self.claim(&some);
        for _ in 0..input.below(3) {
            self.inlined(input, callees, &some, depth + 1);
        }
        self.entries.push(0);
    }

    /// A stretch of code that nobody has yet. Parts of a function never touch each other, as no compiler splits it there.
    fn code(&mut self, input: &mut Input<'_>) -> Option<Range<u64>> {
        let start = self.at + 1 + u64::from(input.below(8));
        let end = start + 1 + u64::from(input.below(40));
        (end <= CODE_AT + CODE_LEN).then(|| self.at = end)?;
        Some(start..end)
    }

    /// Low and high address of one part, or the list of more.
    fn claim(&mut self, parts: &[Range<u64>]) {
        if let [part] = parts {
            self.entries.extend([part.start, part.end - part.start].map(u64::to_le_bytes).concat());
        } else {
            let list = self.list(parts);
            self.entries.extend(list.to_le_bytes());
        }
    }

    /// Offset of a list of ranges.
    fn list(&mut self, parts: &[Range<u64>]) -> u32 {
        let offset = self.lists.len() as u32;
        let is_new = self.style.version == 5;
        if !is_new {
            // Addresses count from 0, wherever the unit begins.
            self.lists.extend([u64::MAX, 0].map(u64::to_le_bytes).concat());
        }
        for part in parts {
            self.lists.extend(is_new.then_some(6));
            self.lists.extend([part.start, part.end].map(u64::to_le_bytes).concat());
        }
        self.lists.extend(if is_new { vec![0] } else { vec![0; 16] });
        offset
    }

    fn line_program(&mut self, input: &mut Input<'_>) {
        let mut program = Vec::new();
        let whole = self.parts.first().map(|first| first.start).zip(self.parts.last().map(|last| last.end));
        let sequences = if self.style.many_sequences {
            self.parts.clone()
        } else {
            whole.map(|(start, end)| start..end).into_iter().collect()
        };
        for sequence in sequences {
            program.extend([0, 9, 2]);
            program.extend(sequence.start.to_le_bytes());
            let mut at = sequence.start;
            while at < sequence.end {
                let step = (1 + u64::from(input.below(16))).min(sequence.end - at);
                // Copy a row of a line further down, and go on.
                program.extend([3, input.below(20), 1, 2, step as u8]);
                at += step;
            }
            program.extend([0, 1, 1]);
        }
        let header = [1, 1, 1, 0xfb, 14, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1];
        let files = b"\0made-up.cpp\0\0\0\0\0";
        let header_len = (header.len() + files.len()) as u32;
        let len = 2 + 4 + header_len + program.len() as u32;
        let parts = [&len.to_le_bytes()[..], &[4, 0], &header_len.to_le_bytes(), &header, files, &program];
        self.lines.extend(parts.concat());
    }

    fn aranges_of(&mut self, unit: u32) {
        let len = (12 - 4 + 4 + 16 * (self.parts.len() + 1)) as u32;
        let header = [&len.to_le_bytes()[..], &[2, 0], &unit.to_le_bytes(), &[8, 0], &[0; 4]].concat();
        self.aranges.extend(header);
        for part in &self.parts {
            self.aranges.extend([part.start, part.end - part.start].map(u64::to_le_bytes).concat());
        }
        self.aranges.extend([0; 16]);
    }

    fn finish(mut self) -> Sections {
        let mut abbrevs = ABBREVS.concat();
        abbrevs.push(0);
        let lists = if self.style.version == 5 { ".debug_rnglists" } else { ".debug_ranges" };
        if self.style.version == 5 {
            let len = self.lists.len() as u32 - 4;
            self.lists[..4].copy_from_slice(&len.to_le_bytes());
        }
        vec![
            (".debug_info", self.info),
            (".debug_abbrev", abbrevs),
            (".debug_line", self.lines),
            (lists, self.lists),
            (".debug_aranges", self.aranges),
            (".debug_str", b"in a table\0".to_vec()),
        ]
    }
}
