//! Files that hold several images: universal binaries, kernel collections, shared caches.

use object::Endianness;
use object::macho::{self, FilesetEntryCommand};
use object::read::macho::{FatArch, MachHeader, MachOFatFile32, MachOFatFile64};

use super::MAGIC_64;
use super::dyld_cache;
use super::table::Place;

/// More processors than any universal binary is for; Java's class files have the same magic and a greater number.
const MAX_SLICES: usize = 32;
/// Kernel collections have a few hundred extensions.
const MAX_ENTRIES: usize = 1 << 14;
const MAX_NAME: usize = 1024;

/// An image inside of a file.
#[derive(Debug, Clone)]
pub(in super::super) struct Member<'d> {
    /// What offsets count from.
    pub(super) data: &'d [u8],
    /// Offset of the header.
    pub(super) header: u64,
    /// What the file calls it: a path, or the identifier of a kernel extension.
    pub(super) name: Option<String>,
    /// Whether what the linker wrote about the image lies in this file; of a cache in several files it may be in another.
    pub(super) has_linkedit: bool,
    /// Symbols besides those that the load commands point at.
    pub(super) locals: Option<Place>,
}

impl<'d> Member<'d> {
    /// A file that is one image.
    pub(super) fn whole(data: &'d [u8]) -> Self {
        Self { data, header: 0, name: None, has_linkedit: true, locals: None }
    }

    /// The first bytes of the image.
    pub(super) fn magic(&self) -> Option<[u8; 4]> {
        let start = usize::try_from(self.header).ok()?;
        self.data.get(start..)?.first_chunk().copied()
    }
}

/// The images inside of a file; None if it does not hold several.
pub(in super::super) fn members(data: &[u8]) -> Option<Vec<Member<'_>>> {
    if dyld_cache::is_cache(data) {
        return Some(dyld_cache::members(data));
    }
    match slices(data) {
        Some(slices) => {
            let members = |slice| fileset(slice).unwrap_or_else(|| vec![Member::whole(slice)]);
            Some(slices.into_iter().flat_map(members).collect())
        }
        None => fileset(data),
    }
}

/// The files inside of a universal binary; None if the bytes are none.
fn slices(data: &[u8]) -> Option<Vec<&[u8]>> {
    match data.get(..4)? {
        [0xca, 0xfe, 0xba, 0xbe] => contents(data, MachOFatFile32::parse(data).ok()?.arches()),
        [0xca, 0xfe, 0xba, 0xbf] => contents(data, MachOFatFile64::parse(data).ok()?.arches()),
        _ => None,
    }
}

fn contents<'d, A: FatArch>(data: &'d [u8], slices: &[A]) -> Option<Vec<&'d [u8]>> {
    // One that cannot be read must not change the places of the others.
    let content = |slice: &A| slice.data(data).unwrap_or(&[]);
    (slices.len() <= MAX_SLICES).then(|| slices.iter().map(content).collect())
}

/// The kernel and its extensions in a kernel collection (`MH_FILESET`, 64-bit only); None if it is none or empty.
fn fileset(data: &[u8]) -> Option<Vec<Member<'_>>> {
    data.first_chunk().filter(|magic| MAGIC_64.contains(*magic))?;
    let header = macho::MachHeader64::<Endianness>::parse(data, 0).ok()?;
    let endian = header.endian().ok()?;
    if header.filetype(endian) != macho::MH_FILESET {
        return None;
    }
    let mut commands = header.load_commands(endian, data, 0).ok()?;
    let mut found = Vec::new();
    while let Ok(Some(command)) = commands.next() {
        if command.cmd() != macho::LC_FILESET_ENTRY || found.len() == MAX_ENTRIES {
            continue;
        }
        let Ok(entry) = command.data::<FilesetEntryCommand<Endianness>>() else { continue };
        let name = command.string(endian, entry.entry_id).ok().and_then(name_of);
        found.push(Member { header: entry.fileoff.get(endian), name, ..Member::whole(data) });
    }
    (!found.is_empty()).then_some(found)
}

/// A name as text; None where it is none.
pub(super) fn name_of(bytes: &[u8]) -> Option<String> {
    let is_name = !bytes.is_empty() && bytes.len() <= MAX_NAME;
    is_name.then(|| String::from_utf8_lossy(bytes).into_owned())
}
