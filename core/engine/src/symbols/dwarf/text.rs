//! Strings of debug info, cut at their NUL only when somebody looks at them.

use crate::symbols::text::cut_at_nul;

/// A string. Most of them stand in a string table, where linkers keep each but once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::symbols) enum Text<'d> {
    /// What a string table holds from the string on.
    Table(&'d [u8]),
    /// A string that stood somewhere else.
    Owned(Box<[u8]>),
}

impl<'d> Text<'d> {
    /// The string at `offset` of a string table; None if there is none or it is empty.
    pub(super) fn in_table(table: &'d [u8], offset: u64) -> Option<Self> {
        let rest = table.get(usize::try_from(offset).ok()?..)?;
        rest.first().filter(|byte| **byte != 0)?;
        Some(Self::Table(rest))
    }

    /// A copy of `bytes`; None if they are empty.
    pub(super) fn copied(bytes: &[u8]) -> Option<Self> {
        (!bytes.is_empty()).then(|| Self::Owned(bytes.into()))
    }

    /// The bytes of the string.
    pub(in crate::symbols) fn bytes(&self) -> &[u8] {
        match self {
            Self::Table(rest) => cut_at_nul(rest, 0).unwrap_or_default(),
            Self::Owned(bytes) => bytes,
        }
    }

    /// What tells strings of a table apart without a look at them: place and room.
    pub(in crate::symbols) fn place(&self) -> Option<(usize, usize)> {
        match self {
            Self::Table(rest) => Some((rest.as_ptr() as usize, rest.len())),
            Self::Owned(_) => None,
        }
    }
}

impl<'d> From<&'d [u8]> for Text<'d> {
    fn from(bytes: &'d [u8]) -> Self {
        Self::Table(bytes)
    }
}
