//! What compilers make beside the functions that people write: thunks, specializations, witnesses, metadata.

use std::borrow::Cow;

use super::node::{Node, Specialization};
use super::parser::Parser;

/// An attribute that simplified names do without.
pub(super) fn attribute<'a>(full: &'static str) -> Node<'a> {
    Node::Attribute { full: Cow::Borrowed(full), simple: Some("") }
}

fn kept<'a>(word: impl Into<Cow<'a, str>>) -> Node<'a> {
    Node::Attribute { full: word.into(), simple: None }
}

impl<'a> Parser<'a> {
    pub(super) fn prefixed_type(&mut self, full: &'static str) -> Option<()> {
        let node = self.pop_type()?;
        self.push(Node::Prefixed { full, simple: full, node })
    }

    fn prefixed_entity(&mut self, full: &'static str) -> Option<()> {
        let node = self.pop_entity()?;
        self.push(Node::Prefixed { full, simple: full, node })
    }

    fn prefixed_protocol(&mut self, full: &'static str) -> Option<()> {
        let node = self.pop_protocol()?;
        self.push(Node::Prefixed { full, simple: full, node })
    }

    fn prefixed_conformance(&mut self, full: &'static str) -> Option<()> {
        let node = self.protocol_conformance()?;
        self.push(Node::Prefixed { full, simple: full, node })
    }

    /// What follows `T`.
    pub(super) fn thunk(&mut self) -> Option<()> {
        match self.cursor.next()? {
            b'c' => self.prefixed_entity("curry thunk of "),
            b'j' => self.prefixed_entity("dispatch thunk of "),
            b'q' => self.prefixed_entity("method descriptor for "),
            b'o' => self.push(kept("@objc ")),
            b'O' => self.push(kept("@nonobjc ")),
            b'D' => self.push(kept("dynamic ")),
            b'd' => self.push(kept("super ")),
            b'E' => self.push(kept("distributed thunk ")),
            b'F' => self.push(kept("distributed accessor for ")),
            b'a' => self.push(partial_apply("partial apply ObjC forwarder")),
            b'A' => self.push(partial_apply("partial apply forwarder")),
            b'm' => self.push(attribute("merged ")),
            b'X' => self.push(kept("dynamically replaceable variable for ")),
            b'x' => self.push(kept("dynamically replaceable key for ")),
            b'I' => self.push(kept("dynamically replaceable thunk for ")),
            b'u' => self.push(kept("async function pointer to ")),
            b'Q' => self.async_part("await"),
            b'Y' => self.async_part("suspend"),
            b'C' => self.prefixed_type("coroutine continuation prototype for "),
            b'z' | b'Z' => self.completion_handler(),
            b'V' => self.vtable_thunk(),
            b'W' => self.protocol_witness(),
            b'S' => self.prefixed_entity("protocol self-conformance witness for "),
            b'R' => self.reabstraction("reabstraction thunk helper ", false),
            b'r' => self.reabstraction("reabstraction thunk ", false),
            b'y' => self.reabstraction("reabstraction thunk helper with self ", true),
            b'K' => self.key_path("key path getter for "),
            b'k' => self.key_path_setter(),
            b'H' => self.key_path_relation("key path equality operator for "),
            b'h' => self.key_path_relation("key path hasher for "),
            b'l' => self.associated_descriptor("associated type descriptor for "),
            b'M' => self.associated_descriptor("default associated type metadata accessor for "),
            b'L' => self.prefixed_protocol("protocol requirements base descriptor for "),
            b'b' => self.base_conformance(),
            b'n' => self.associated_conformance("associated conformance descriptor for "),
            b'N' => self.associated_conformance("default associated conformance accessor for "),
            b'v' => self.outlined_variable(),
            b'e' => self.outlined_bridged_method(),
            b'U' => {
                self.pop_type()?;
                self.push(attribute("reabstraction thunk with global actor constraint for "))
            }
            b'w' => self.newer_thunk(),
            letter => self.specialization(letter),
        }
    }

    fn newer_thunk(&mut self) -> Option<()> {
        let word = match self.cursor.next()? {
            b'b' => "back deployment thunk for ",
            b'B' => "back deployment fallback for ",
            b'S' => "#_hasSymbol query for ",
            b'c' => "coro function pointer to ",
            b'd' => "default override of ",
            _ => return None,
        };
        self.push(kept(word))
    }

