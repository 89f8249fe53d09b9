//! Compressed sections, inflated as a whole.

use std::borrow::Cow;
use std::io::Read;

use flate2::{Decompress, FlushDecompress};
use object::{CompressedData, CompressionFormat};
use ruzstd::decoding::StreamingDecoder;

use crate::symbols::cancel::Cancel;

/// Packed bytes that are inflated before somebody may cancel it.
const PACKED_CHUNK: usize = 1 << 20;
/// The same in inflated bytes.
const CHUNK: u64 = 4 << 20;

/// The bytes of a section; None if they are damaged, or not as many as it says.
pub(crate) fn inflated<'d>(packed: CompressedData<'d>, cancel: &Cancel) -> Option<Cow<'d, [u8]>> {
    let size = usize::try_from(packed.uncompressed_size).ok()?;
    let mut out = Vec::new();
    match packed.format {
        CompressionFormat::None => return Some(Cow::Borrowed(packed.data)),
        CompressionFormat::Zlib => {
            out.try_reserve_exact(size).ok()?;
            zlib(packed.data, &mut out, cancel)?;
        }
        CompressionFormat::Zstandard => {
            out.try_reserve_exact(size).ok()?;
            zstd(packed.data, size as u64, &mut out, cancel)?;
        }
        _ => return None,
    }
    (out.len() == size).then_some(Cow::Owned(out))
}

/// Fills the room that `out` has.
fn zlib(packed: &[u8], out: &mut Vec<u8>, cancel: &Cancel) -> Option<()> {
    let mut inflating = Decompress::new(true);
    for chunk in packed.chunks(PACKED_CHUNK) {
        if cancel.is_cancelled() {
            return None;
        }
        inflating.decompress_vec(chunk, out, FlushDecompress::None).ok()?;
    }
    Some(())
}

fn zstd(packed: &[u8], size: u64, out: &mut Vec<u8>, cancel: &Cancel) -> Option<()> {
    let mut inflating = StreamingDecoder::new(packed).ok()?;
    while (out.len() as u64) < size && !cancel.is_cancelled() {
        let chunk = CHUNK.min(size - out.len() as u64);
        if inflating.by_ref().take(chunk).read_to_end(out).ok()? == 0 {
            return None;
        }
    }
    Some(())
}
