//! From the bytes of a mapping file to the bytes of its index.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::comments::{Fact, Rewrite, fact};
use super::error::ProguardError;
use super::layout::{
    CLASS_HASHES, CLASS_STARTS, CLASSES, CLASSES_A_START, COUNTS, ENTRIES, FACTS, KIND, KOTLIN, METHODS,
    NONE, OUTLINE, SIGNATURES, STRINGS, SYNTHESIZED, class_hash,
};
use super::lines::Lines;
use super::members::{Dialect, Members, Methods};
use super::parse::{Line, Method, parse, signature};
use super::records::{Entry, Facts, RewriteRule};
use super::signature::java_types;
use super::strings::Strings;
use crate::container::Writer;

/// Builds the index of a mapping file. What is no line of a mapping is passed over.
///
/// Time and memory are linear in the length. Fails if no class is mapped, or if it is too large for the format.
pub fn build_index(data: &[u8]) -> Result<Vec<u8>, ProguardError> {
    let mut builder = Builder::new();
    let mut lines = Lines::new(data);
    for line in lines.by_ref() {
        builder.line(line)?;
    }
    builder.too_long = lines.too_long;
    builder.finish()
}

/// A class: ids of its names and its source file, flags, and the place of its methods.
struct Class {
    hash: u64,
    fields: [u32; 6],
}

const SOURCE_FILE: usize = 2;
const FLAGS: usize = 3;
const METHOD_COUNT: usize = 5;

/// Fields of a signature.
type Signature = [u32; 7];

struct Builder<'a> {
    strings: Strings,
    classes: Vec<Class>,
    /// Of the class being read.
    members: Members,
    methods: Methods,
    dialect: Dialect,
    signatures: Vec<Signature>,
    /// Ids of signatures by the hash of their text and class.
    known: HashMap<u64, u32, RandomState>,
    seed: u64,
    /// The text of the last method: the next line is often about the same.
    last_text: &'a [u8],
    /// The name of the last method in the program, and its id.
    last_name: (&'a [u8], u32),
    facts: Vec<u8>,
    /// Of the last entry, which they are written for once the next line of another kind comes.
    pending: Facts,
    /// Whether comments are about a field, which nothing is kept of.
    is_about_field: bool,
    fields: u32,
    has_lines: bool,
    too_long: u32,
}

impl<'a> Builder<'a> {
    fn new() -> Self {
        Self {
            strings: Strings::new(),
            classes: Vec::new(),
            members: Members::default(),
            methods: Methods::default(),
            dialect: Dialect::ProGuard,
            signatures: Vec::new(),
            known: HashMap::default(),
            seed: RandomState::default().hash_one(1),
            last_text: &[],
            last_name: (&[], NONE),
            facts: Vec::new(),
            pending: Facts::default(),
            is_about_field: false,
            fields: 0,
            has_lines: false,
            too_long: 0,
        }
    }

    fn line(&mut self, line: &'a [u8]) -> Result<(), ProguardError> {
        match parse(line) {
            Line::Comment(comment) => self.comment(comment),
            Line::Class { original, obfuscated } => self.class(original, obfuscated),
            _ if self.classes.is_empty() => Ok(()),
            Line::Method(method) => self.method(&method),
            Line::Field => {
                self.fields = self.fields.saturating_add(1);
                self.is_about_field = true;
                self.settle()
            }
            Line::Other => Ok(()),
        }
    }

    fn class(&mut self, original: &[u8], obfuscated: &[u8]) -> Result<(), ProguardError> {
        self.end_class()?;
        let (name, source) = (self.strings.intern(obfuscated)?, self.strings.intern(original)?);
        let first = u32::try_from(self.methods.len())
            .map_err(|_| ProguardError::TooLarge("it has too many methods"))?;
        self.classes.push(Class { hash: class_hash(obfuscated), fields: [name, source, NONE, 0, first, 0] });
        self.last_text = &[];
        self.is_about_field = false;
        Ok(())
    }

