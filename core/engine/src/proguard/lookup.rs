//! The frames of a stack, asked for at once: what each was in the source.
//!
//! Which entries answer is decided in this order: those whose lines hold the frame's; those without lines; where the
//! frame has no line, those that say so (line 0 or none) or are the only ones; of several, those with the frame's
//! parameters. If none is left, the one method that the name can stand for answers without a line, and if there are
//! several such, the class alone. This is what R8's retrace does, except that it shows no method in the last case but
//! one.

use super::chains::{
    Chain, MAX_CALLS, chains, first_of_each, has_line, is_for_any_line, lines_of, outermost,
};
use super::index::{Class, Index, Method, Signature};
use super::layout::{KOTLIN, NONE, OUTLINE, SYNTHESIZED};
use super::records::{Entry, Facts};
use super::signature::java_types;
use crate::container::IndexError;

/// Possible answers that are kept for a frame.
const MAX_ALTERNATIVES: usize = 64;
/// Entries that one batch may look at, which takes about a second, and how many of them a call counts as that is found.
const MAX_ENTRIES: usize = 1 << 26;
const CALL_COST: usize = 16;

/// A frame of the program.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<'a> {
    /// Its class, with its package.
    pub class: &'a str,
    /// Its method.
    pub method: &'a str,
    /// Its line, 1-based; 0 unknown.
    pub line: u32,
    /// Types of its parameters in the program, separated by commas, or its descriptor, where they are known.
    pub parameters: Option<&'a str>,
    /// Its source file as the program has it, which may tell Kotlin from Java.
    pub file: Option<&'a str>,
}

/// What answers a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Its class is not mapped.
    Nothing,
    /// Its class alone.
    Class,
    /// Its method, and no line that fits the frame's.
    Method,
    /// Its line.
    Line,
    /// It is an outline: code of several methods that R8 moved out of them. It has no calls.
    Outline,
    /// The mapping says that nothing of it is of the source: it has no calls.
    Removed,
}

/// A call in the source. Strings are ids for [`Index::string`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// Its class, with its package.
    pub class: u32,
    /// Its method; [`NONE`]: called as in the program.
    pub method: u32,
    /// Types of its parameters, separated by commas; [`NONE`]: unknown.
    pub parameters: u32,
    /// Its return type; [`NONE`]: unknown.
    pub returns: u32,
    /// Its source file; [`NONE`]: the mapping does not say it.
    pub source_file: u32,
    /// 1-based; 0 unknown.
    pub line: u32,
    /// The compiler made it.
    pub is_synthesized: bool,
    /// Kotlin is the language of the frame as far as is known: the source file that is made up for it is called so.
    pub is_kotlin: bool,
}

/// Answers to a batch of frames.
#[derive(Debug, Default)]
pub struct Answers {
    /// What answers each frame.
    pub found: Vec<Found>,
    /// For each frame the index one past its last alternative.
    frame_ends: Vec<u32>,
    /// For each alternative the index one past its last call.
    alternative_ends: Vec<u32>,
    calls: Vec<Call>,
}

impl Answers {
    /// How many alternatives a frame has.
    #[must_use]
    pub fn alternatives(&self, frame: usize) -> usize {
        self.places(frame).len()
    }

    /// The calls of an alternative, innermost first.
    #[must_use]
    pub fn calls(&self, frame: usize, alternative: usize) -> &[Call] {
        let index = self.places(frame).start + alternative;
        let end = self.alternative_ends.get(index).copied().unwrap_or(0) as usize;
        let start =
            index.checked_sub(1).and_then(|before| self.alternative_ends.get(before)).copied().unwrap_or(0);
        self.calls.get(start as usize..end).unwrap_or_default()
    }

    fn places(&self, frame: usize) -> std::ops::Range<usize> {
        let end = self.frame_ends.get(frame).copied().unwrap_or(0);
        let start = frame.checked_sub(1).and_then(|before| self.frame_ends.get(before)).copied().unwrap_or(0);
        start as usize..end as usize
    }

    fn end_alternative(&mut self) {
        self.alternative_ends.push(self.calls.len() as u32);
    }

