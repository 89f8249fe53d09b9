//! Sequence points: from which IL offset on a method is at which place of its source (Portable PDB, "Sequence Points Blob").

use super::cursor::Cursor;

/// IL offsets have 29 bits.
pub(super) const MAX_OFFSET: u32 = 1 << 29;

/// From `offset` on, code is of this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SequencePoint {
    /// IL offset in the method, in bytes.
    pub(super) offset: u32,
    /// Row of the document.
    pub(super) document: u32,
    /// 1-based.
    pub(super) line: u32,
    /// 1-based.
    pub(super) column: u32,
}

/// The points of a method that are not hidden, ascending, up to the first damaged one.
///
/// `document`: what the method's row says, 0 if the blob does. A hidden point is code of no line of its own; .NET's
/// stack traces say the line before it, and so do these.
pub(super) fn read(blob: &[u8], document: u32, limit: usize) -> Vec<SequencePoint> {
    let mut points = Vec::new();
    let mut reader = Reader { cursor: Cursor(blob), offset: 0, document, line: 0, column: 0, is_first: true };
    // Whatever is damaged ends the list.
    let _damaged = reader.read(&mut points, limit);
    points
}

struct Reader<'d> {
    cursor: Cursor<'d>,
    offset: u32,
    document: u32,
    line: u32,
    column: u32,
    is_first: bool,
}

impl Reader<'_> {
    fn read(&mut self, points: &mut Vec<SequencePoint>, limit: usize) -> Option<()> {
        self.cursor.unsigned()?;
        if self.document == 0 {
            self.document = self.cursor.unsigned()?;
        }
        let mut is_start = true;
        while !self.cursor.0.is_empty() && points.len() < limit {
            let step = self.cursor.unsigned()?;
            if step == 0 && !is_start {
                self.document = self.cursor.unsigned()?;
                continue;
            }
            is_start = false;
            self.offset = self.offset.checked_add(step).filter(|offset| *offset < MAX_OFFSET)?;
            points.extend(self.place()?);
        }
        Some(())
    }

    /// The inner None is a hidden point.
    fn place(&mut self) -> Option<Option<SequencePoint>> {
        let lines = self.cursor.unsigned()?;
        let columns = if lines == 0 { self.cursor.unsigned()? as i32 } else { self.cursor.signed()? };
        if lines == 0 && columns == 0 {
            return Some(None);
        }
        if self.is_first {
            (self.line, self.column) = (self.cursor.unsigned()?, self.cursor.unsigned()?);
            self.is_first = false;
        } else {
            self.line = self.line.checked_add_signed(self.cursor.signed()?)?;
            self.column = self.column.checked_add_signed(self.cursor.signed()?)?;
        }
        let (offset, document) = (self.offset, self.document);
        Some(Some(SequencePoint { offset, document, line: self.line, column: self.column }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(blob: &[u8], document: u32) -> Vec<(u32, u32, u32, u32)> {
        let points = read(blob, document, 100);
        points.iter().map(|point| (point.offset, point.document, point.line, point.column)).collect()
    }

    #[test]
    fn hidden_points_and_changes_of_document_are_passed_over() {
        // Signature 0; document 2; line 10 column 5; hidden at 3; document 3; two lines back and four columns on.
        let blob = [0, 2, 0, 0, 4, 10, 5, 3, 0, 0, 0, 3, 4, 1, 2, 0x7d, 8];
        assert_eq!(places(&blob, 0), [(0, 2, 10, 5), (7, 3, 8, 9)]);
    }

    #[test]
    fn what_stands_before_the_damage_is_kept() {
        assert_eq!(places(&[0, 0, 0, 4, 10, 5, 1, 0, 4, 0x7d], 7), [(0, 7, 10, 5)]);
        assert_eq!(places(&[], 7), []);
    }
}
