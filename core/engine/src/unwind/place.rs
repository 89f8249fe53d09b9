//! Where the bytes of a section lie: in the file, or inflated beside it when they are first needed.

use std::ops::Range;
use std::sync::OnceLock;

use object::{CompressedData, CompressionFormat};

use crate::symbols::{Cancel, inflated};

/// Compressed unwind information is a few megabytes; this much is a bomb.
const MAX_INFLATED: u64 = 256 << 20;
/// Sections do not shrink to less than one part in this many, beyond the first bytes.
const MAX_RATIO: u64 = 128;
const RATIO_FREE: u64 = 1 << 20;

/// Bytes of a section, apart from the lifetime of the file.
pub(super) struct Place {
    range: Range<usize>,
    packed: Option<Packed>,
}

struct Packed {
    format: CompressionFormat,
    size: u64,
    inflated: OnceLock<Vec<u8>>,
}

impl Place {
    /// Of a part of the file's bytes; None if it is no part of them.
    pub(super) fn of(part: &[u8], file: &[u8]) -> Option<Self> {
        let start = part.as_ptr().addr().checked_sub(file.as_ptr().addr())?;
        let range = start..start.checked_add(part.len())?;
        (range.end <= file.len()).then_some(Self { range, packed: None })
    }

    /// Of a section, compressed or not; None if it claims to inflate beyond reason.
    pub(super) fn of_section(data: CompressedData<'_>, file: &[u8]) -> Option<Self> {
        let place = Self::of(data.data, file)?;
        if data.format == CompressionFormat::None {
            return Some(place);
        }
        let (packed, size) = (data.data.len() as u64, data.uncompressed_size);
        let is_sane = size <= MAX_INFLATED && (size <= RATIO_FREE || size / MAX_RATIO <= packed);
        let packed = Packed { format: data.format, size, inflated: OnceLock::new() };
        is_sane.then_some(Self { packed: Some(packed), ..place })
    }

    /// The bytes; none if they are damaged.
    pub(super) fn bytes<'p>(&'p self, file: &'p [u8]) -> &'p [u8] {
        let stored = file.get(self.range.clone()).unwrap_or(&[]);
        match &self.packed {
            None => stored,
            Some(packed) => packed.inflated.get_or_init(|| packed.inflate(stored)),
        }
    }
}

impl Packed {
    fn inflate(&self, data: &[u8]) -> Vec<u8> {
        let data = CompressedData { format: self.format, data, uncompressed_size: self.size };
        inflated(data, &Cancel::default()).map(std::borrow::Cow::into_owned).unwrap_or_default()
    }
}
