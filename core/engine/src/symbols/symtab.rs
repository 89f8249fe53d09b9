//! Functions that the symbol tables name, each with the addresses it answers for.

use super::code::Code;
use super::demangle::is_mangled;
use super::intervals::{Cover, Interval, flatten};

/// Symbol tables of the largest programs have a few million entries.
const MAX_SYMBOLS: usize = 1 << 24;
/// Bytes behind what is known to be a symbol's own where it is still the nearest one: few functions are longer.
pub(super) const MAX_NEAR: u64 = 64 << 10;

/// A function of a symbol table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbol<'d> {
    /// Mangled, without the version that a dynamic symbol may carry.
    pub name: &'d [u8],
    /// Virtual address.
    pub address: u64,
    /// Bytes; 0 where the table does not say.
    pub size: u64,
    /// Whether only a list of what others may call has it: between two such symbols lie functions that nobody lists.
    pub is_export: bool,
    rank: Rank,
}

/// How widely a symbol is seen: what is seen further names its function better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binding {
    /// In its own file.
    Local,
    /// Anywhere, unless something else has the same name.
    Weak,
    /// Anywhere.
    Global,
}

/// What a symbol table says that a symbol is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A function.
    Function,
    /// A place in code: a function of assembly, or a label in one.
    Label,
}

impl<'d> Symbol<'d> {
    /// A symbol of a table. `size`: bytes, 0 where the table does not say.
    #[must_use]
    pub fn new(name: &'d [u8], address: u64, size: u64, kind: Kind, binding: Binding) -> Self {
        let rank = Rank { sized: size > 0, typed: kind == Kind::Function, binding };
        Self { name, address, size, is_export: false, rank }
    }

    /// The same, of a list of exports.
    #[must_use]
    pub fn exported(self) -> Self {
        Self { is_export: true, ..self }
    }

    /// Whether the table says that this is a function.
    #[must_use]
    pub fn is_function(&self) -> bool {
        self.rank.typed
    }

    fn with_size(self, size: u64) -> Self {
        Self { size, rank: Rank { sized: size > 0, ..self.rank }, ..self }
    }
}

/// A function whose name stands nowhere in the file as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedSymbol {
    /// Mangled.
    pub name: Vec<u8>,
    /// Virtual address.
    pub address: u64,
    /// Bytes; 0 where nothing says.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
    /// How widely it is seen.
    pub binding: Binding,
}

impl OwnedSymbol {
    /// The same, borrowed.
    #[must_use]
    pub fn borrowed(&self) -> Symbol<'_> {
        Symbol::new(&self.name, self.address, self.size, self.kind, self.binding)
    }
}

impl From<Symbol<'_>> for OwnedSymbol {
    fn from(symbol: Symbol<'_>) -> Self {
        let kind = if symbol.rank.typed { Kind::Function } else { Kind::Label };
        let Symbol { address, size, .. } = symbol;
        Self { name: symbol.name.to_vec(), address, size, kind, binding: symbol.rank.binding }
    }
}

/// Which of several symbols at one address names it best: the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    sized: bool,
    typed: bool,
    binding: Binding,
}

/// The functions of a file by address, aliases included.
#[derive(Default)]
pub struct Symbols<'d> {
    /// Ascending by address; among aliases the preferred name comes first.
    all: Vec<Symbol<'d>>,
    covers: Vec<Cover<u32>>,
    nears: Vec<Cover<u32>>,
}

impl<'d> Symbols<'d> {
    /// Puts functions in order. Those outside of `code` are dropped, and those beyond a limit that no real file reaches.
    #[must_use]
    pub fn new(functions: impl Iterator<Item = Symbol<'d>>, code: &Code) -> Self {
        let inside = functions.filter(|symbol| code.containing(symbol.address).is_some());
        Self::of(inside.take(MAX_SYMBOLS).collect(), &[], code)
    }

