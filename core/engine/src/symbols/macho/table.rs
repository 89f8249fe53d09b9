//! Symbol tables (`<mach-o/nlist.h>`): names of functions, and the notes that a linker left for the debugger.

use memchr::memmem;
use object::macho;
use object::read::macho::{MachHeader, Nlist};
use object::read::{ReadRef, StringTable};

use crate::symbols::symtab::{Binding, Kind, Symbol};
use crate::symbols::text;

/// What stands in a shared cache for names that are kept elsewhere.
const REDACTED: &[u8] = b"<redacted>";

/// How names begin that stand in a symbol map (`.bcsymbolmap`).
const HIDDEN: &[u8] = b"__hidden#";

/// Where a table lies in its file, in bytes, and how many symbols it has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) nlists: u64,
    pub(super) count: u64,
    pub(super) strings: u64,
    pub(super) strings_len: u64,
}

/// The symbols and their names.
pub(super) struct Table<'d, H: MachHeader> {
    endian: H::Endian,
    symbols: &'d [H::Nlist],
    strings: StringTable<'d>,
    /// All of the names.
    text: &'d [u8],
}

impl<'d, H: MachHeader> Table<'d, H> {
    /// The table at a place; None if the file does not reach that far.
    pub(super) fn read(data: &'d [u8], place: Place, endian: H::Endian) -> Option<Self> {
        let count = usize::try_from(place.count).ok()?;
        let symbols = data.read_slice_at(place.nlists, count).ok()?;
        let end = place.strings.checked_add(place.strings_len)?;
        let text = data.read_bytes_at(place.strings, place.strings_len).unwrap_or(&[]);
        Some(Self { endian, symbols, strings: StringTable::new(data, place.strings, end), text })
    }

    /// Definitions by name and address, whether of code or of data.
    pub(super) fn definitions(&self) -> impl Iterator<Item = Symbol<'d>> {
        let (endian, strings) = (self.endian, self.strings);
        self.symbols.iter().filter_map(move |entry| {
            if entry.is_stab() || !entry.is_definition() {
                return None;
            }
            let name = entry.name(endian, strings).ok().filter(|name| *name != REDACTED)?;
            let name = text::cut_at_nul(without_underscore(name), 0).filter(|name| !name.is_empty())?;
            let address: u64 = entry.n_value(endian).into();
            Some(Symbol::new(name, address, 0, Kind::Function, binding(entry, endian)))
        })
    }

    /// Whether names stand in a symbol map instead.
    pub(super) fn has_hidden_names(&self) -> bool {
        memmem::find(self.text, HIDDEN).is_some()
    }

    /// Whether it names the object files that the image was linked from: a debug map, which `dsymutil` goes by.
    pub(super) fn has_debug_map(&self) -> bool {
        self.symbols.iter().any(|entry| entry.stab() == Some(macho::N_OSO))
    }
}

/// C compilers put an underscore before every name; names that bitcode hides are the same in debug information.
pub(super) fn without_underscore(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"_").filter(|_| !name.starts_with(HIDDEN)).unwrap_or(name)
}

fn binding<N: Nlist>(entry: &N, endian: N::Endian) -> Binding {
    let is_external = entry.n_type().0 & macho::N_EXT.0 != 0;
    match (is_external, entry.n_desc(endian).0 & macho::N_WEAK_DEF.0 != 0) {
        (false, _) => Binding::Local,
        (true, true) => Binding::Weak,
        (true, false) => Binding::Global,
    }
}
