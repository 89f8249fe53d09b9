//! What a dump has of the memory of a process, and what the files of its images have of the rest.

use super::references::Places;
use super::walk::Image;

/// Bytes at an address of the process.
#[derive(Debug, Clone, Copy)]
pub struct Region<'m> {
    /// Where the bytes begin.
    pub address: u64,
    /// The bytes.
    pub bytes: &'m [u8],
}

impl Region<'_> {
    fn read(&self, address: u64, len: usize) -> Option<&[u8]> {
        let start = usize::try_from(address.checked_sub(self.address)?).ok()?;
        self.bytes.get(start..start.checked_add(len)?)
    }
}

/// Memory of the process. Little endian, as all processors are that are walked.
pub(super) struct Memory<'m> {
    pub(super) regions: &'m [Region<'m>],
    pub(super) images: &'m [Image<'m>],
    pub(super) places: Places,
}

impl Memory<'_> {
    /// An unsigned number of at most eight bytes.
    pub(super) fn read(&self, address: u64, size: u64) -> Option<u64> {
        let size = usize::try_from(size).ok().filter(|size| *size <= 8)?;
        let bytes = self.bytes(address, size)?;
        let mut number = [0; 8];
        number.get_mut(..size)?.copy_from_slice(bytes);
        Some(u64::from_le_bytes(number))
    }

    /// Bytes in a dump's memory or in an image's file.
    pub(super) fn bytes(&self, address: u64, len: usize) -> Option<&[u8]> {
        let dumped = self.regions.iter().find_map(|region| region.read(address, len));
        dumped.or_else(|| self.of_file(address, len))
    }

    /// Bytes of an image as its file has them: code and constants. What the process may have written is left out.
    pub(super) fn of_file(&self, address: u64, len: usize) -> Option<&[u8]> {
        let image = self.image_at(address)?;
        image.infos.iter().find_map(|info| info.bytes(image.virtual_address(info, address), len))
    }

    /// The image that an address lies in.
    pub(super) fn image_at(&self, address: u64) -> Option<&Image<'_>> {
        self.images.get(self.places.at(address)?)
    }

    /// Whether the dump has the byte at an address.
    pub(super) fn is_dumped(&self, address: u64) -> bool {
        self.regions.iter().any(|region| region.read(address, 1).is_some())
    }
}
