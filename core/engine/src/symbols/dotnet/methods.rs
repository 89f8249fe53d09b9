//! Full names of methods, from an assembly's own tables, as their authors know them.
//!
//! | in the tables | shown |
//! |---|---|
//! | `Shop.Cart+Line`, `Total` | `Shop.Cart.Line.Total` |
//! | ``Shop.Box`1``, `Put` with a parameter `U` | `Shop.Box<T>.Put<U>` |
//! | `Shop.Cart+<TotalAsync>d__3`, `MoveNext` | `Shop.Cart.TotalAsync` |
//! | `Shop.Cart+<>c`, `<Total>b__1_0` | `Shop.Cart.Total.{lambda}` |
//! | `Shop.Cart`, `<Total>g__Add\|1_0` | `Shop.Cart.Total.Add` |
//!
//! Compilers name what they make up themselves in angle brackets; the names in them are Roslyn's and mcs's.

use std::collections::HashMap;

use super::metadata::Metadata;
use super::schema::{GENERIC_PARAM, METHOD_DEF, NESTED_CLASS, TYPE_DEF, TYPE_OR_METHOD_DEF};

/// Classes are nested a few levels deep.
const MAX_NESTING: usize = 32;
/// Longer names are cut.
const MAX_NAME: usize = 4096;
/// Names may take this much in all.
const MAX_NAMES: usize = 256 << 20;
/// Type parameters of one type or method that are listed.
const MAX_PARAMETERS: usize = 64;

const LAMBDA: &[u8] = b"{lambda}";

/// Names and bodies of the methods of an assembly.
pub(super) struct Methods<'a, 'd> {
    metadata: &'a Metadata<'d>,
    /// The class around a nested one, by rows.
    around: HashMap<u32, u32>,
    /// Type parameters by coded owner.
    parameters: HashMap<u32, Vec<&'d [u8]>>,
    room: usize,
}

impl<'a, 'd> Methods<'a, 'd> {
    pub(super) fn new(metadata: &'a Metadata<'d>) -> Self {
        let nested = (1..=metadata.rows(NESTED_CLASS)).filter_map(|row| {
            Some((metadata.cell(NESTED_CLASS, row, 0)?, metadata.cell(NESTED_CLASS, row, 1)?))
        });
        Self { metadata, around: nested.collect(), parameters: parameters(metadata), room: MAX_NAMES }
    }

    /// The full name of every method, by row; the first one is empty, as rows count from 1.
    pub(super) fn names(&mut self) -> Vec<Vec<u8>> {
        let mut names = vec![Vec::new(); self.metadata.rows(METHOD_DEF) as usize + 1];
        for class in 1..=self.metadata.rows(TYPE_DEF) {
            let (first, after) = self.methods_of(class);
            let path = if first < after { self.path(class) } else { Vec::new() };
            for row in first..after {
                if let Some(name) = names.get_mut(row as usize) {
                    *name = self.full(&path, row);
                }
            }
        }
        names
    }

    /// Whether a method has code of its own.
    pub(super) fn has_body(&self, row: u32) -> bool {
        self.metadata.cell(METHOD_DEF, row, 0).is_some_and(|address| address != 0)
    }

    fn methods_of(&self, class: u32) -> (u32, u32) {
        let first = |class| self.metadata.cell(TYPE_DEF, class, 5);
        let end = self.metadata.rows(METHOD_DEF) + 1;
        (first(class).unwrap_or(end).max(1), first(class + 1).unwrap_or(end).min(end))
    }

    /// The classes around and including `class`, outermost first.
    fn path(&self, class: u32) -> Vec<Part<'d>> {
        let mut path = vec![self.part(class)];
        let mut at = class;
        while let Some(&outer) = self.around.get(&at).filter(|_| path.len() < MAX_NESTING) {
            path.push(self.part(outer));
            at = outer;
        }
        path.reverse();
        path
    }

    fn part(&self, class: u32) -> Part<'d> {
        let string = |column| {
            self.metadata.cell(TYPE_DEF, class, column).map_or(&[][..], |at| self.metadata.string(at))
        };
        let tag = TYPE_OR_METHOD_DEF.tables.iter().position(|table| *table == TYPE_DEF).unwrap_or(0) as u32;
        let name = string(1);
        let all = self.parameters.get(&(class << 1 | tag)).map_or(&[][..], Vec::as_slice);
        let (name, arity) = without_arity(name);
        // The parameters of the classes around come first.
        let own = &all[all.len().saturating_sub(arity)..];
        Part { namespace: string(2), name, parameters: own.to_vec() }
    }

    fn full(&mut self, path: &[Part<'d>], row: u32) -> Vec<u8> {
        let name = self.metadata.cell(METHOD_DEF, row, 3).map_or(&[][..], |at| self.metadata.string(at));
        let mut out = Vec::new();
        for part in path.iter().filter(|part| !is_made_up(part.name)) {
            part.push(&mut out);
        }
        let class = path.last().map_or(&[][..], |part| part.name);
        match written_name(class, name) {
            Some((outer, inner)) => {
                push(&mut out, outer);
                if let Some(inner) = inner {
                    push(&mut out, inner);
                }
            }
            None => {
                push(&mut out, name);
                push_parameters(&mut out, self.parameters.get(&(row << 1 | 1)).map_or(&[], Vec::as_slice));
            }
        }
        out.truncate(MAX_NAME.min(self.room));
        self.room -= out.len();
        out
    }
}

