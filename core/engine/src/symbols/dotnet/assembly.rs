//! Assemblies: PE images that hold metadata of .NET (ECMA-335 II.25) and, if the compiler was told so, their portable PDB.

use std::borrow::Cow;

use object::LittleEndian as LE;
use object::pe::{self, ImageDataDirectory, ImageNtHeaders32, ImageNtHeaders64};
use object::read::pe::{ImageNtHeaders, PeFile};

use super::cursor::Cursor;
use super::documents::inflate;
use super::metadata::Metadata;
use crate::symbols::DebugFileError;
use crate::symbols::ident::DebugId;

const DEBUG_ENTRY_LEN: usize = 28;
const MAX_DEBUG_ENTRIES: usize = 64;
const CODE_VIEW: u32 = 2;
const EMBEDDED_PORTABLE_PDB: u32 = 17;
/// The version of a CodeView entry whose PDB is a portable one.
const PORTABLE: u16 = 0x504d;
/// Only code of .NET, or code of .NET that was compiled ahead of time as well.
const IL_ONLY: u32 = 1;
const MAX_PDB: usize = 1 << 30;
/// Deflate cannot do better.
const MAX_RATIO: usize = 1032;

/// What an image has to say about .NET.
pub(super) struct Assembly<'d> {
    metadata: &'d [u8],
    /// Identity of its portable PDB, as Sentry computes it.
    pub(super) debug_id: Option<DebugId>,
    embedded: Option<(usize, &'d [u8])>,
}

impl<'d> Assembly<'d> {
    /// None if the image is native, or both at once as C++/CLI makes it.
    pub(super) fn parse(data: &'d [u8]) -> Option<Self> {
        match object::FileKind::parse(data).ok()? {
            object::FileKind::Pe64 => Self::read(&PeFile::<ImageNtHeaders64>::parse(data).ok()?),
            object::FileKind::Pe32 => Self::read(&PeFile::<ImageNtHeaders32>::parse(data).ok()?),
            _ => None,
        }
    }

    fn read<H: ImageNtHeaders>(file: &PeFile<'d, H>) -> Option<Self> {
        let header = bytes_of(file, file.data_directories().get(pe::IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR)?)?;
        let mut header = Cursor(header);
        header.take(8)?;
        let metadata = directory(&mut header)?;
        let flags = header.u32()?;
        // Entry point, resources, strong name, code manager table, fixups, export jumps.
        header.take(4 + 5 * 8)?;
        let compiled_ahead = directory(&mut header)?.size.get(LE) > 0;
        if flags & IL_ONLY == 0 && !compiled_ahead {
            return None;
        }
        let mut assembly = Self { metadata: bytes_of(file, &metadata)?, debug_id: None, embedded: None };
        let entries = file.data_directories().get(pe::IMAGE_DIRECTORY_ENTRY_DEBUG);
        for entry in entries
            .and_then(|list| bytes_of(file, list))
            .unwrap_or(&[])
            .chunks_exact(DEBUG_ENTRY_LEN)
            .take(MAX_DEBUG_ENTRIES)
        {
            // A damaged entry costs what it would have said.
            let _damaged = assembly.add(file.data(), entry);
        }
        Some(assembly)
    }

    fn add(&mut self, data: &'d [u8], entry: &[u8]) -> Option<()> {
        let mut entry = Cursor(entry);
        entry.u32()?;
        let (stamp, _major, minor, kind) = (entry.u32()?, entry.u16()?, entry.u16()?, entry.u32()?);
        let (size, _address, start) = (entry.u32()? as usize, entry.u32()?, entry.u32()? as usize);
        let content = data.get(start..start.checked_add(size)?)?;
        match kind {
            CODE_VIEW => {
                let mut content = Cursor(content.strip_prefix(b"RSDS")?);
                let guid = *content.take(16)?.first_chunk()?;
                let age = content.u32()?;
                self.debug_id = Some(DebugId::of_guid(guid, if minor == PORTABLE { stamp } else { age }));
            }
            EMBEDDED_PORTABLE_PDB => {
                let mut content = Cursor(content.strip_prefix(b"MPDB")?);
                self.embedded = Some((content.u32()? as usize, content.0));
            }
            _ => {}
        }
        Some(())
    }

    /// Its own metadata.
    pub(super) fn metadata(&self) -> Option<Metadata<'d>> {
        Metadata::parse(self.metadata)
    }

    /// Whether it holds its portable PDB.
    pub(super) fn has_pdb(&self) -> bool {
        self.embedded.is_some()
    }

    /// The portable PDB in it, inflated; None if there is none.
    pub(super) fn pdb(&self) -> Option<Result<Cow<'d, [u8]>, DebugFileError>> {
        let (size, packed) = self.embedded?;
        let limit = MAX_PDB.min(packed.len().saturating_mul(MAX_RATIO));
        Some(inflate(packed, size, limit).map(Cow::Owned))
    }
}

fn directory(cursor: &mut Cursor<'_>) -> Option<ImageDataDirectory> {
    let (address, size) = (cursor.u32()?, cursor.u32()?);
    Some(ImageDataDirectory {
        virtual_address: object::U32::new(LE, address),
        size: object::U32::new(LE, size),
    })
}

fn bytes_of<'d, H: ImageNtHeaders>(file: &PeFile<'d, H>, directory: &ImageDataDirectory) -> Option<&'d [u8]> {
    directory.data(file.data(), &file.section_table()).ok()
}
