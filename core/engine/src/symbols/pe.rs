//! PE images (Microsoft's "PE Format"): programs and libraries of Windows, with DWARF where MinGW built them.
//!
//! Visual C++ keeps debug information in a PDB; what is left here are exported names, and where functions lie
//! (`.pdata`).

use std::collections::HashSet;
use std::sync::OnceLock;

use object::pe;
use object::read::pe::{ExportTable, ImageNtHeaders, ImageOptionalHeader, PeFile};
use object::{
    Architecture, CompressedData, LittleEndian as LE, Object, ObjectSection, ObjectSymbol, SymbolKind,
};

use super::code::Code;
use super::debug_file::{Container, Summary, section_of, size_of_section};
use super::error::DebugFileError;
use super::ident::DebugId;
use super::loaded::Part;
use super::symtab::{Binding, Kind, Symbol, Symbols};
use super::text;

pub(super) const MAGIC: [u8; 2] = *b"MZ";
/// Exports are numbered with 16 bits.
const MAX_EXPORTS: usize = 1 << 16;

/// An image of which nothing but headers has been read.
struct Pe<'d, H: ImageNtHeaders> {
    file: PeFile<'d, H>,
    code: Code,
    /// Names of exports that have a number only, made up as `#12`, and their addresses.
    numbered: OnceLock<Vec<(String, u32)>>,
}

/// Parses the headers of an image of either pointer width.
pub(super) fn parse(data: &[u8]) -> Result<Box<dyn Container<'_> + '_>, DebugFileError> {
    match object::FileKind::parse(data)? {
        object::FileKind::Pe64 => Ok(Box::new(Pe::<pe::ImageNtHeaders64>::parse(data)?)),
        _ => Ok(Box::new(Pe::<pe::ImageNtHeaders32>::parse(data)?)),
    }
}

impl<'d, H: ImageNtHeaders> Pe<'d, H> {
    fn parse(data: &'d [u8]) -> Result<Self, DebugFileError> {
        let file = PeFile::<H>::parse(data)?;
        let base = file.relative_address_base();
        let sections = file.section_table();
        let is_code = |section: &&pe::ImageSectionHeader| {
            let wanted = pe::IMAGE_SCN_CNT_CODE.0 | pe::IMAGE_SCN_MEM_EXECUTE.0;
            section.characteristics.get(LE).0 & wanted != 0
        };
        let range = |section: &pe::ImageSectionHeader| {
            let size = section.virtual_size.get(LE).max(section.size_of_raw_data.get(LE));
            let start = base.saturating_add(section.virtual_address.get(LE).into());
            start..start.saturating_add(size.into())
        };
        let code = Code::new(sections.iter().filter(is_code).map(range).collect());
        Ok(Self { file, code, numbered: OnceLock::new() })
    }

    /// Timestamp and size, as Microsoft's symbol servers and Sentry spell it, in lower case.
    fn code_id(&self) -> String {
        let headers = self.file.nt_headers();
        let timestamp = headers.file_header().time_date_stamp.get(LE);
        format!("{timestamp:08x}{:x}", headers.optional_header().size_of_image())
    }

    fn kind(&self) -> &'static str {
        let characteristics = self.file.nt_headers().file_header().characteristics.get(LE).0;
        let is_library = characteristics & pe::IMAGE_FILE_DLL.0 != 0;
        if is_library { "shared library" } else { "executable" }
    }

    /// COFF's symbols, which MinGW leaves in, and exported names.
    fn functions(&self) -> Vec<Symbol<'_>> {
        let symbols = self.file.symbols().filter(|symbol| symbol.is_definition());
        let code = symbols.filter(|symbol| symbol.kind() == SymbolKind::Text);
        let named = code.filter_map(|symbol| {
            let name = text::cut_at_nul(symbol.name_bytes().ok()?, 0)?;
            let binding = if symbol.is_global() { Binding::Global } else { Binding::Local };
            let is_section = name.is_empty() || name.starts_with(b".");
            let name = self.without_underscore(name);
            (!is_section).then(|| Symbol::new(name, symbol.address(), 0, Kind::Function, binding))
        });
        named.chain(self.exports()).chain(self.exports_by_number()).collect()
    }

    /// Code that is exported by a number alone; one that has a name too goes by that.
    fn exports_by_number(&self) -> impl Iterator<Item = Symbol<'_>> {
        let base = self.file.relative_address_base();
        let numbered = self
            .numbered
            .get_or_init(|| self.file.export_table().ok().flatten().map_or_else(Vec::new, numbered));
        numbered.iter().map(move |(name, address)| {
            let address = base.saturating_add(u64::from(*address));
            Symbol::new(name.as_bytes(), address, 0, Kind::Function, Binding::Local).exported()
        })
    }

    fn exports(&self) -> impl Iterator<Item = Symbol<'d>> {
        let base = self.file.relative_address_base();
        let table = self.file.export_table().ok().flatten();
        let count = table.as_ref().map_or(0, |table| table.name_iter().count().min(MAX_EXPORTS));
        let names = table.into_iter().flat_map(move |table| {
            let named: Vec<_> = table.name_iter().take(count).collect();
            named.into_iter().filter_map(move |(name, index)| {
                let name = text::cut_at_nul(table.name_from_pointer(name).ok()?, 0)?;
                let address = table.address_by_index(index).ok()?;
                let is_own = !table.is_forward(address) && !name.is_empty();
                is_own.then_some((name, address))
            })
        });
        names.map(move |(name, address)| {
            let address = base.saturating_add(address.into());
            Symbol::new(name, address, 0, Kind::Function, Binding::Weak).exported()
        })
    }

    /// Where functions start and end by `.pdata`, ascending.
    fn bounds(&self) -> Vec<u64> {
        let entry_size = match self.file.architecture() {
            Architecture::X86_64 => 12,
            Architecture::Aarch64 => 8,
            _ => return Vec::new(),
        };
        let base = self.file.relative_address_base();
        let data = self.file.section_by_name(".pdata").and_then(|section| section.data().ok()).unwrap_or(&[]);
        let mut bounds = Vec::new();
        for entry in data.chunks_exact(entry_size) {
            let word = |at: usize| entry.get(at..at + 4).and_then(|word| word.first_chunk()).copied();
            let rva = |at| word(at).map(u32::from_le_bytes).filter(|rva| *rva != 0);
            // The second word of ARM64's entries is no address.
            let ends = [rva(0), rva(4).filter(|_| entry_size == 12)];
            bounds.extend(ends.into_iter().flatten().map(|rva| base.saturating_add(rva.into())));
        }
        bounds.sort_unstable();
        bounds.dedup();
        bounds
    }

    /// Only 32-bit Windows puts an underscore before the names of C.
    fn without_underscore(&self, name: &'d [u8]) -> &'d [u8] {
        let has = self.file.architecture() == Architecture::I386;
        name.strip_prefix(b"_").filter(|_| has).unwrap_or(name)
    }
}