    /// The same, where something else than the symbols says where functions start, so that each ends by the next one.
    #[must_use]
    pub fn bounded(functions: impl Iterator<Item = Symbol<'d>>, starts: &[u64], code: &Code) -> Self {
        let end = |symbol: &Symbol<'_>| starts.get(starts.partition_point(|start| *start <= symbol.address));
        let sized = functions.map(|symbol| match end(&symbol) {
            Some(end) if symbol.size == 0 => symbol.with_size(end - symbol.address),
            _ => symbol,
        });
        let inside = sized.filter(|symbol| code.containing(symbol.address).is_some());
        Self::of(inside.take(MAX_SYMBOLS).collect(), starts, code)
    }

    /// The same and `others`.
    #[must_use]
    pub fn with(self, others: impl Iterator<Item = Symbol<'d>>, code: &Code) -> Self {
        let len = self.all.len();
        let mut all = self.all;
        let inside = others.filter(|symbol| code.containing(symbol.address).is_some());
        all.extend(inside.take(MAX_SYMBOLS.saturating_sub(len)));
        if all.len() == len {
            return Self { all, covers: self.covers, nears: self.nears };
        }
        // Of two sorted runs this sort only merges.
        all[len..].sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        all.sort_by(|a, b| order(a).cmp(&order(b)));
        Self::sorted(all, &[], code)
    }

    fn of(mut all: Vec<Symbol<'d>>, starts: &[u64], code: &Code) -> Self {
        all.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        Self::sorted(all, starts, code)
    }

    fn sorted(mut all: Vec<Symbol<'d>>, starts: &[u64], code: &Code) -> Self {
        all.dedup_by_key(|symbol| (symbol.address, symbol.name));
        let covers = flatten(claims(&all, code));
        let nears = nears(&covers, starts, code);
        Self { all, covers, nears }
    }

    /// The same, for a list that has everything: what it does not name is no part of what it names.
    #[must_use]
    pub fn complete(self) -> Self {
        Self { nears: Vec::new(), ..self }
    }

    /// Every function by ascending address, aliases included.
    #[must_use]
    pub fn all(&self) -> &[Symbol<'d>] {
        &self.all
    }

    /// The symbols whose address this is, the preferred one first.
    #[must_use]
    pub fn aliases(&self, address: u64) -> &[Symbol<'d>] {
        let start = self.all.partition_point(|symbol| symbol.address < address);
        let len = self.all[start..].partition_point(|symbol| symbol.address == address);
        &self.all[start..start + len]
    }

    /// Disjoint stretches of code; `item` is an index into [`Symbols::all`].
    #[must_use]
    pub fn covers(&self) -> &[Cover<u32>] {
        &self.covers
    }

    /// The stretch around `address` that is no symbol's own, with the symbol before it, if that one is near.
    ///
    /// The stretch is padding or code of a function that no table names: the name is a hint and no answer.
    #[must_use]
    pub fn near(&self, address: u64) -> Option<&Cover<u32>> {
        let after = self.nears.partition_point(|cover| cover.start <= address);
        self.nears[..after].last().filter(|cover| address < cover.end)
    }

    /// The preferred name of the function around `address`.
    #[must_use]
    pub fn at(&self, address: u64) -> Option<&Symbol<'d>> {
        let after = self.covers.partition_point(|cover| cover.start <= address);
        let cover = self.covers[..after].last().filter(|cover| address < cover.end)?;
        self.all.get(cover.item as usize)
    }
}

type Order<'d> = (u64, std::cmp::Reverse<Rank>, usize, usize, &'d [u8], bool);

/// Ascending by address, then the name that a person would expect first: `malloc`, not `__libc_malloc`.
fn order<'d>(symbol: &Symbol<'d>) -> Order<'d> {
    let underscores = symbol.name.iter().take_while(|byte| **byte == b'_').count();
    let underscores = if is_mangled(symbol.name) { 0 } else { underscores };
    (
        symbol.address,
        std::cmp::Reverse(symbol.rank),
        underscores,
        symbol.name.len(),
        symbol.name,
        symbol.is_export,
    )
}

