//! The string table under construction: every string once.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

use super::super::error::DebugFileError;
use super::super::varint;
use super::format::DEMANGLE;

/// Strings by content; their offset in `bytes` is their id.
pub(super) struct Strings {
    pub(super) bytes: Vec<u8>,
    ids: HashMap<u64, u32, BuildHasherDefault<Hashed>>,
    limit: usize,
}

impl Strings {
    /// `limit`: bytes that the table may have.
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), ids: HashMap::default(), limit: limit.min(DEMANGLE as usize - 1) }
    }

    /// Id of `string`, which is added if it is new.
    pub(super) fn intern(&mut self, string: &[u8]) -> Result<u32, DebugFileError> {
        let hash = xxh3_64(string);
        if let Some(&id) = self.ids.get(&hash)
            && self.get(id) == Some(string)
        {
            return Ok(id);
        }
        if self.bytes.len() + string.len() + 10 > self.limit {
            return Err(DebugFileError::TooLarge("its names take more room than its sections"));
        }
        let id = self.bytes.len() as u32;
        varint::put(&mut self.bytes, string.len() as u64);
        self.bytes.extend_from_slice(string);
        self.ids.insert(hash, id);
        Ok(id)
    }

    /// The string with this id.
    pub(super) fn get(&self, id: u32) -> Option<&[u8]> {
        let mut reader = varint::Reader(self.bytes.get(id as usize..)?);
        let len = usize::try_from(reader.next()?).ok()?;
        reader.0.get(..len)
    }
}

/// Passes on what is a hash already.
#[derive(Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 ^= xxh3_64(bytes);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_has_one_id_and_the_table_a_limit() {
        let mut strings = Strings::new(40);
        let first = strings.intern(b"first").unwrap();
        let second = strings.intern(b"second").unwrap();
        assert_eq!(strings.intern(b"first"), Ok(first));
        assert_eq!(strings.get(second), Some(&b"second"[..]));
        assert!(matches!(strings.intern(&[b'x'; 30]), Err(DebugFileError::TooLarge(_))));
    }
}