    fn end_frame(&mut self, found: Found) {
        self.found.push(found);
        self.frame_ends.push(self.alternative_ends.len() as u32);
    }
}

impl Index {
    /// Looks up the frames of one stack, the innermost one first. `thrown`: class of the exception, in the program,
    /// which the first frame threw.
    pub fn lookup(&self, frames: &[Query<'_>], thrown: Option<&str>) -> Result<Answers, IndexError> {
        let original = thrown.map(|name| self.class_name(name)).transpose()?.flatten();
        let thrown = [thrown.unwrap_or_default().to_owned(), original.unwrap_or_default().into_owned()];
        let mut stack = Stack {
            index: self,
            answers: Answers::default(),
            entries: Vec::new(),
            method: None,
            chains: Vec::new(),
            left: MAX_ENTRIES,
            position: None,
            thrown,
        };
        for (place, frame) in frames.iter().enumerate() {
            let found = stack.frame(frame, place == 0)?;
            stack.answers.end_frame(found);
        }
        Ok(stack.answers)
    }
}

/// One stack being looked up.
struct Stack<'a> {
    index: &'a Index,
    answers: Answers,
    /// Entries of the method that was read last.
    entries: Vec<Entry>,
    method: Option<Method>,
    /// Chains that may answer the frame.
    chains: Vec<Chain>,
    /// Entries that may still be looked at.
    left: usize,
    /// The line of the outline that the frame called.
    position: Option<u32>,
    /// The exception's class in the program and in the source; empty if there is none.
    thrown: [String; 2],
}