/// The stretch that each preferred symbol claims. Where stretches overlap the later start wins,
/// except that a label inside a function (an untyped symbol) claims nothing of it, and nothing behind it.
fn claims(all: &[Symbol<'_>], code: &Code) -> Vec<Interval<(bool, u64), u32>> {
    let firsts: Vec<(usize, &Symbol<'_>)> = (0..all.len())
        .filter(|&index| index == 0 || all[index - 1].address != all[index].address)
        .map(|index| (index, &all[index]))
        .collect();
    let ends = firsts.iter().skip(1).map(|(_, symbol)| symbol.address).chain([u64::MAX]);
    let mut known_end = 0;
    let claim = |((index, symbol), next): (&(usize, &Symbol<'_>), u64)| {
        let end = match symbol.size {
            0 if symbol.is_export => symbol.address.saturating_add(1),
            0 if symbol.address < known_end => next.min(known_end),
            0 => next.min(code.section_end(symbol.address)?),
            size => symbol.address.saturating_add(size),
        };
        if symbol.size > 0 {
            known_end = known_end.max(end);
        }
        let range = code.clamp(symbol.address..end)?;
        let priority = (symbol.rank.sized && symbol.rank.typed, range.start);
        Some(Interval { start: range.start, end: range.end, priority, item: u32::try_from(*index).ok()? })
    };
    firsts.iter().zip(ends).filter_map(claim).collect()
}

/// Behind each stretch that has a name: up to the next one, to where a function is known to start, or not far.
fn nears(covers: &[Cover<u32>], starts: &[u64], code: &Code) -> Vec<Cover<u32>> {
    let nexts = covers.iter().skip(1).map(|cover| cover.start).chain([u64::MAX]);
    let near = |(cover, next): (&Cover<u32>, u64)| {
        let start = starts.get(starts.partition_point(|start| *start < cover.end)).unwrap_or(&u64::MAX);
        let end = cover.end.saturating_add(MAX_NEAR).min(next).min(*start);
        let end = end.min(code.section_end(cover.end.saturating_sub(1))?);
        (cover.end < end).then_some(Cover { start: cover.end, end, item: cover.item })
    };
    covers.iter().zip(nexts).filter_map(near).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    use super::Binding::{Global, Local};

    fn symbol(name: &'static str, address: u64, size: u64, binding: Binding) -> Symbol<'static> {
        Symbol::new(name.as_bytes(), address, size, Kind::Function, binding)
    }

    fn code() -> Code {
        Code::new(vec![0..50, 50..100])
    }

    fn name_at(symbols: &Symbols<'static>, address: u64) -> Option<&'static str> {
        symbols.at(address).map(|s| std::str::from_utf8(s.name).unwrap())
    }

    fn near_at(symbols: &Symbols<'static>, address: u64) -> Option<&'static str> {
        let item = symbols.near(address)?.item as usize;
        symbols.all().get(item).map(|s| std::str::from_utf8(s.name).unwrap())
    }

    #[test]
    fn the_public_name_wins_among_aliases() {
        let all = vec![
            symbol("__libc_malloc", 16, 8, Global),
            symbol("malloc", 16, 8, Global),
            symbol("impl", 16, 8, Local),
        ];
        let symbols = Symbols::of(all, &[], &code());
        assert_eq!(name_at(&symbols, 20), Some("malloc"));
        assert_eq!(symbols.all().len(), 3);
    }

    #[test]
    fn a_symbol_without_size_ends_at_the_next_one_or_with_its_section() {
        let all = vec![symbol("first", 16, 0, Global), symbol("second", 32, 0, Global)];
        let symbols = Symbols::of(all, &[], &code());
        assert_eq!(name_at(&symbols, 15), None);
        assert_eq!(name_at(&symbols, 31), Some("first"));
        assert_eq!(name_at(&symbols, 49), Some("second"));
        assert_eq!(name_at(&symbols, 50), None);
    }

    #[test]
    fn a_sized_symbol_does_not_answer_beyond_its_end() {
        let symbols = Symbols::of(vec![symbol("f", 16, 8, Global)], &[], &code());
        assert_eq!(name_at(&symbols, 23), Some("f"));
        assert_eq!(name_at(&symbols, 24), None);
        assert_eq!((near_at(&symbols, 23), near_at(&symbols, 24)), (None, Some("f")));
    }

    #[test]
    fn what_lies_behind_a_symbol_is_near_it_up_to_the_next_one_the_end_of_the_section_or_a_limit() {
        let all = vec![symbol("f", 16, 8, Global), symbol("g", 40, 4, Global)];
        let symbols = Symbols::of(all.clone(), &[], &code());
        let near = |symbols: &Symbols<'static>, at| near_at(symbols, at);
        assert_eq!(
            [15, 39, 40, 44, 49, 50].map(|at| near(&symbols, at)),
            [None, Some("f"), None, Some("g"), Some("g"), None]
        );
        let symbols = Symbols::of(all.clone(), &[], &Code::new(vec![0..44, 50..1 << 30]));
        assert_eq!((near(&symbols, 44), near(&symbols, 50)), (None, None));
        let symbols = Symbols::of(all[..1].to_vec(), &[], &Code::new(vec![0..30, 30..60]));
        assert_eq!((near(&symbols, 29), near(&symbols, 30)), (Some("f"), None));
        let symbols =
            Symbols::of(vec![symbol("f", 16, 8, Global)], &[], &Code::new(vec![0..10, 10..1 << 30]));
        assert_eq!((near(&symbols, 23 + MAX_NEAR), near(&symbols, 24 + MAX_NEAR)), (Some("f"), None));
    }

    #[test]
    fn an_export_without_size_is_sure_of_its_entry_alone() {
        let all = vec![symbol("f", 16, 0, Global).exported(), symbol("g", 40, 0, Global).exported()];
        let symbols = Symbols::of(all, &[], &code());
        assert_eq!([16, 17, 40, 41].map(|at| name_at(&symbols, at)), [Some("f"), None, Some("g"), None]);
        assert_eq!([16, 17, 40, 41].map(|at| near_at(&symbols, at)), [None, Some("f"), None, Some("g")]);
    }

    #[test]
    fn a_symbol_that_a_table_has_besides_is_no_mere_export() {
        let all = vec![symbol("f", 16, 8, Global).exported(), symbol("f", 16, 8, Global)];
        let symbols = Symbols::of(all, &[], &code());
        assert_eq!(symbols.all().iter().map(|symbol| symbol.is_export).collect::<Vec<_>>(), [false]);
    }

    #[test]
    fn a_label_inside_a_function_does_not_split_it() {
        let mut label = symbol("label", 20, 0, Local);
        label.rank.typed = false;
        let symbols = Symbols::of(vec![symbol("f", 16, 16, Global), label], &[], &code());
        assert_eq!(name_at(&symbols, 24), Some("f"));
        assert_eq!((name_at(&symbols, 40), near_at(&symbols, 40)), (None, Some("f")));
    }

    #[test]
    fn a_function_ends_where_the_list_of_starts_has_the_next_one() {
        let all = [symbol("first", 16, 0, Global), symbol("second", 40, 0, Global)];
        let symbols = Symbols::bounded(all.into_iter(), &[16, 24, 40], &code());
        assert_eq!(name_at(&symbols, 23), Some("first"));
        assert_eq!(name_at(&symbols, 24), None);
        assert_eq!(near_at(&symbols, 24), None, "another function is known to start there");
        assert_eq!(name_at(&symbols, 49), Some("second"));
    }
}
