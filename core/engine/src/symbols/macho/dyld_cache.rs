//! The shared cache (`dyld_cache_format.h` of dyld): the system's libraries in one file, or in several since iOS 15.
//!
//! Each library has its Mach-O header, segments and UUID still; its symbols lie in a common `__LINKEDIT`. Names that are
//! not exported stand in a table of their own, which only the older caches have in the same file.

use object::macho::{DyldCacheHeader, DyldCacheImageInfo, DyldCacheMappingInfo, MachHeader32, MachHeader64};
use object::read::ReadRef;
use object::read::macho::{MachHeader, Segment};
use object::{Endianness, LittleEndian as LE, U32};

use super::MAGIC_64;
use super::members::{Member, name_of};
use super::table::Place;

/// The first bytes; the processor comes behind them.
const MAGIC: &[u8] = b"dyld_v1";
const MAGIC_LEN: usize = 16;
/// Systems have about three thousand libraries.
const MAX_IMAGES: usize = 1 << 14;
const MAX_MAPPINGS: usize = 256;
/// Header's length from which on the cache may be in several files, and the local symbols in one of their own.
const SPLIT_HEADER: u32 = 0x1c8;

/// Whether the bytes are a shared cache.
pub(in super::super) fn is_cache(data: &[u8]) -> bool {
    data.starts_with(MAGIC) && data.get(MAGIC_LEN - 1) == Some(&0)
}

/// The libraries whose headers are in this file.
pub(super) fn members(data: &[u8]) -> Vec<Member<'_>> {
    Cache::parse(data).map(|cache| cache.members().collect()).unwrap_or_default()
}

struct Cache<'d> {
    data: &'d [u8],
    images: &'d [DyldCacheImageInfo<LE>],
    mappings: &'d [DyldCacheMappingInfo<LE>],
    locals: Vec<(u64, Place)>,
}

impl<'d> Cache<'d> {
    fn parse(data: &'d [u8]) -> Option<Self> {
        let header = DyldCacheHeader::<LE>::parse(data).ok()?;
        let (offset, count) = (header.mapping_offset.get(LE), header.mapping_count.get(LE) as usize);
        let mappings = data.read_slice_at(offset.into(), count.min(MAX_MAPPINGS)).ok()?;
        let images = header.images(LE, data).ok()?;
        let images = images.get(..MAX_IMAGES).unwrap_or(images);
        let is_split = offset >= SPLIT_HEADER;
        let locals = if is_split { None } else { locals(data, header.local_symbols_offset.get(LE)) };
        Some(Self { data, images, mappings, locals: locals.unwrap_or_default() })
    }

    fn members(&self) -> impl Iterator<Item = Member<'d>> {
        self.images.iter().filter_map(|image| {
            let header = self.offset_of(image.address.get(LE))?;
            let name = image.path(LE, self.data).ok().and_then(name_of);
            let member = Member { name, header, ..Member::whole(self.data) };
            let has_linkedit = self.has_linkedit(&member);
            let found = self.locals.binary_search_by_key(&header, |(library, _)| *library).ok();
            let locals = found.and_then(|index| self.locals.get(index)).map(|(_, place)| *place);
            Some(Member { has_linkedit, locals, ..member })
        })
    }

    /// Where the byte at a virtual address lies in this file; None if in another one.
    fn offset_of(&self, address: u64) -> Option<u64> {
        self.mappings.iter().find_map(|mapping| {
            let distance = address.checked_sub(mapping.address.get(LE))?;
            let within = (distance < mapping.size.get(LE)).then_some(distance)?;
            mapping.file_offset.get(LE).checked_add(within)
        })
    }

    fn has_linkedit(&self, member: &Member<'d>) -> bool {
        let place = match member.magic() {
            Some(magic) if MAGIC_64.contains(&magic) => linkedit::<MachHeader64<Endianness>>(member),
            _ => linkedit::<MachHeader32<Endianness>>(member),
        };
        place.is_some_and(|(address, offset)| self.offset_of(address) == Some(offset))
    }
}

/// Virtual address and offset in its file of an image's `__LINKEDIT`.
fn linkedit<H: MachHeader>(member: &Member<'_>) -> Option<(u64, u64)> {
    let header = H::parse(member.data, member.header).ok()?;
    let endian = header.endian().ok()?;
    let mut commands = header.load_commands(endian, member.data, member.header).ok()?;
    while let Ok(Some(command)) = commands.next() {
        if let Ok(Some((segment, _))) = H::Segment::from_command(command)
            && segment.name() == b"__LINKEDIT"
        {
            return Some((segment.vmaddr(endian).into(), segment.fileoff(endian).into()));
        }
    }
    None
}

/// Where the names that are not exported lie, by the offset of their library's header, ascending
/// (`dyld_cache_local_symbols_info`).
fn locals(data: &[u8], at: u64) -> Option<Vec<(u64, Place)>> {
    if at == 0 {
        return None;
    }
    let [nlists, _, strings, strings_len, entries, count] =
        data.read_at::<[U32<LE>; 6]>(at).ok()?.map(|field| u64::from(field.get(LE)));
    let nlists = at.checked_add(nlists)?;
    let strings = at.checked_add(strings)?;
    let count = usize::try_from(count).ok()?.min(MAX_IMAGES);
    let entries = data.read_slice_at::<[U32<LE>; 3]>(at.checked_add(entries)?, count).ok()?;
    let entry_size = nlist_size(data)?;
    let mut found: Vec<_> = entries
        .iter()
        .map(|entry| {
            let [library, first, count] = entry.map(|field| u64::from(field.get(LE)));
            let place =
                Place { nlists: nlists.saturating_add(first * entry_size), count, strings, strings_len };
            (library, place)
        })
        .collect();
    found.sort_by_key(|(library, _)| *library);
    Some(found)
}

/// Bytes of a symbol, by the processor in the magic number.
fn nlist_size(data: &[u8]) -> Option<u64> {
    let name = data.get(MAGIC.len()..MAGIC_LEN)?;
    let is_64 = name.windows(2).any(|pair| pair == b"64") && !name.ends_with(b"_32\0");
    Some(if is_64 { 16 } else { 12 })
}