    fn async_part(&mut self, word: &str) -> Option<()> {
        let index = self.index()?;
        let full = Cow::Owned(format!("({index}) {word} resume partial function for "));
        self.push(Node::Attribute { full, simple: Some("") })
    }

    fn completion_handler(&mut self) -> Option<()> {
        let first = self.pop_type().or_else(|| {
            self.pop_signature()?;
            self.pop_type()
        })?;
        let node = self.pop_type().unwrap_or(first);
        if self.cursor.peek().is_ascii_digit() || self.cursor.peek() == b'_' {
            self.index()?;
        }
        let full = "@objc completion handler block implementation for ";
        self.push(Node::Prefixed { full, simple: full, node })
    }

    fn vtable_thunk(&mut self) -> Option<()> {
        let second = self.pop_entity()?;
        let first = self.pop_entity()?;
        let full = "vtable thunk for ";
        self.push(Node::Joined {
            full,
            simple: full,
            first: second,
            between: " dispatching to ",
            second: first,
        })
    }

    fn protocol_witness(&mut self) -> Option<()> {
        let entity = self.pop_entity()?;
        let conformance = self.protocol_conformance()?;
        self.push(Node::ProtocolWitness { conformance, entity })
    }

    fn reabstraction(&mut self, word: &'static str, has_self: bool) -> Option<()> {
        let signature = self.pop_signature();
        if has_self {
            self.pop_type()?;
        }
        let to = self.pop_type()?;
        let from = self.pop_type()?;
        self.push(Node::Reabstraction { word, signature, from, to })
    }

    fn key_path_setter(&mut self) -> Option<()> {
        if self.cursor.eat_text("mu") {
            return self.key_path("key path unapplied method ");
        }
        if self.cursor.eat_text("MA") {
            return self.key_path("key path applied method ");
        }
        self.key_path("key path setter for ")
    }

    fn key_path(&mut self, word: &'static str) -> Option<()> {
        let is_serialized = self.cursor.eat(b'q');
        let mut types = vec![self.pop_type()?];
        while let Some(type_) = self.pop_type() {
            types.push(type_);
        }
        types.reverse();
        let signature = self.pop_signature();
        let decl = self.pop_where(Node::is_context).or_else(|| Some(types.remove(0)))?;
        self.push(Node::KeyPath { word, decl, signature, types, is_serialized })
    }

    fn key_path_relation(&mut self, word: &'static str) -> Option<()> {
        self.cursor.eat(b'q');
        self.pop_signature();
        let mut types = vec![self.pop_type()?];
        while let Some(type_) = self.pop_type() {
            types.push(type_);
        }
        let decl = types.pop()?;
        self.push(Node::Prefixed { full: word, simple: word, node: decl })
    }

    fn associated_descriptor(&mut self, full: &'static str) -> Option<()> {
        let node = self.associated_name()?;
        self.push(Node::Prefixed { full, simple: full, node })
    }

    fn base_conformance(&mut self) -> Option<()> {
        let second = self.pop_protocol()?;
        let first = self.pop_type()?;
        let full = "base conformance descriptor for ";
        self.push(Node::Joined { full, simple: full, first, between: ": ", second })
    }

    fn associated_conformance(&mut self, full: &'static str) -> Option<()> {
        let second = self.pop_protocol()?;
        let path = match self.pop_type() {
            Some(type_) => vec![type_],
            None => self.associated_path()?,
        };
        let base = self.pop_type()?;
        let first = path.into_iter().try_fold(base, |base, name| self.add(Node::Member { base, name }))?;
        self.push(Node::Joined { full, simple: full, first, between: ": ", second })
    }

    fn outlined_variable(&mut self) -> Option<()> {
        let index = self.index()?;
        let word = if self.cursor.eat(b'r') { "read-only object" } else { "variable" };
        self.push(kept(format!("outlined {word} #{index} of ")))
    }

    fn outlined_bridged_method(&mut self) -> Option<()> {
        let rest = self.cursor.rest();
        let length = rest.find('_')?;
        let parameters = self.cursor.take(length)?;
        self.cursor.next()?;
        self.push(kept(format!("outlined bridged method ({parameters}) of ")))
    }

