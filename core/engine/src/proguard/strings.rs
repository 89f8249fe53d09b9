//! The string table under construction: every string once.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::error::ProguardError;
use super::layout::NONE;
use crate::symbols::varint;

/// Bytes that a length takes at most.
const MAX_LENGTH_LEN: usize = 5;

/// Strings by content; their offset in `bytes` is their id.
pub(super) struct Strings {
    pub(super) bytes: Vec<u8>,
    ids: HashMap<u64, u32, RandomState>,
    seed: u64,
}

impl Strings {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new(), ids: HashMap::default(), seed: RandomState::default().hash_one(0) }
    }

    /// Id of `string`, which is added if it is new.
    pub(super) fn intern(&mut self, string: &[u8]) -> Result<u32, ProguardError> {
        let hash = xxh3_64_with_seed(string, self.seed);
        if let Some(&id) = self.ids.get(&hash)
            && self.get(id) == Some(string)
        {
            return Ok(id);
        }
        if self.bytes.len() + string.len() + MAX_LENGTH_LEN >= NONE as usize {
            return Err(ProguardError::TooLarge("its names take more than 4 GiB"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_has_one_id() {
        let mut strings = Strings::new();
        let first = strings.intern(b"first").unwrap();
        let empty = strings.intern(b"").unwrap();
        assert_eq!(strings.intern(b"first"), Ok(first));
        assert_eq!((strings.get(first), strings.get(empty)), (Some(&b"first"[..]), Some(&b""[..])));
    }
}
