//! Module data: the runtime's description of the program, which knows where the code and the trees of inlined calls are.
//!
//! It has no symbol in a stripped program. It starts with a pointer to `pclntab`, followed by pointers to its parts.

use super::image::Image;
use super::table::{Table, Version};

/// Words before the start of the code (`runtime.moduledata` of Go 1.16 to 1.26).
const TEXT: u64 = 22;
/// Words before what functions point at.
const GOFUNC_1_18: u64 = 38;
const GOFUNC_1_20: u64 = 40;

/// What is needed of it.
#[derive(Default, Clone, Copy)]
pub(super) struct Module {
    /// Where the code starts.
    pub(super) text: Option<u64>,
    /// What the offsets in functions count from (`go:func.*`).
    pub(super) gofunc: Option<u64>,
}

/// Finds the module data. All None where there is none that fits.
pub(super) fn find(image: &Image<'_>, table: &Table<'_>) -> Module {
    if table.version == Version::Go1_2 {
        return Module::default();
    }
    let places = image.pointers_to(table.address, table.pointer);
    places.into_iter().find_map(|place| read(image, table, place)).unwrap_or_default()
}

fn read(image: &Image<'_>, table: &Table<'_>, place: u64) -> Option<Module> {
    let word = |index: u64| image.pointer_at(place.checked_add(index * table.pointer as u64)?, table.pointer);
    if word(1)? != table.address.checked_add(table.names_offset)? {
        return None;
    }
    let text = word(TEXT).filter(|text| image.code_at(*text).is_some());
    let gofunc = match table.version {
        Version::Go1_18 => word(GOFUNC_1_18),
        Version::Go1_20 => word(GOFUNC_1_20),
        _ => None,
    };
    Some(Module { text, gofunc: gofunc.filter(|address| image.bytes_at(*address).is_some()) })
}
