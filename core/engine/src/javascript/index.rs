//! Reading a function index.

use super::layout;
use super::scan::FunctionKind;
use crate::container::{Container, IndexError};
use crate::mapped::Bytes;
use crate::sourcemap::strings::Strings;
use crate::sourcemap::table::{Table, key};

/// A piece of a function's name as the generated text has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePiece {
    /// The text: without quotes; `<computed>` for a computed member of an assignment's target.
    pub text: String,
    /// Line of its first character, from 0.
    pub line0: u32,
    /// Column of its first character, from 0, in UTF-16 code units.
    pub column0: u32,
    /// Whether it is a property rather than a variable.
    pub is_property: bool,
}

/// What names a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// What it is in the language.
    pub kind: FunctionKind,
    /// What it is called, outermost first: a class before its member. Empty if it is anonymous.
    pub pieces: Vec<NamePiece>,
}

/// An index file, open for lookups. Nothing is parsed or copied before it is asked for.
pub struct FunctionIndex {
    container: Container,
    count: u32,
    changes: Table<1>,
    functions: Table<2>,
    pieces: Table<3>,
    texts: Strings,
}

impl FunctionIndex {
    /// Opens an index.
    pub fn open(bytes: Bytes) -> Result<Self, IndexError> {
        let container = Container::open(bytes, layout::KIND)?;
        Ok(Self {
            count: container.u32_at(container.section(layout::COUNTS)?, 0)?,
            changes: Table::open(&container, layout::CHANGES)?,
            functions: Table::open(&container, layout::FUNCTIONS)?,
            pieces: Table::open(&container, layout::PIECES)?,
            texts: Strings::open(&container, layout::TEXTS)?,
            container,
        })
    }

    /// Number of functions; ids are less than this.
    #[must_use]
    pub fn function_count(&self) -> u32 {
        self.count
    }

    /// Checks every checksum of the file now.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.container.verify()
    }

    /// Looks up generated positions, each a pair of line and column (from 0, columns in UTF-16 code units), and calls
    /// `found` with the id of the innermost function around each in turn; `None` where there is none.
    pub fn lookup(
        &self,
        positions: &[[u32; 2]],
        mut found: impl FnMut(Option<u32>),
    ) -> Result<(), IndexError> {
        let search = self.changes.search(&self.container)?;
        for &[line0, column0] in positions {
            let change = search.last_at_or_before(key(line0, column0))?;
            let id = change.and_then(|(_, [value])| value.checked_sub(1));
            if id.is_some_and(|id| id >= self.count) {
                return Err(IndexError::Damaged("a position refers to a function that there is not"));
            }
            found(id);
        }
        Ok(())
    }

    /// A function; `None` if there is no such function.
    pub fn function(&self, id: u32) -> Result<Option<Function>, IndexError> {
        if id >= self.count {
            return Ok(None);
        }
        let [head, first] = self.row(&self.functions, id, "a function is missing")?;
        let kind = FunctionKind::ALL.get((head & ((1 << layout::PIECES_SHIFT) - 1)) as usize);
        let kind = *kind.ok_or(IndexError::Damaged("a function is of no known kind"))?;
        let count = head >> layout::PIECES_SHIFT;
        if count > u32::from(u8::MAX) {
            return Err(IndexError::Damaged("a name has too many pieces"));
        }
        let end = first.checked_add(count).ok_or(IndexError::Damaged("a piece's number overflows"))?;
        let pieces = (first..end).map(|piece| self.piece(piece)).collect::<Result<_, _>>()?;
        Ok(Some(Function { kind, pieces }))
    }

    fn piece(&self, piece: u32) -> Result<NamePiece, IndexError> {
        let [text, line0, column] = self.row(&self.pieces, piece, "a piece of a name is missing")?;
        let text = self.texts.get(&self.container, text as usize)?.to_owned();
        Ok(NamePiece { text, line0, column0: column / 2, is_property: column % 2 == 1 })
    }

    fn row<const COLUMNS: usize>(
        &self,
        table: &Table<COLUMNS>,
        id: u32,
        missing: &'static str,
    ) -> Result<[u32; COLUMNS], IndexError> {
        match table.search(&self.container)?.last_at_or_before(u64::from(id))? {
            Some((at, row)) if at == u64::from(id) => Ok(row),
            _ => Err(IndexError::Damaged(missing)),
        }
    }
}