    fn end_class(&mut self) -> Result<(), ProguardError> {
        self.settle()?;
        self.methods.put(&mut self.members, &self.strings, self.dialect);
        let is_too_large = u32::try_from(self.methods.entries.len()).is_err();
        if let Some(class) = self.classes.last_mut() {
            class.fields[METHOD_COUNT] =
                (self.methods.len() as u32).saturating_sub(class.fields[METHOD_COUNT - 1]);
        }
        if is_too_large { Err(ProguardError::TooLarge("its lines take more than 4 GiB")) } else { Ok(()) }
    }

    fn method(&mut self, method: &Method<'a>) -> Result<(), ProguardError> {
        self.settle()?;
        self.is_about_field = false;
        let Some(signature) = self.signature(method.text)? else { return Ok(()) };
        if self.last_name.0 != method.obfuscated || self.last_name.1 == NONE {
            self.last_name = (method.obfuscated, self.strings.intern(method.obfuscated)?);
        }
        self.has_lines |= method.minified.is_some();
        let Method { minified, original, is_caller, .. } = *method;
        let entry = Entry { minified, original, signature, is_caller, facts: None };
        self.members.entries.push((self.last_name.1, entry));
        Ok(())
    }

    /// Id of the signature with this text in the class being read; None if it is none.
    fn signature(&mut self, text: &'a [u8]) -> Result<Option<u32>, ProguardError> {
        if text == self.last_text
            && let Some((_, entry)) = self.members.entries.last()
        {
            return Ok(Some(entry.signature));
        }
        let Some(parts) = signature(text) else { return Ok(None) };
        let own = if parts.class.is_some() { 0 } else { self.classes.len() as u64 };
        let hash = xxh3_64_with_seed(text, self.seed.wrapping_add(own));
        self.last_text = text;
        if let Some(&known) = self.known.get(&hash) {
            return Ok(Some(known));
        }
        let class = match parts.class {
            Some(class) => self.strings.intern(class)?,
            None => self.classes.last().map_or(NONE, |class| class.fields[1]),
        };
        let id = u32::try_from(self.signatures.len())
            .map_err(|_| ProguardError::TooLarge("it has too many methods"))?;
        let (name, parameters) = (self.strings.intern(parts.name)?, self.strings.intern(parts.parameters)?);
        self.signatures.push([class, name, parameters, self.strings.intern(parts.returns)?, NONE, 0, NONE]);
        self.known.insert(hash, id);
        Ok(Some(id))
    }

    fn comment(&mut self, comment: &[u8]) -> Result<(), ProguardError> {
        if comment.trim_ascii() == b"compiler: R8" {
            self.dialect = Dialect::R8;
        }
        fact(comment).map_or(Ok(()), |fact| self.fact(fact))
    }

    /// Takes what a comment says about the method above it, or about the class where there is none yet.
    fn fact(&mut self, fact: Fact<'_>) -> Result<(), ProguardError> {
        if self.is_about_field {
            return Ok(());
        }
        let signature = self.members.entries.last().map(|(_, entry)| entry.signature as usize);
        let flags = match signature {
            Some(signature) => self.signatures.get_mut(signature).map(|signature| &mut signature[5]),
            None => self.classes.last_mut().map(|class| &mut class.fields[FLAGS]),
        };
        match (fact, flags) {
            (Fact::Version, _) => self.dialect = Dialect::R8,
            (Fact::Synthesized, Some(flags)) => *flags |= SYNTHESIZED,
            (Fact::Outline, Some(flags)) => *flags |= OUTLINE,
            (Fact::SourceFile(name), Some(_)) => self.source_file(name)?,
            (Fact::Residual(descriptor), Some(_)) => self.residual(descriptor)?,
            (Fact::Callsite(positions), Some(_)) => self.pending.positions = positions,
            (Fact::Rewrite(rewrite), Some(_)) => self.rewrite(&rewrite)?,
            (_, None) => {}
        }
        Ok(())
    }

    fn source_file(&mut self, name: &[u8]) -> Result<(), ProguardError> {
        // R8 calls the file of what it made itself so; that is no file.
        if name != b"R8$$SyntheticClass" {
            let id = self.strings.intern(name)?;
            if let Some(class) = self.classes.last_mut() {
                class.fields[SOURCE_FILE] = id;
                class.fields[FLAGS] |= if name.ends_with(b".kt") { KOTLIN } else { 0 };
            }
        }
        Ok(())
    }

