//! The bytes behind an index: owned, or a file mapped into memory.
//!
//! This is the only module of the engine with `unsafe` code. A mapped file must not shrink
//! while it is mapped; the caller keeps that promise by writing index files under a temporary
//! name, renaming them into place and never changing them afterwards.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

/// Immutable bytes, cheap to look at, kept alive by whoever holds this value.
pub enum Bytes {
    /// Bytes in memory.
    Owned(Vec<u8>),
    /// A whole file, mapped read-only.
    Mapped(memmap2::Mmap),
    /// Bytes of somebody else, who keeps them as they are.
    Held(Box<dyn AsRef<[u8]> + Send + Sync>),
}

impl Bytes {
    /// Maps the file at `path`; an empty file gives empty bytes.
    pub fn map(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            return Ok(Self::Owned(Vec::new()));
        }
        // SAFETY: the mapping is read-only and index files are never modified in place
        // (see the module's documentation), so the bytes do not change under the borrow.
        #[allow(unsafe_code)]
        let map = unsafe { memmap2::Mmap::map(&file)? };
        Ok(Self::Mapped(map))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Mapped(map) => map,
            Self::Held(bytes) => (**bytes).as_ref(),
        }
    }
}
