//! Generic parameters, what is demanded of them, associated and opaque types, conformances.

use super::node::{Demand, Id, Node};
use super::parser::Parser;

/// Parameters of one signature, and its levels.
const MAX_COUNT: u64 = 1 << 16;

/// How the subject of a requirement is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    Parameter,
    Associated,
    AssociatedPath,
    Known,
}

impl<'a> Parser<'a> {
    pub(super) fn parameter_index(&mut self) -> Option<Node<'a>> {
        if self.cursor.eat(b'd') {
            let depth = self.index()?.checked_add(1)?;
            return Some(Node::Parameter { depth, index: self.index()? });
        }
        if self.cursor.eat(b'z') {
            return Some(Node::Parameter { depth: 0, index: 0 });
        }
        if self.cursor.eat(b's') {
            return Some(Node::ConstrainedSelf);
        }
        Some(Node::Parameter { depth: 0, index: self.index()?.checked_add(1)? })
    }

    pub(super) fn signature(&mut self, has_counts: bool) -> Option<()> {
        let mut counts = Vec::new();
        while has_counts && !self.cursor.eat(b'l') {
            let count = if self.cursor.eat(b'z') { 0 } else { self.index()?.checked_add(1)? };
            counts.push(Some(count).filter(|count| *count <= MAX_COUNT)?);
        }
        if !has_counts {
            counts.push(1);
        }
        let mut requirements = Vec::new();
        while let Some(requirement) = self.pop_where(Node::is_requirement) {
            requirements.push(requirement);
        }
        requirements.reverse();
        let packs = requirements.iter().filter_map(|id| self.pack(*id)).collect();
        requirements.retain(|id| !matches!(self.nodes.get(*id as usize), Some(Node::PackMarker(_))));
        self.push(Node::Signature { counts, requirements, packs })
    }

    /// Depth and index of the parameter that a requirement marks as a pack.
    fn pack(&self, requirement: Id) -> Option<(u64, u64)> {
        let Node::PackMarker(parameter) = self.node(requirement)? else { return None };
        let Node::Parameter { depth, index } = self.node(*parameter)? else { return None };
        Some((*depth, *index))
    }

    pub(super) fn generic_type(&mut self) -> Option<()> {
        let signature = self.pop_signature()?;
        let type_ = self.pop_type()?;
        self.push_type(Node::Generic { signature, type_ })
    }

    /// What follows `R`.
    pub(super) fn requirement(&mut self) -> Option<()> {
        use Subject::{Associated, AssociatedPath, Known, Parameter};
        let letter = self.cursor.peek();
        let subject = match letter {
            b'c' | b't' | b'm' | b'p' | b'j' => Associated,
            b'C' | b'T' | b'M' | b'P' | b'J' => AssociatedPath,
            b'B' | b'S' | b'L' | b'Q' | b'I' => Known,
            _ => Parameter,
        };
        if subject != Parameter || matches!(letter, b'b' | b's' | b'l' | b'h' | b'i' | b'v' | b'V') {
            self.cursor.next()?;
        }
        let inverse = if matches!(letter, b'i' | b'I' | b'j' | b'J') { Some(self.index()?) } else { None };
        let subject = self.subject(subject)?;
        if letter == b'v' {
            return self.push(Node::PackMarker(subject));
        }
        let demand = match letter {
            _ if inverse.is_some() => Demand::Not(inverse?),
            b'b' | b'B' | b'c' | b'C' => Demand::Is(self.pop_type()?),
            b's' | b'S' | b't' | b'T' => Demand::Equals(self.pop_type()?),
            b'h' => Demand::SameShape(self.pop_type()?),
            b'l' | b'L' | b'm' | b'M' => Demand::Layout(self.layout()?),
            b'V' => Demand::Is(self.pop_type()?),
            _ => Demand::Is(self.pop_protocol()?),
        };
        self.push(Node::Requirement { subject, demand })
    }

    fn subject(&mut self, subject: Subject) -> Option<Id> {
        match subject {
            Subject::Parameter => {
                let parameter = self.parameter_index()?;
                self.add(parameter)
            }
            Subject::Known => self.pop_type(),
            Subject::Associated => {
                let parameter = self.parameter_index()?;
                let base = self.add(parameter)?;
                let member = self.member(base)?;
                self.known(member)
            }
            Subject::AssociatedPath => {
                let parameter = self.parameter_index()?;
                let base = self.add(parameter)?;
                let path = self.associated_path()?;
                let member = self.member_path(base, &path)?;
                self.known(member)
            }
        }
    }

    fn known(&mut self, id: Id) -> Option<Id> {
        self.substitutions.push(super::parser::Item { id, is_type: true });
        Some(id)
    }

    fn layout(&mut self) -> Option<String> {
        let name = match self.cursor.next()? {
            b'U' => "_UnknownLayout",
            b'R' => "_RefCountedObject",
            b'N' => "_NativeRefCountedObject",
            b'C' => "AnyObject",
            b'D' => "_NativeClass",
            b'T' => "_Trivial",
            b'B' => "_BridgeObject",
            b'E' => return self.sized_layout("_Trivial", true),
            b'e' => return self.sized_layout("_Trivial", false),
            b'M' => return self.sized_layout("_TrivialAtMost", true),
            b'm' => return self.sized_layout("_TrivialAtMost", false),
            b'S' => return self.sized_layout("_TrivialStride", false),
            _ => return None,
        };
        Some(name.to_owned())
    }

    fn sized_layout(&mut self, name: &str, is_aligned: bool) -> Option<String> {
        let size = self.index()?;
        Some(if is_aligned {
            format!("{name}({size}, {})", self.index()?)
        } else {
            format!("{name}({size})")
        })
    }

    pub(super) fn associated_name(&mut self) -> Option<Id> {
        let protocol = self.pop_type();
        let name = self.pop_identifier()?;
        self.add(Node::AssociatedName { name, protocol })
    }

    /// From the outermost name on.
    pub(super) fn associated_path(&mut self) -> Option<Vec<Id>> {
        let mut names = Vec::new();
        loop {
            let is_first = self.pop_first();
            names.push(self.associated_name()?);
            if is_first {
                names.reverse();
                return Some(names);
            }
        }
    }

    fn member(&mut self, base: Id) -> Option<Id> {
        let name = self.associated_name()?;
        self.add(Node::Member { base, name })
    }

    fn member_path(&mut self, base: Id, names: &[Id]) -> Option<Id> {
        names.iter().try_fold(base, |base, name| self.add(Node::Member { base, name: *name }))
    }

    /// What follows `Q`.
    pub(super) fn archetype(&mut self) -> Option<()> {
        match self.cursor.next()? {
            b'a' => self.associated_type(),
            b'O' => {
                let entity = self.pop_context()?;
                self.push(Node::OpaqueOf(entity))
            }
            b'o' => self.opaque_type(),
            b'r' | b'u' => self.push_type(Node::Some),
            b'R' | b'U' => {
                self.index()?;
                self.push_type(Node::Some)
            }
            letter @ (b'x' | b'X' | b'y' | b'Y' | b'z' | b'Z') => self.dependent_member(letter),
            b'p' => {
                let _count = self.pop_type()?;
                let pattern = self.pop_type()?;
                self.push_type(Node::Expansion { pattern })
            }
            b'e' => {
                let type_ = self.pop_type()?;
                self.index()?;
                self.push_type(Node::Modified { word: "each ", type_ })
            }
            b'P' => {
                let elements = self.type_list()?;
                self.push_type(Node::Pack(elements))
            }
            b'S' => {
                self.cursor.next()?;
                let elements = self.type_list()?;
                self.push_type(Node::Pack(elements))
            }
            _ => None,
        }
    }

    fn associated_type(&mut self) -> Option<()> {
        let name = self.pop_identifier()?;
        let base = self.pop_type()?;
        self.push_known_type(Node::AssociatedType { base, name })
    }

    fn opaque_type(&mut self) -> Option<()> {
        let index = self.index()?;
        self.bound_arguments()?;
        let of = self.pop_where(|node| matches!(node, Node::OpaqueOf(_)))?;
        self.push_known_type(Node::Opaque { of, index })
    }

    fn dependent_member(&mut self, letter: u8) -> Option<()> {
        let base = match letter {
            b'y' | b'Y' => Some(self.parameter_index()?),
            b'z' | b'Z' => Some(Node::Parameter { depth: 0, index: 0 }),
            _ => None,
        };
        let names =
            if letter.is_ascii_uppercase() { self.associated_path()? } else { vec![self.associated_name()?] };
        let base = match base {
            Some(parameter) => self.add(parameter)?,
            None => self.pop_type()?,
        };
        let member = self.member_path(base, &names)?;
        let item = super::parser::Item { id: member, is_type: true };
        self.substitutions.push(item);
        self.push_item(item)
    }

    /// The conformance of a type to a protocol that a witness serves.
    pub(super) fn protocol_conformance(&mut self) -> Option<Id> {
        let signature = self.pop_signature();
        let module = self.pop_module()?;
        let protocol = self.pop_protocol()?;
        let mut type_ = self.pop_type();
        if type_.is_none() {
            self.pop_identifier();
            type_ = self.pop_type();
        }
        let type_ = match signature {
            Some(signature) => self.add(Node::Generic { signature, type_: type_? })?,
            None => type_?,
        };
        self.add(Node::Conformance { type_, protocol, module })
    }

    /// What follows `H`: parts of conformances that are not shown, and records of the runtime.
    pub(super) fn conformance_reference(&mut self) -> Option<()> {
        match self.cursor.next()? {
            b'P' | b'p' => {
                self.pop_protocol()?;
                self.push(Node::UnshownConformance)
            }
            b'C' => self.concrete_conformance(),
            b'D' => {
                self.index()?;
                self.pop_protocol()?;
                self.pop_type()?;
                self.push(Node::UnshownConformance)
            }
            b'I' => {
                self.index()?;
                self.pop_protocol()?;
                self.pop_conformance()?;
                self.push(Node::UnshownConformance)
            }
            b'A' => {
                self.index()?;
                self.pop_protocol()?;
                self.pop_type()?;
                self.pop_conformance()?;
                self.push(Node::UnshownConformance)
            }
            b'X' => {
                self.conformances()?;
                self.push(Node::UnshownConformance)
            }
            b'O' => {
                self.pop_type()?;
                self.pop_conformance()?;
                self.push(Node::UnshownConformance)
            }
            letter => self.runtime_record(letter),
        }
    }

    fn pop_conformance(&mut self) -> Option<Id> {
        self.pop_where(|node| matches!(node, Node::UnshownConformance))
    }

    fn conformances(&mut self) -> Option<Vec<Id>> {
        self.pop_list(Self::pop_conformance)
    }

    fn concrete_conformance(&mut self) -> Option<()> {
        self.conformances()?;
        if self.pop_conformance().is_none() {
            self.pop_module()?;
            self.pop_protocol()?;
        }
        self.pop_type()?;
        self.push(Node::UnshownConformance)
    }

    fn runtime_record(&mut self, letter: u8) -> Option<()> {
        let (full, node) = match letter {
            b'c' => ("protocol conformance descriptor runtime record for ", self.protocol_conformance()?),
            b'n' => ("nominal type descriptor runtime record for ", self.pop_type()?),
            b'r' => ("protocol descriptor runtime record for ", self.pop_protocol()?),
            b'o' => ("opaque type descriptor runtime record for ", self.pop_context()?),
            b'F' => {
                return self.push(super::parse_thunks::attribute("accessible function runtime record for "));
            }
            _ => return None,
        };
        self.push(Node::Prefixed { full, simple: full, node })
    }

    pub(super) fn retroactive_conformance(&mut self) -> Option<()> {
        self.index()?;
        self.pop_conformance()?;
        self.push(Node::Unshown)
    }
}