    fn residual(&mut self, descriptor: &[u8]) -> Result<(), ProguardError> {
        let Some((parameters, _)) = java_types(descriptor) else { return Ok(()) };
        let parameters = self.strings.intern(&parameters)?;
        if let Some((_, entry)) = self.members.entries.last()
            && let Some(signature) = self.signatures.get_mut(entry.signature as usize)
        {
            signature[6] = parameters;
        }
        Ok(())
    }

    fn rewrite(&mut self, rewrite: &Rewrite<'_>) -> Result<(), ProguardError> {
        let class = |descriptor: &&[u8]| java_types(&[b"()", *descriptor].concat()).map(|(_, class)| class);
        let classes: Option<Vec<_>> = rewrite.throws.iter().map(class).collect();
        let Some(classes) = classes else { return Ok(()) };
        let throws = classes.iter().map(|class| self.strings.intern(class)).collect::<Result<_, _>>()?;
        self.pending.rewrites.push(RewriteRule { throws, remove: rewrite.remove });
        Ok(())
    }

    /// Writes the facts of the last entry: the next line is about something else.
    fn settle(&mut self) -> Result<(), ProguardError> {
        if self.pending == Facts::default() {
            return Ok(());
        }
        let facts = std::mem::take(&mut self.pending);
        if let Some((_, entry)) = self.members.entries.last_mut() {
            let offset = u32::try_from(self.facts.len());
            entry.facts =
                Some(offset.map_err(|_| ProguardError::TooLarge("its comments take more than 4 GiB"))?);
            facts.put(&mut self.facts);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, ProguardError> {
        self.end_class()?;
        if self.classes.is_empty() {
            return Err(ProguardError::NoMapping);
        }
        self.name_files();
        // Of classes with the same name the last one counts.
        self.classes.sort_by_key(|class| class.hash);
        let mut writer = Writer::new(KIND);
        writer.section(COUNTS, bytes_of(self.counts().iter()));
        writer
            .section(CLASS_HASHES, self.classes.iter().flat_map(|class| class.hash.to_le_bytes()).collect());
        writer.section(CLASS_STARTS, bytes_of(self.class_starts().iter()));
        writer.section(CLASSES, bytes_of(self.classes.iter().flat_map(|class| &class.fields)));
        writer.section(SIGNATURES, bytes_of(self.signatures.iter().flatten()));
        writer.section(STRINGS, self.strings.bytes);
        writer.section(METHODS, self.methods.records);
        writer.section(ENTRIES, self.methods.entries);
        writer.section(FACTS, self.facts);
        Ok(writer.finish())
    }

    /// Signatures know the source file of their class, which may stand below them.
    fn name_files(&mut self) {
        let known = |class: &&Class| class.fields[SOURCE_FILE] != NONE;
        let files: HashMap<u32, u32, RandomState> = self
            .classes
            .iter()
            .filter(known)
            .map(|class| (class.fields[1], class.fields[SOURCE_FILE]))
            .collect();
        for signature in &mut self.signatures {
            signature[4] = files.get(&signature[0]).copied().unwrap_or(NONE);
        }
    }

    /// For every value that the first bits of a hash can have, how many hashes are below it.
    fn class_starts(&self) -> Vec<u32> {
        let bits = (self.classes.len() / CLASSES_A_START).max(2).ilog2();
        let start =
            |bucket: u64| self.classes.partition_point(|class| class.hash >> (64 - bits) < bucket) as u32;
        (0..=1_u64 << bits).map(start).collect()
    }

    fn counts(&self) -> [u32; 7] {
        let cut = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let (methods, entries) = (self.methods.len() as u64, self.methods.entry_count);
        let (classes, left_out) = (self.classes.len() as u64, self.methods.left_out);
        let has_lines = u32::from(self.has_lines);
        [cut(classes), cut(methods), cut(entries), self.fields, self.too_long, cut(left_out), has_lines]
    }
}

fn bytes_of<'a>(fields: impl Iterator<Item = &'a u32>) -> Vec<u8> {
    fields.flat_map(|field| field.to_le_bytes()).collect()
}