/// A class of a path.
struct Part<'d> {
    namespace: &'d [u8],
    name: &'d [u8],
    parameters: Vec<&'d [u8]>,
}

impl Part<'_> {
    fn push(&self, out: &mut Vec<u8>) {
        if !self.namespace.is_empty() {
            push(out, self.namespace);
        }
        push(out, self.name);
        push_parameters(out, &self.parameters);
    }
}

fn push(out: &mut Vec<u8>, name: &[u8]) {
    // A constructor is called `.ctor`.
    if !out.is_empty() && !name.starts_with(b".") {
        out.push(b'.');
    }
    out.extend_from_slice(&name[..name.len().min(MAX_NAME)]);
}

fn push_parameters(out: &mut Vec<u8>, parameters: &[&[u8]]) {
    for (index, parameter) in parameters.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"<" } else { b", " });
        out.extend_from_slice(&parameter[..parameter.len().min(MAX_NAME)]);
    }
    if !parameters.is_empty() {
        out.push(b'>');
    }
}

/// Type parameters in their order, by owner.
fn parameters<'d>(metadata: &Metadata<'d>) -> HashMap<u32, Vec<&'d [u8]>> {
    let mut found: HashMap<u32, Vec<&[u8]>> = HashMap::new();
    for row in 1..=metadata.rows(GENERIC_PARAM) {
        let cell = |column| metadata.cell(GENERIC_PARAM, row, column);
        let (Some(owner), Some(name)) = (cell(2), cell(3)) else { continue };
        let list = found.entry(owner).or_default();
        if list.len() < MAX_PARAMETERS {
            list.push(metadata.string(name));
        }
    }
    found
}

/// ``Box`1`` is `Box` with one type parameter.
fn without_arity(name: &[u8]) -> (&[u8], usize) {
    let Some(at) = memchr::memrchr(b'`', name) else { return (name, 0) };
    let arity = std::str::from_utf8(&name[at + 1..]).ok().and_then(|digits| digits.parse().ok());
    arity.map_or((name, 0), |arity| (&name[..at], arity))
}

/// Whether a compiler made a class up: for lambdas, state machines, captured variables.
fn is_made_up(name: &[u8]) -> bool {
    name.starts_with(b"<")
}

/// What stands in the angle brackets that `name` starts with, and what follows them.
fn bracketed(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = name.strip_prefix(b"<")?;
    let end = memchr::memchr(b'>', inner).filter(|end| *end > 0)?;
    Some((&inner[..end], &inner[end + 1..]))
}

/// The method that a person wrote for one that the compiler made, and what of it this is.
fn written_name<'d>(class: &'d [u8], name: &'d [u8]) -> Option<(&'d [u8], Option<&'d [u8]>)> {
    if name == b"MoveNext" {
        return Some((state_machine_of(class)?, None));
    }
    if name.starts_with(b"<>m__") {
        return Some((bracketed(class)?.0, Some(LAMBDA)));
    }
    let (method, rest) = bracketed(name)?;
    if rest.starts_with(b"b__") || rest.starts_with(b"m__") {
        return Some((method, Some(LAMBDA)));
    }
    let local = rest.strip_prefix(b"g__")?;
    Some((method, local.split(|byte| *byte == b'|').next()))
}

/// The method that a state machine's class runs: an async method or an iterator.
fn state_machine_of(name: &[u8]) -> Option<&[u8]> {
    let (method, rest) = bracketed(name)?;
    let is_machine = [&b"d__"[..], b"c__async", b"c__Iterator"].iter().any(|kind| rest.starts_with(kind));
    is_machine.then_some(method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_compilers_make_up_is_told_from_what_people_write() {
        let written = |class: &'static str, name: &'static str| {
            let (outer, inner) = written_name(class.as_bytes(), name.as_bytes())?;
            Some((
                std::str::from_utf8(outer).unwrap(),
                inner.map(|inner| std::str::from_utf8(inner).unwrap()),
            ))
        };
        assert_eq!(written("<RunAsync>d__3", "MoveNext"), Some(("RunAsync", None)));
        assert_eq!(written("<Items>c__Iterator0", "MoveNext"), Some(("Items", None)));
        assert_eq!(written("Reader", "MoveNext"), None);
        assert_eq!(written("<>c", "<Total>b__1_0"), Some(("Total", Some("{lambda}"))));
        assert_eq!(written("<Total>c__AnonStorey1", "<>m__0"), Some(("Total", Some("{lambda}"))));
        assert_eq!(written("Cart", "<Total>g__Add|1_0"), Some(("Total", Some("Add"))));
        assert_eq!(written("Program", "<Main>$"), None);
        assert_eq!(without_arity(b"Box`2"), (&b"Box"[..], 2));
        assert_eq!(without_arity(b"Odd`"), (&b"Odd`"[..], 0));
    }
}
