//! The pieces of all units and the symbols, put in order of address.
//!
//! Units contradict each other where the linker folded equal functions or where debug info is damaged. At every
//! address a function wins over lines without function, the shorter piece over the longer, the earlier unit
//! over the later; symbols answer where no debug info does.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::budget::Effort;
use super::conversion::Frame;
use super::demangle::language_code;
use super::dwarf::{NONE, Name, Piece, Row, Text, UnitPieces};
use super::error::DebugFileError;
use super::intervals::{Cover, Interval, flatten};
use super::spelling::{is_part, mangled_form, symbol_name, whole};
use super::symcache::{Builder, Display, Function, Location, UNKNOWN_ENTRY};
use super::symtab::{MAX_NEAR, Symbol, Symbols};

const FROM_DEBUG_INFO: u32 = 1;
const FROM_SYMBOLS: u32 = 2;
const FROM_EXPORTS: u32 = 4;
const FROM_NEAREST: u32 = 8;
const LANGUAGE_SHIFT: u32 = 8;

/// Writes everything that is known into `builder`. Returns the number of functions that have code.
pub(super) fn assemble(
    units: &[UnitPieces<'_>],
    symbols: &Symbols<'_>,
    frame: &Frame<'_>,
    builder: &mut Builder,
) -> Result<u64, DebugFileError> {
    let places = units.iter().map(UnitPlaces::new).collect();
    let mut assembly = Assembly {
        units,
        symbols,
        frame,
        effort: Effort::new(frame.room),
        builder,
        places,
        symbol_scopes: HashMap::default(),
        strings: HashMap::default(),
        nameless: None,
        functions: 0,
        next_symbol: 0,
        described: 0..0,
    };
    let mut at = 0;
    for cover in flatten(claims(units)) {
        assembly.symbols_between(at, cover.start)?;
        assembly.piece(&cover)?;
        at = cover.end;
    }
    assembly.symbols_between(at, u64::MAX)?;
    if frame.with_names {
        assembly.names()?;
    }
    Ok(assembly.functions)
}

type Strength = (bool, Reverse<u64>);
type PieceId = (Reverse<u32>, u32);

fn claims(units: &[UnitPieces<'_>]) -> Vec<Interval<Strength, PieceId>> {
    let pieces = units.iter().enumerate().flat_map(|(unit, pieces)| {
        pieces.pieces.iter().enumerate().map(move |(index, piece)| (unit as u32, index as u32, piece))
    });
    let claim = |(unit, index, piece): (u32, u32, &Piece)| Interval {
        start: piece.start,
        end: piece.end,
        priority: (piece.function != NONE, Reverse(piece.end - piece.start)),
        item: (Reverse(unit), index),
    };
    pieces.map(claim).collect()
}

struct Assembly<'a, 'd> {
    units: &'a [UnitPieces<'d>],
    symbols: &'a Symbols<'d>,
    frame: &'a Frame<'a>,
    effort: Effort,
    builder: &'a mut Builder,
    places: Vec<UnitPlaces>,
    symbol_scopes: HashMap<u32, u32, RandomState>,
    /// Strings of the index by their places in string tables, where most names stand once for all units.
    strings: HashMap<(usize, usize), u32, RandomState>,
    nameless: Option<u32>,
    functions: u64,
    /// The first symbol that does not end before what is written next.
    next_symbol: usize,
    /// Where the last function of debug info is entered and where it ends: no symbol before it answers beyond it.
    described: Range<u64>,
}

/// Where the things of a unit are in the index; [`NONE`] if they are not there yet.
struct UnitPlaces {
    files: Vec<u32>,
    scopes: Vec<u32>,
    /// Functions that are inlined, by their names in the unit.
    functions: Vec<u32>,
    /// Scopes of functions of which the compiler split off a part, by the symbol of that part.
    split: HashMap<(u32, u32), u32>,
}

impl UnitPlaces {
    fn new(unit: &UnitPieces<'_>) -> Self {
        Self {
            files: vec![NONE; unit.files.len()],
            scopes: vec![NONE; unit.scopes.len()],
            functions: vec![NONE; unit.names.len()],
            split: HashMap::new(),
        }
    }
}

impl<'a, 'd> Assembly<'a, 'd> {
    fn relative(&self, address: u64) -> u64 {
        address.wrapping_sub(self.frame.origin)
    }

    fn row(&mut self, start: u64, location: Option<Location>) -> Result<(), DebugFileError> {
        self.frame.cancel.check()?;
        self.builder.row(self.relative(start), location)
    }

    fn piece(&mut self, cover: &Cover<PieceId>) -> Result<(), DebugFileError> {
        let (Reverse(unit), index) = cover.item;
        let (unit, pieces) = (unit as usize, &self.units[unit as usize]);
        let piece = &pieces.pieces[index as usize];
        let rows = &pieces.rows[piece.rows.clone()];
        let first = rows.partition_point(|row| row.start <= cover.start).saturating_sub(1);
        let after = rows.partition_point(|row| row.start < cover.end);
        let rows = &rows[first..after];
        if piece.function == NONE {
            return self.lines_alone(unit, rows, cover);
        }
        self.described = pieces.scopes[piece.function as usize].entry..cover.end;
        let symbol = self.other_symbol(unit, piece);
        for row in rows {
            let scope = self.scope(unit, row.scope, symbol)?;
            let file = self.file(unit, row.file)?;
            let location = Location { scope, file, line: row.line, column: row.column };
            self.row(row.start.max(cover.start), Some(location))?;
        }
        Ok(())
    }

    /// Code of which only the lines are known: the symbols name the functions.
    fn lines_alone(
        &mut self,
        unit: usize,
        rows: &[Row],
        cover: &Cover<PieceId>,
    ) -> Result<(), DebugFileError> {
        for (index, row) in rows.iter().enumerate() {
            let file = self.file(unit, row.file)?;
            let mut at = row.start.max(cover.start);
            let end = rows.get(index + 1).map_or(cover.end, |next| next.start);
            while at < end {
                let (symbol, until) = self.symbol_around(at);
                let scope = match symbol {
                    Some(symbol) => self.symbol_scope(symbol)?,
                    None => self.nameless()?,
                };
                self.row(at, Some(Location { scope, file, line: row.line, column: row.column }))?;
                at = until.min(end);
            }
        }
        Ok(())
    }

    /// The index of the symbol around `address`, and up to where that answer holds.
    fn symbol_around(&self, address: u64) -> (Option<u32>, u64) {
        let covers = self.symbols.covers();
        let after = covers.partition_point(|cover| cover.start <= address);
        let next = covers.get(after).map_or(u64::MAX, |cover| cover.start);
        match covers[..after].last() {
            Some(cover) if address < cover.end => (Some(cover.item), cover.end),
            _ => (None, next),
        }
    }

    /// The scope of all code that has lines and no function.
    fn nameless(&mut self) -> Result<u32, DebugFileError> {
        if let Some(scope) = self.nameless {
            return Ok(scope);
        }
        let function = self.builder.function(&UNNAMED)?;
        let scope = self.builder.outermost(function, UNKNOWN_ENTRY)?;
        self.nameless = Some(scope);
        Ok(scope)
    }

    /// Code that no debug info describes.
    fn symbols_between(&mut self, from: u64, to: u64) -> Result<(), DebugFileError> {
        if from >= to {
            return Ok(());
        }
        let covers = self.symbols.covers();
        while covers.get(self.next_symbol).is_some_and(|cover| cover.end <= from) {
            self.next_symbol += 1;
        }
        let mut at = from;
        for cover in covers[self.next_symbol..].iter().take_while(|cover| cover.start < to) {
            let start = cover.start.max(at);
            if at < start {
                self.unnamed(at, start)?;
            }
            self.named(start, cover, to)?;
            at = cover.end.min(to);
        }
        if at < to { self.unnamed(at, to) } else { Ok(()) }
    }

    /// Code of a symbol. One without a size does not go on behind a function that debug info has in its stretch; if it
    /// is that one's own, it is near.
    fn named(&mut self, start: u64, cover: &Cover<u32>, to: u64) -> Result<(), DebugFileError> {
        let symbol = &self.symbols.all()[cover.item as usize];
        if symbol.size == 0 && cover.start < self.described.end {
            let is_own = symbol.address == self.described.start;
            let end = if is_own { start.saturating_add(MAX_NEAR).min(cover.end) } else { start };
            return self.nearest(&Cover { start, end, item: cover.item }, start, to.min(cover.end));
        }
        let scope = self.symbol_scope(cover.item)?;
        self.row(start, Some(Location { scope, file: None, line: 0, column: 0 }))
    }

    /// Code that no symbol claims: the one before it is near, unless debug info has a function between them.
    fn unnamed(&mut self, from: u64, to: u64) -> Result<(), DebugFileError> {
        match self.symbols.near(from).filter(|near| near.start >= self.described.end).cloned() {
            Some(near) => self.nearest(&near, from, to),
            None => self.row(from, None),
        }
    }

    /// Code from `from` up to `to`, of which the symbol of `near` is the nearest as far as that reaches.
    fn nearest(&mut self, near: &Cover<u32>, from: u64, to: u64) -> Result<(), DebugFileError> {
        if near.end <= from {
            return self.row(from, None);
        }
        let symbol = &self.symbols.all()[near.item as usize];
        let function =
            self.builder.function(&Function { flags: near_flags(symbol), ..symbol_function(symbol) })?;
        let scope = self.builder.outermost(function, self.relative(symbol.address))?;
        self.row(from, Some(Location { scope, file: None, line: 0, column: 0 }))?;
        if near.end < to { self.row(near.end, None) } else { Ok(()) }
    }

    fn symbol_scope(&mut self, index: u32) -> Result<u32, DebugFileError> {
        if let Some(&scope) = self.symbol_scopes.get(&index) {
            return Ok(scope);
        }
        let symbol = &self.symbols.all()[index as usize];
        let function = self.builder.function(&symbol_function(symbol))?;
        let scope = self.builder.outermost(function, self.relative(symbol.address))?;
        self.symbol_scopes.insert(index, scope);
        self.functions += 1;
        Ok(scope)
    }

    fn file(&mut self, unit: usize, file: u32) -> Result<Option<u32>, DebugFileError> {
        let Some(known) = self.places[unit].files.get(file as usize) else { return Ok(None) };
        if *known != NONE {
            return Ok(Some(*known));
        }
        let id = self.builder.file(&self.units[unit].files[file as usize])?;
        self.places[unit].files[file as usize] = id;
        Ok(Some(id))
    }

    /// The scope in the index for a scope of a unit; the ones around it are written before it.
    fn scope(&mut self, unit: usize, scope: u32, split: Option<u32>) -> Result<u32, DebugFileError> {
        let mut missing = Vec::new();
        let mut at = scope;
        let mut known = NONE;
        while at != NONE && known == NONE {
            known = self.known_scope(unit, at, split);
            if known == NONE {
                missing.push(at);
                at = self.units[unit].scopes[at as usize].parent;
            }
        }
        while let Some(at) = missing.pop() {
            known = self.write_scope(unit, at, known, split)?;
            match split {
                Some(symbol) => drop(self.places[unit].split.insert((at, symbol), known)),
                None => self.places[unit].scopes[at as usize] = known,
            }
        }
        Ok(known)
    }

    fn known_scope(&self, unit: usize, scope: u32, split: Option<u32>) -> u32 {
        let places = &self.places[unit];
        match split {
            Some(symbol) => places.split.get(&(scope, symbol)).copied().unwrap_or(NONE),
            None => places.scopes[scope as usize],
        }
    }

    fn write_scope(
        &mut self,
        unit: usize,
        scope: u32,
        parent: u32,
        split: Option<u32>,
    ) -> Result<u32, DebugFileError> {
        let data = self.units[unit].scopes[scope as usize];
        if data.parent != NONE {
            let function = self.inlined_function(unit, data.name)?;
            let file = self.file(unit, data.call_file)?;
            return self.builder.inlined(function, parent, file, data.call_line, data.call_column);
        }
        let name = self.units[unit].names.get(data.name as usize);
        let part = split.map(|index| &self.symbols.all()[index as usize]);
        let function = self.builder.function(&outermost_function(name, self.aliases(data.entry), part))?;
        self.functions += 1;
        self.builder.outermost(function, self.relative(data.entry))
    }

    /// The function in the index for a call that was inlined; `name` is an index into the names of the unit.
    fn inlined_function(&mut self, unit: usize, name: u32) -> Result<u32, DebugFileError> {
        let Some(known) = self.places[unit].functions.get(name as usize).copied() else {
            return self.builder.function(&UNNAMED);
        };
        if known != NONE {
            return Ok(known);
        }
        let units = self.units;
        let called = &units[unit].names[name as usize];
        let id = match &called.linkage {
            Some(linkage) => {
                let string = self.string(linkage)?;
                self.builder.mangled_function(string, unit_flags(called))
            }
            None => self.builder.function(&unit_function(called))?,
        };
        self.places[unit].functions[name as usize] = id;
        Ok(id)
    }

    fn string(&mut self, text: &Text<'d>) -> Result<u32, DebugFileError> {
        let Some(place) = text.place() else { return self.builder.string(text.bytes()) };
        if let Some(&id) = self.strings.get(&place) {
            return Ok(id);
        }
        let id = self.builder.string(text.bytes())?;
        self.strings.insert(place, id);
        Ok(id)
    }

    /// The symbol of a piece, if the function is not called so: an alias, or the name of a part that the
    /// compiler split off (the function's name and a suffix such as `.cold`).
    fn other_symbol(&self, unit: usize, piece: &Piece) -> Option<u32> {
        let scope = &self.units[unit].scopes[piece.function as usize];
        let name = self.units[unit].names.get(scope.name as usize);
        let own = name.map_or(&[][..], |name| symbol_name(name, self.symbols.aliases(scope.entry)));
        let first = self.symbol_around(piece.start).0?;
        let aliases = self.aliases(self.symbols.all()[first as usize].address);
        if aliases.iter().any(|alias| alias.name == own) {
            return None;
        }
        // One constructor serves as two, and its part may be called by the other's name.
        let entries = self.aliases(scope.entry);
        let is_own =
            |part: &[u8]| is_part(part, own) || entries.iter().any(|entry| is_part(part, entry.name));
        let parts = aliases.iter().position(|alias| alias.name.contains(&b'.') && is_own(alias.name));
        let is_entry = aliases.first().is_some_and(|alias| alias.address == scope.entry);
        parts.or(is_entry.then_some(0)).map(|index| first + index as u32)
    }

    /// The symbols at an address, for a search in their names; none once that was asked for too often.
    fn aliases(&self, address: u64) -> &'a [Symbol<'d>] {
        let symbols = self.symbols;
        let aliases = symbols.aliases(address);
        // Counting them costs as well where there are millions.
        if !self.effort.take(aliases.len() as u64) {
            return &[];
        }
        let bytes = aliases.iter().map(|alias| alias.name.len() as u64).sum();
        if self.effort.take(bytes) { aliases } else { &[] }
    }

    /// Symbols, and functions at whose entry there is none, for the lookup by name.
    fn names(&mut self) -> Result<(), DebugFileError> {
        for symbol in self.symbols.all() {
            self.frame.cancel.check()?;
            self.builder.name(symbol.name, self.relative(symbol.address))?;
        }
        for unit in self.units {
            let functions = unit.scopes.iter().filter(|scope| scope.parent == NONE);
            for function in functions.filter(|function| self.symbols.at(function.entry).is_none()) {
                self.frame.cancel.check()?;
                let Some(name) = unit.names.get(function.name as usize) else { continue };
                if let Some(known) = known_name(name) {
                    self.builder.name(known, self.relative(function.entry))?;
                }
            }
        }
        Ok(())
    }
}