    fn specialization(&mut self, letter: u8) -> Option<()> {
        let word = match letter {
            b'g' | b'B' => "generic specialization",
            b'G' => "generic not re-abstracted specialization",
            b's' => "generic pre-specialization",
            b'i' => "inlined generic function",
            b'p' => "generic partial specialization",
            b'P' => "generic not-reabstracted partial specialization",
            b'f' => return self.signature_specialization(),
            b'J' => return self.autodiff(),
            b't' => return self.without_dropped_arguments(),
            _ => return None,
        };
        let is_serialized = self.specialization_pass()?;
        let types = match letter {
            b'p' | b'P' => self.partial_types()?,
            _ => self.type_list()?,
        };
        self.push(Node::Specialization(Specialization { word, is_serialized, types, arguments: Vec::new() }))
    }

    /// A specialization whose first letters tell which arguments it does without.
    fn without_dropped_arguments(&mut self) -> Option<()> {
        loop {
            while self.cursor.peek().is_ascii_digit() {
                self.cursor.next()?;
            }
            if !self.cursor.eat(b't') {
                break;
            }
        }
        let letter = self.cursor.next()?;
        self.specialization(letter)
    }

    fn partial_types(&mut self) -> Option<Vec<super::node::Id>> {
        Some(vec![self.pop_type().or_else(|| self.pop_signature())?])
    }

    /// Flags and the number of the compiler's pass. Whether the function is serialized.
    pub(super) fn specialization_pass(&mut self) -> Option<bool> {
        self.cursor.eat(b'm');
        let is_serialized = self.cursor.eat(b'q');
        self.cursor.eat(b'a');
        self.cursor.next().filter(u8::is_ascii_digit)?;
        Some(is_serialized)
    }

    /// Derivatives: kind, which parameters and results.
    fn autodiff(&mut self) -> Option<()> {
        if matches!(self.cursor.peek(), b'O' | b'S') {
            return None;
        }
        let is_thunk = self.cursor.eat(b'V');
        self.pop_signature();
        let kind = match self.cursor.next()? {
            b'f' => "forward-mode derivative",
            b'r' => "reverse-mode derivative",
            b'd' => "differential",
            b'p' => "pullback",
            _ => return None,
        };
        while matches!(self.cursor.peek(), b'S' | b'U') {
            self.cursor.next()?;
        }
        self.cursor.expect(b'p')?;
        while matches!(self.cursor.peek(), b'S' | b'U') {
            self.cursor.next()?;
        }
        self.cursor.expect(b'r')?;
        let node =
            self.pop_entity().or_else(|| self.pop_where(|node| matches!(node, Node::Prefixed { .. })))?;
        self.push(Node::Prefixed {
            full: match (kind, is_thunk) {
                ("forward-mode derivative", false) => "forward-mode derivative of ",
                ("forward-mode derivative", true) => "vtable thunk for forward-mode derivative of ",
                ("reverse-mode derivative", false) => "reverse-mode derivative of ",
                ("reverse-mode derivative", true) => "vtable thunk for reverse-mode derivative of ",
                ("differential", _) => "differential of ",
                _ => "pullback of ",
            },
            simple: "derivative of ",
            node,
        })
    }