impl Stack<'_> {
    fn frame(&mut self, frame: &Query<'_>, is_first: bool) -> Result<Found, IndexError> {
        let position = self.position.take();
        let Some(class) = self.index.class(frame.class)? else { return Ok(Found::Nothing) };
        let Some(method) = self.index.method(class, frame.method)? else {
            return Ok(self.class_alone(class, frame));
        };
        if !self.read(method)? {
            return Ok(self.class_alone(class, frame));
        }
        let (line, found) = self.choose(frame, position)?;
        if found == Found::Class {
            return Ok(self.class_alone(class, frame));
        }
        if self.is_outline()? {
            self.position = Some(frame.line);
            return Ok(Found::Outline);
        }
        let is_kotlin = is_kotlin(frame) || class.flags & KOTLIN != 0;
        self.answer(line, found, is_first, is_kotlin)
    }

    /// Reads the entries of a method; whether that was still allowed.
    fn read(&mut self, method: Method) -> Result<bool, IndexError> {
        if !self.may_spend(method.count as usize) {
            return Ok(false);
        }
        if self.method != Some(method) {
            self.method = None;
            self.index.entries(method, &mut self.entries)?;
            self.method = Some(method);
        }
        Ok(true)
    }

    fn may_spend(&mut self, cost: usize) -> bool {
        let left = self.left.checked_sub(cost);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// What comments say about an entry; nothing once too much was looked at.
    fn facts(&mut self, entry: &Entry) -> Result<Facts, IndexError> {
        let facts = self.index.facts(entry)?;
        let is_allowed = self.may_spend(facts.positions.len() + facts.rewrites.len());
        Ok(if is_allowed { facts } else { Facts::default() })
    }

    fn class_alone(&mut self, class: Class, frame: &Query<'_>) -> Found {
        self.answers.calls.push(Call {
            class: class.original,
            method: NONE,
            parameters: NONE,
            returns: NONE,
            source_file: class.source_file,
            line: frame.line,
            is_synthesized: class.flags & SYNTHESIZED != 0,
            is_kotlin: is_kotlin(frame),
        });
        self.answers.end_alternative();
        Found::Class
    }

    /// Chooses the chains that answer. Returns the line to read them at.
    fn choose(&mut self, frame: &Query<'_>, position: Option<u32>) -> Result<(u32, Found), IndexError> {
        let found = self.choose_at(frame, frame.line)?;
        let Some(position) = position else { return Ok((frame.line, found)) };
        match self.callsite(position)? {
            Some(line) => Ok((line, self.choose_at(frame, line)?)),
            None => Ok((frame.line, found)),
        }
    }

    /// The line of the program that stands for a line of the outline that was called.
    fn callsite(&mut self, position: u32) -> Result<Option<u32>, IndexError> {
        for entry in self.outermost_entries() {
            let positions = self.facts(&entry)?.positions;
            if let Some((_, line)) = positions.iter().find(|(from, _)| *from == position) {
                return Ok(Some(*line));
            }
        }
        Ok(None)
    }

    /// The last call of each chosen chain.
    fn outermost_entries(&self) -> Vec<Entry> {
        self.chains.iter().filter_map(|chain| self.entries.get(chain.end.checked_sub(1)?).copied()).collect()
    }

    fn choose_at(&mut self, frame: &Query<'_>, line: u32) -> Result<Found, IndexError> {
        let found = if line > 0 { self.with_line(line) } else { self.without_line() };
        if self.chains.len() > 1
            && let Some(parameters) = frame.parameters
        {
            self.narrow(parameters)?;
        }
        // A line that nothing is known of: which of several methods it is in would be a guess.
        if found == Found::Method && line > 0 && !self.is_one_method()? {
            self.chains.clear();
        }
        Ok(if self.chains.is_empty() { Found::Class } else { found })
    }

    fn with_line(&mut self, line: u32) -> Found {
        let entries = &self.entries;
        self.chains.clear();
        self.chains.extend(chains(entries).filter(|chain| has_line(entries, chain, line)));
        if self.chains.is_empty() {
            self.chains.extend(chains(entries).filter(|chain| is_for_any_line(entries, chain)));
        } else if self.chains.len() > 1 {
            first_of_each(entries, &mut self.chains);
        }
        self.chains.truncate(MAX_ALTERNATIVES);
        if self.chains.is_empty() { self.by_name() } else { Found::Line }
    }

    /// Of each overload the entry for line 0, or without lines, or all that there is.
    fn without_line(&mut self) -> Found {
        let entries = &self.entries;
        self.chains.clear();
        self.chains.extend(chains(entries).filter(|chain| has_line(entries, chain, 0)));
        if self.chains.is_empty() {
            self.chains.extend(chains(entries).filter(|chain| is_for_any_line(entries, chain)));
        }
        if self.chains.is_empty() {
            return self.by_name();
        }
        self.chains.truncate(MAX_ALTERNATIVES);
        Found::Line
    }

    /// The outermost call of each overload.
    fn by_name(&mut self) -> Found {
        let entries = &self.entries;
        self.chains.clear();
        self.chains.extend(chains(entries));
        first_of_each(entries, &mut self.chains);
        self.chains.iter_mut().for_each(|chain| chain.start = chain.end - 1);
        Found::Method
    }

    /// Whether all chosen chains are of methods of one name.
    fn is_one_method(&self) -> Result<bool, IndexError> {
        let mut names = Vec::new();
        for entry in self.outermost_entries() {
            let signature = self.index.signature(entry.signature)?;
            names.push((signature.class, signature.name));
        }
        Ok(names.windows(2).all(|pair| pair[0] == pair[1]))
    }

    /// Keeps the chains whose method has these parameters, if any has.
    fn narrow(&mut self, parameters: &str) -> Result<(), IndexError> {
        let types = java_types(parameters.as_bytes())
            .map_or_else(|| parameters.as_bytes().to_vec(), |(types, _)| types);
        let original = self.original_types(&types)?;
        let mut wanted = Vec::new();
        for entry in self.outermost_entries() {
            let signature = self.index.signature(entry.signature)?;
            wanted.push(match signature.residual {
                NONE => self.index.bytes_of(signature.parameters)? == original,
                residual => self.index.bytes_of(residual)? == types,
            });
        }
        if wanted.contains(&true) {
            let mut is_wanted = wanted.into_iter();
            self.chains.retain(|_| is_wanted.next().unwrap_or(false));
        }
        Ok(())
    }

    /// Types of the program as the source has them.
    fn original_types(&self, types: &[u8]) -> Result<Vec<u8>, IndexError> {
        let mut original = Vec::new();
        for (place, full) in types.split(|byte| *byte == b',').enumerate() {
            let dimensions = full.iter().position(|byte| *byte == b'[').unwrap_or(full.len());
            let (name, dimensions) = full.trim_ascii().split_at(dimensions.min(full.trim_ascii().len()));
            let known = self.index.class_name(&String::from_utf8_lossy(name))?;
            if place > 0 {
                original.push(b',');
            }
            original.extend_from_slice(known.as_deref().map_or(name, str::as_bytes));
            original.extend_from_slice(dimensions);
        }
        Ok(original)
    }

    fn is_outline(&self) -> Result<bool, IndexError> {
        for chain in &self.chains {
            if let Some(id) = outermost(&self.entries, chain)
                && self.index.signature(id)?.flags & OUTLINE != 0
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Appends the alternatives that the chosen chains make.
    fn answer(
        &mut self,
        line: u32,
        found: Found,
        is_first: bool,
        is_kotlin: bool,
    ) -> Result<Found, IndexError> {
        let chosen = std::mem::take(&mut self.chains);
        let first = self.answers.alternative_ends.len();
        for chain in &chosen {
            let removed = if is_first { self.calls_to_leave_out(chain)? } else { 0 };
            self.alternatives(chain, removed, Place { line, found, is_kotlin, first })?;
        }
        self.chains = chosen;
        Ok(if self.answers.alternative_ends.len() == first { Found::Removed } else { found })
    }

    /// How many of the innermost calls the mapping says that the exception's stack has in excess.
    fn calls_to_leave_out(&mut self, chain: &Chain) -> Result<usize, IndexError> {
        let mut count = 0;
        for index in chain.clone().take(MAX_CALLS) {
            let entry = self.entries[index];
            for rule in self.facts(&entry)?.rewrites {
                let names =
                    rule.throws.iter().map(|id| self.index.string(*id)).collect::<Result<Vec<_>, _>>()?;
                if names.iter().all(|name| self.thrown.iter().any(|thrown| thrown == name)) {
                    count = count.max(rule.remove as usize);
                }
            }
        }
        Ok(if count > chain.len() { 0 } else { count })
    }

    /// One alternative for every line that the innermost call may be at.
    fn alternatives(&mut self, chain: &Chain, removed: usize, place: Place) -> Result<(), IndexError> {
        let calls = chain.start + removed..chain.end.min(chain.start.saturating_add(MAX_CALLS));
        if calls.is_empty() {
            return Ok(());
        }
        let lines = self.entries.get(chain.start).map_or((0, 0), |entry| place.lines_of(entry));
        let (first, last) = if removed > 0 { (lines.0, lines.0) } else { lines };
        for inner in first..=last {
            let is_full = self.answers.alternative_ends.len() - place.first >= MAX_ALTERNATIVES;
            if is_full || !self.may_spend(calls.len() * CALL_COST) {
                break;
            }
            for index in calls.clone() {
                let entry = self.entries[index];
                let own = place.lines_of(&entry);
                let line = if index == chain.start {
                    inner
                } else if own.0 == own.1 {
                    own.0
                } else {
                    0
                };
                let call = call_of(self.index.signature(entry.signature)?, line, place.is_kotlin);
                self.answers.calls.push(call);
            }
            self.answers.end_alternative();
        }
        Ok(())
    }
}

/// Where a frame stands, and how it was found.
#[derive(Clone, Copy)]
struct Place {
    line: u32,
    found: Found,
    is_kotlin: bool,
    /// Index of the frame's first alternative.
    first: usize,
}

impl Place {
    /// Lines of the source that an entry may stand for; 0 unknown.
    fn lines_of(self, entry: &Entry) -> (u32, u32) {
        if self.found == Found::Line { lines_of(entry, self.line) } else { (0, 0) }
    }
}

fn is_kotlin(frame: &Query<'_>) -> bool {
    frame.file.is_some_and(|file| file.ends_with(".kt"))
}

fn call_of(signature: Signature, line: u32, is_kotlin: bool) -> Call {
    Call {
        class: signature.class,
        method: signature.name,
        parameters: signature.parameters,
        returns: signature.returns,
        source_file: signature.source_file,
        line,
        is_synthesized: signature.flags & SYNTHESIZED != 0,
        is_kotlin,
    }
}