fn known_name<'a>(name: &'a Name<'_>) -> Option<&'a [u8]> {
    let linkage = name.linkage.as_ref().map(Text::bytes);
    linkage.or(name.qualified.as_deref()).or(name.plain.as_ref().map(Text::bytes))
}

const UNNAMED: Function<'static> =
    Function { linkage: None, display: Display::Demangled, flags: FROM_DEBUG_INFO };

fn unit_flags(name: &Name<'_>) -> u32 {
    FROM_DEBUG_INFO | u32::from(name.language) << LANGUAGE_SHIFT
}

fn unit_function<'a>(name: &'a Name<'_>) -> Function<'a> {
    let flags = unit_flags(name);
    match (name.linkage.as_ref().map(Text::bytes), &name.qualified) {
        (Some(linkage), _) => Function { linkage: Some(linkage), display: Display::Demangled, flags },
        (None, Some(qualified)) => Function { linkage: None, display: Display::AsIs(qualified), flags },
        // A name without scopes is the symbol's name as well.
        (None, None) => {
            Function { linkage: name.plain.as_ref().map(Text::bytes), display: Display::Demangled, flags }
        }
    }
}

/// What a function is called: debug info says what to show, the symbol table what the linker saw.
///
/// `aliases`: symbols at the function's entry. `symbol`: the one to give as mangled name instead of its own.
/// C++ compilers leave out the linkage name of functions that are local to their file; the symbol has it.
fn outermost_function<'a>(
    name: Option<&'a Name<'_>>,
    aliases: &'a [Symbol<'_>],
    symbol: Option<&'a Symbol<'_>>,
) -> Function<'a> {
    let Some(name) = name else {
        return symbol.or(aliases.first()).map_or(UNNAMED, symbol_function);
    };
    let mut function = unit_function(name);
    if name.linkage.is_none() {
        if let Some(mangled) = mangled_form(name, aliases) {
            (function.linkage, function.display) = (Some(mangled), Display::DemangledOf(whole(mangled)));
        } else if let Some(plain) = name.plain.as_ref().map(Text::bytes)
            && aliases.iter().any(|alias| alias.name == plain)
        {
            function.linkage = Some(plain);
        }
    }
    if let (Some(symbol), Some(linkage)) = (symbol, function.linkage) {
        if let Display::Demangled = function.display {
            function.display = Display::DemangledOf(linkage);
        }
        function.linkage = Some(symbol.name);
    }
    function
}

fn symbol_function<'a>(symbol: &'a Symbol<'_>) -> Function<'a> {
    let from = if symbol.is_export { FROM_EXPORTS } else { FROM_SYMBOLS };
    Function { linkage: Some(symbol.name), display: Display::Demangled, flags: from | language_flags(symbol) }
}

fn near_flags(symbol: &Symbol<'_>) -> u32 {
    FROM_NEAREST | language_flags(symbol)
}

fn language_flags(symbol: &Symbol<'_>) -> u32 {
    u32::from(language_code(symbol.name)) << LANGUAGE_SHIFT
}