    /// What follows `M`.
    pub(super) fn metadata(&mut self) -> Option<()> {
        match self.cursor.next()? {
            b'a' => self.prefixed_type("type metadata accessor for "),
            b'f' => self.prefixed_type("full type metadata for "),
            b'P' => self.prefixed_type("generic type metadata pattern for "),
            b'L' => self.prefixed_type("lazy cache variable for type metadata for "),
            b'D' => self.prefixed_type("demangling cache variable for type metadata for "),
            b'r' => self.prefixed_type("type metadata completion function for "),
            b'i' => self.prefixed_type("type metadata instantiation function for "),
            b'I' => self.prefixed_type("type metadata instantiation cache for "),
            b'l' => self.prefixed_type("type metadata singleton initialization cache for "),
            b'm' => self.prefixed_type("metaclass for "),
            b'n' => self.prefixed_type("nominal type descriptor for "),
            b'o' => self.prefixed_type("class metadata base offset for "),
            b'u' => self.prefixed_type("method lookup function for "),
            b'U' => self.prefixed_type("ObjC metadata update function for "),
            b's' => self.prefixed_type("ObjC resilient class stub for "),
            b't' => self.prefixed_type("full ObjC resilient class stub for "),
            b'F' => self.prefixed_type("reflection metadata field descriptor "),
            b'B' => self.prefixed_type("reflection metadata builtin descriptor "),
            b'C' => self.prefixed_type("reflection metadata superclass descriptor "),
            b'A' => self.prefixed_conformance("reflection metadata associated type descriptor "),
            b'c' => self.prefixed_conformance("protocol conformance descriptor for "),
            b'p' => self.prefixed_protocol("protocol descriptor for "),
            b'S' => self.prefixed_protocol("protocol self-conformance descriptor for "),
            b'Q' => self.prefixed_entity("opaque type descriptor for "),
            b'g' => self.prefixed_entity("opaque type descriptor accessor for "),
            b'V' => self.prefixed_entity("property descriptor for "),
            b'b' => self.prefixed_type("canonical specialized generic type metadata accessor for "),
            b'z' => self.push(attribute("token for canonical specialized generic type metadata caching of ")),
            b'X' => self.context_descriptor(),
            b'K' => self.prefixed_any("metadata instantiation cache for "),
            b'J' => {
                self.prefixed_any("noncanonical specialized generic type metadata instantiation cache for ")
            }
            b'N' => self.prefixed_any("noncanonical specialized generic type metadata for "),
            b'M' => self.prefixed_any("canonical specialized generic metaclass for "),
            b'q' => self.prefixed_any("uniquable "),
            _ => None,
        }
    }

    /// Whatever is on top of the stack.
    fn prefixed_any(&mut self, full: &'static str) -> Option<()> {
        let node = self.stack.pop()?.id;
        self.push(Node::Prefixed { full, simple: full, node })
    }

    fn context_descriptor(&mut self) -> Option<()> {
        let (full, node) = match self.cursor.next()? {
            b'M' => ("module descriptor ", self.pop_module()?),
            b'E' => ("extension descriptor ", self.pop_context()?),
            b'X' => ("anonymous descriptor ", self.pop_context()?),
            b'Y' => {
                self.pop_identifier()?;
                ("anonymous descriptor ", self.pop_context()?)
            }
            _ => return None,
        };
        self.push(Node::Prefixed { full, simple: full, node })
    }

    /// What follows `W`.
    pub(super) fn witness(&mut self) -> Option<()> {
        match self.cursor.next()? {
            b'C' => self.prefixed_entity("enum case for "),
            b'V' => self.prefixed_type("value witness table for "),
            b'v' => {
                let is_direct = self.cursor.next()? == b'd';
                self.prefixed_entity(if is_direct {
                    "direct field offset for "
                } else {
                    "indirect field offset for "
                })
            }
            b'S' => self.prefixed_protocol("protocol self-conformance witness table for "),
            b'P' => self.prefixed_conformance("protocol witness table for "),
            b'p' => self.prefixed_conformance("protocol witness table pattern for "),
            b'G' => self.prefixed_conformance("generic protocol witness table for "),
            b'I' => {
                self.prefixed_conformance("instantiation function for generic protocol witness table for ")
            }
            b'r' => self.prefixed_conformance("resilient protocol witness table for "),
            b'a' => self.prefixed_conformance("protocol witness table accessor for "),
            b'l' => self.lazy_witness_table("lazy protocol witness table accessor for type "),
            b'L' => self.lazy_witness_table("lazy protocol witness table cache variable for type "),
            b't' => {
                let first = self.associated_name()?;
                self.associated_witness("associated type metadata accessor for ", first, " in ")
            }
            b'T' => {
                let protocol = self.pop_protocol()?;
                let path = self.associated_path()?;
                let name = *path.last()?;
                let first = self.add(Node::Joined {
                    full: "",
                    simple: "",
                    first: name,
                    between: " : ",
                    second: protocol,
                })?;
                self.associated_witness("associated type witness table accessor for ", first, " in ")
            }
            b'b' => {
                let protocol = self.pop_protocol()?;
                self.associated_witness("base witness table accessor for ", protocol, " in ")
            }
            b'O' => self.outlined(),
            b'Z' => self.once("one-time initialization function for "),
            b'z' => self.once("one-time initialization token for "),
            _ => None,
        }
    }

    fn lazy_witness_table(&mut self, full: &'static str) -> Option<()> {
        let second = self.protocol_conformance()?;
        let first = self.pop_type()?;
        self.push(Node::Joined { full, simple: full, first, between: " and conformance ", second })
    }

