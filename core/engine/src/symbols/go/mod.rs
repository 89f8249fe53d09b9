//! Programs of Go without DWARF: the tables that its runtime prints stack traces from, which no stripping removes.
//!
//! Sources: `runtime/symtab.go`, `runtime/symtabinl.go` and `debug/gosym` of the Go distribution (structures and their
//! meaning). The trees of inlined calls need the module data from Go 1.18 on; where it cannot be found, functions and
//! lines are given without them, and so they are for programs of Go before 1.16.

mod functions;
mod image;
mod module;
mod table;
mod values;

use super::dwarf::UnitPieces;
use image::Image;
use module::Module;
use table::{Table, Version};

/// Room for alignment behind the last function.
const SLACK: u64 = 64;

/// Whether a program has the tables.
pub(super) fn has_table(data: &[u8]) -> bool {
    Image::parse(data).is_some_and(|image| Table::find(&image).is_some())
}

/// Functions, inlined calls, files and lines; None if the program is not one of Go.
pub(super) fn read(data: &[u8]) -> Option<UnitPieces<'_>> {
    let mut image = Image::parse(data)?;
    let table = Table::find(&image)?;
    image.read_relocations(data);
    let module = module::find(&image, &table);
    let text = if table.version < Version::Go1_18 { 0 } else { text_start(&image, &table, module)? };
    Some(functions::read(&image, &table, module, text))
}

/// Where the code starts. None where nothing says so for certain: a wrong start would give wrong functions.
fn text_start(image: &Image<'_>, table: &Table<'_>, module: Module) -> Option<u64> {
    let said = Some(table.text_start).filter(|text| image.code_at(*text).is_some());
    module.text.or(said).or_else(|| {
        // Go's own linker puts nothing else into the section, so the functions must fill it.
        let size = table.entry_size();
        let end = image.number(table.functions, table.count * 2 * size, size)?;
        let fits = |len: u64| len >= end && len - end < SLACK;
        let mut code = image.sections.iter().filter(|section| section.is_code);
        code.find(|section| fits(section.size)).map(|section| section.address)
    })
}