impl<'d, H: ImageNtHeaders> Container<'d> for Pe<'d, H> {
    fn summarize(&self) -> Summary {
        let code_view = self.file.pdb_info().ok().flatten();
        Summary {
            format: "pe",
            index: 0,
            image_name: None,
            arch: arch(self.file.architecture()),
            kind: self.kind(),
            code_id: Some(self.code_id()),
            debug_id: code_view.map(|info| DebugId::of_guid(info.guid(), info.age())),
            debug_link: code_view.and_then(|info| file_name(info.path())),
            debug_link_crc: None,
            split_ids: Vec::new(),
            load_address: self.file.relative_address_base(),
            has_debug_info: size_of_section(&self.file, ".debug_info") > 0,
            has_symbols: self.functions().iter().any(|symbol| self.code.containing(symbol.address).is_some()),

            has_hidden_names: false,
            has_debug_map: false,
        }
    }

    fn origin(&self) -> u64 {
        self.file.relative_address_base()
    }

    fn code(&self) -> &Code {
        &self.code
    }

    fn is_little_endian(&self) -> bool {
        true
    }

    fn section(&self, name: &str) -> CompressedData<'d> {
        section_of(&self.file, name)
    }

    fn arch(&self) -> &'static str {
        arch(self.file.architecture())
    }

    fn section_address(&self, name: &str) -> u64 {
        self.file.section_by_name(name).map_or(0, |section| section.address())
    }

    fn parts(&self) -> Vec<Part<'d>> {
        let part = |section: object::read::pe::PeSection<'d, '_, H>| {
            Some(Part { address: section.address(), bytes: section.data().ok()? })
        };
        self.file.sections().filter_map(part).collect()
    }

    fn exception_table(&self) -> Option<Part<'d>> {
        let directory = self.file.data_directory(pe::IMAGE_DIRECTORY_ENTRY_EXCEPTION)?;
        let bytes = directory.data(self.file.data(), &self.file.section_table()).ok()?;
        let address = self.file.relative_address_base() + u64::from(directory.virtual_address.get(LE));
        Some(Part { address, bytes })
    }

    fn symbols(&self) -> Symbols<'_> {
        Symbols::bounded(self.functions().into_iter(), &self.bounds(), &self.code)
    }
}

/// The exports of a library that have no name.
fn numbered(table: ExportTable<'_>) -> Vec<(String, u32)> {
    let named: HashSet<u32> =
        table.name_iter().take(MAX_EXPORTS).map(|(_, index)| u32::from(index.0)).collect();
    let addresses = table.addresses().iter().take(MAX_EXPORTS).map(|address| address.get(LE)).zip(0u32..);
    let is_wanted =
        |address: u32, index: u32| address != 0 && !table.is_forward(address) && !named.contains(&index);
    addresses
        .filter(|(address, index)| is_wanted(*address, *index))
        .map(|(address, index)| (format!("#{}", u32::from(table.ordinal_base()) + index), address))
        .collect()
}

/// The last component of a path of any system; None if it is empty.
fn file_name(path: &[u8]) -> Option<String> {
    let name = path.rsplit(|byte| matches!(byte, b'/' | b'\\')).next()?;
    (!name.is_empty()).then(|| String::from_utf8_lossy(name).into_owned())
}

fn arch(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::I386 => "x86",
        Architecture::Aarch64 => "arm64",
        Architecture::Arm => "arm",
        _ => "unknown",
    }
}