    fn associated_witness(
        &mut self,
        full: &'static str,
        first: super::node::Id,
        between: &'static str,
    ) -> Option<()> {
        let second = self.protocol_conformance()?;
        self.push(Node::Joined { full, simple: full, first, between, second })
    }

    fn outlined(&mut self) -> Option<()> {
        let full = match self.cursor.next()? {
            b'y' => "outlined copy of ",
            b'e' => "outlined consume of ",
            b'r' => "outlined retain of ",
            b's' => "outlined release of ",
            b'b' | b'B' => "outlined init with take of ",
            b'c' | b'C' => "outlined init with copy of ",
            b'd' | b'D' => "outlined assign with take of ",
            b'f' | b'F' => "outlined assign with copy of ",
            b'h' | b'H' => "outlined destroy of ",
            b'i' => "outlined enum tag store of ",
            b'j' => "outlined enum project data of ",
            b'g' => "outlined enum get tag of ",
            _ => return None,
        };
        self.pop_signature();
        self.prefixed_type(full)
    }

    fn once(&mut self, word: &'static str) -> Option<()> {
        let mut names = Vec::new();
        while self.pop_first() {
            names.push(self.pop_decl_name()?);
        }
        names.reverse();
        self.pop_context()?;
        self.push(Node::OnceFunction { word, names })
    }

    /// What follows `w`.
    pub(super) fn value_witness(&mut self) -> Option<()> {
        let code = self.cursor.take(2)?;
        let (full, simple) = match code {
            "al" => ("allocateBuffer value witness for ", "allocateBuffer for "),
            "ca" => ("assignWithCopy value witness for ", "assignWithCopy for "),
            "ta" => ("assignWithTake value witness for ", "assignWithTake for "),
            "de" => ("deallocateBuffer value witness for ", "deallocateBuffer for "),
            "xx" => ("destroy value witness for ", "destroy for "),
            "XX" => ("destroyBuffer value witness for ", "destroyBuffer for "),
            "Xx" => ("destroyArray value witness for ", "destroyArray for "),
            "CP" => (
                "initializeBufferWithCopyOfBuffer value witness for ",
                "initializeBufferWithCopyOfBuffer for ",
            ),
            "Cp" => ("initializeBufferWithCopy value witness for ", "initializeBufferWithCopy for "),
            "cp" => ("initializeWithCopy value witness for ", "initializeWithCopy for "),
            "TK" => (
                "initializeBufferWithTakeOfBuffer value witness for ",
                "initializeBufferWithTakeOfBuffer for ",
            ),
            "Tk" => ("initializeBufferWithTake value witness for ", "initializeBufferWithTake for "),
            "tk" => ("initializeWithTake value witness for ", "initializeWithTake for "),
            "pr" => ("projectBuffer value witness for ", "projectBuffer for "),
            "xs" => ("storeExtraInhabitant value witness for ", "storeExtraInhabitant for "),
            "xg" => ("getExtraInhabitantIndex value witness for ", "getExtraInhabitantIndex for "),
            "Cc" => ("initializeArrayWithCopy value witness for ", "initializeArrayWithCopy for "),
            "Tt" => (
                "initializeArrayWithTakeFrontToBack value witness for ",
                "initializeArrayWithTakeFrontToBack for ",
            ),
            "tT" => (
                "initializeArrayWithTakeBackToFront value witness for ",
                "initializeArrayWithTakeBackToFront for ",
            ),
            "ug" => ("getEnumTag value witness for ", "getEnumTag for "),
            "up" => ("destructiveProjectEnumData value witness for ", "destructiveProjectEnumData for "),
            "ui" => ("destructiveInjectEnumTag value witness for ", "destructiveInjectEnumTag for "),
            "et" => ("getEnumTagSinglePayload value witness for ", "getEnumTagSinglePayload for "),
            "st" => ("storeEnumTagSinglePayload value witness for ", "storeEnumTagSinglePayload for "),
            _ => return None,
        };
        let node = self.pop_type()?;
        self.push(Node::Prefixed { full, simple, node })
    }
}

fn partial_apply<'a>(word: &'static str) -> Node<'a> {
    Node::Attribute { full: Cow::Owned(format!("{word} for ")), simple: Some("partial apply for ") }
}
