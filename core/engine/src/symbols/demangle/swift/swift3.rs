//! Names of functions in programs of Swift 1 to 3: `_TFC4main3Foo3barfT_T_` is `main.Foo.bar() -> ()`.
//!
//! Kinds stand before what they are made of: `F` a function, `C4main3Foo` its context, `3bar` its name, `fT_T_` its
//! type. What is read: functions, initializers, accessors, closures, and the types that they commonly have. Source of
//! the grammar: the Swift project's docs/ABI.rst of Swift 3.

use std::borrow::Cow;

use super::super::text::{Budget, Cursor};
use super::node::{Effects, Entity, EntityKind, Id, Node, Nominal, Throws};
use super::{Style, print, punycode};

/// Nodes of one name: more than any name within the length limit needs.
const MAX_NODES: usize = 1 << 16;

/// Whether a name starts like one of these.
pub(super) fn is_mangled(name: &[u8]) -> bool {
    let Some(mut rest) = name.strip_prefix(b"_T") else { return false };
    if let Some(function) = rest.strip_prefix(b"To").or_else(|| rest.strip_prefix(b"TO")) {
        rest = function;
    }
    matches!(
        rest,
        [b'F', b'C' | b'E' | b'F' | b'G' | b'O' | b'P' | b'S' | b'V' | b'Z' | b's' | b'0'..=b'9', ..]
    ) || matches!(rest, [b'Z', b'F' | b'v', ..])
}

/// The name in readable form; None if it is another kind of symbol, or has a type that is not read here.
pub(super) fn demangled(name: &str, style: Style) -> Option<String> {
    let mut reader = Reader {
        cursor: Cursor::new(name.strip_prefix("_T")?),
        nodes: Vec::new(),
        substitutions: Vec::new(),
        budget: Budget::default(),
    };
    let shown = reader.symbol()?;
    print::text_of(&reader.nodes, &shown, style).filter(|text| !text.is_empty())
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    nodes: Vec<Node<'a>>,
    substitutions: Vec<Id>,
    budget: Budget,
}

impl<'a> Reader<'a> {
    fn symbol(&mut self) -> Option<Vec<Id>> {
        let mut shown = Vec::new();
        for (prefix, full) in [("To", "@objc "), ("TO", "@nonobjc ")] {
            if self.cursor.eat_text(prefix) {
                shown.push(self.add(Node::Attribute { full: full.into(), simple: None })?);
            }
        }
        shown.push(self.entity()?);
        self.cursor.is_at_end().then_some(shown)
    }

    fn add(&mut self, node: Node<'a>) -> Option<Id> {
        let id = Id::try_from(self.nodes.len()).ok().filter(|_| self.nodes.len() < MAX_NODES)?;
        self.nodes.push(node);
        Some(id)
    }

    fn remembered(&mut self, node: Node<'a>) -> Option<Id> {
        let id = self.add(node)?;
        self.substitutions.push(id);
        Some(id)
    }

    fn entity(&mut self) -> Option<Id> {
        self.budget.enter()?;
        let is_static = self.cursor.eat(b'Z');
        let kind = self.cursor.next()?;
        let context = self.context()?;
        let id = match kind {
            b'F' => self.function(context)?,
            b'v' => self.variable(context)?,
            _ => return None,
        };
        self.budget.leave();
        if is_static { self.add(Node::Static(id)) } else { Some(id) }
    }

    fn function(&mut self, context: Id) -> Option<Id> {
        let letter = self.cursor.peek();
        if !matches!(
            letter,
            b'C' | b'D' | b'U' | b'a' | b'c' | b'd' | b'g' | b'm' | b's' | b'u' | b'w' | b'W'
        ) {
            return self.named(EntityKind::Function, context);
        }
        self.cursor.next()?;
        match letter {
            b'C' => self.typed(EntityKind::Allocator, context),
            b'c' => self.typed(EntityKind::Constructor, context),
            b'D' => self.plain(EntityKind::Deallocator, context),
            b'd' => self.plain(EntityKind::Plain("deinit"), context),
            b'U' => self.closure(EntityKind::ExplicitClosure, context),
            b'u' => self.closure(EntityKind::ImplicitClosure, context),
            _ => self.accessor(letter, context),
        }
    }

    fn accessor(&mut self, letter: u8, context: Id) -> Option<Id> {
        let word = match letter {
            b'g' => "getter",
            b's' => "setter",
            b'm' => "materializeForSet",
            b'w' => "willset",
            b'W' => "didset",
            _ => return None,
        };
        let storage = self.variable(context)?;
        self.add(Node::Accessor { storage, word })
    }

    fn variable(&mut self, context: Id) -> Option<Id> {
        self.named(EntityKind::Variable, context)
    }

    fn named(&mut self, kind: EntityKind, context: Id) -> Option<Id> {
        let name = Some(self.name()?);
        let type_ = self.type_of(kind)?;
        self.made(kind, context, name, Some(type_), 0)
    }

    fn typed(&mut self, kind: EntityKind, context: Id) -> Option<Id> {
        let type_ = self.type_of(kind)?;
        self.made(kind, context, None, Some(type_), 0)
    }

    fn plain(&mut self, kind: EntityKind, context: Id) -> Option<Id> {
        self.made(kind, context, None, None, 0)
    }

    fn closure(&mut self, kind: EntityKind, context: Id) -> Option<Id> {
        let index = self.index()?;
        let type_ = self.type_()?;
        self.made(kind, context, None, Some(type_), index)
    }

    fn made(
        &mut self,
        kind: EntityKind,
        context: Id,
        name: Option<Id>,
        type_: Option<Id>,
        index: u64,
    ) -> Option<Id> {
        // Labels are in the tuple of the parameters.
        let labels = Some(Vec::new());
        self.add(Node::Entity(Entity { kind, context, name, private: None, labels, type_, index }))
    }

    /// The type of a declaration; of a method without the call that binds `self`, which Swift 1 and 2 wrote.
    fn type_of(&mut self, kind: EntityKind) -> Option<Id> {
        let id = self.type_()?;
        match (kind, self.node(id)?) {
            (EntityKind::Variable, _) => Some(id),
            (_, Node::Function { parameters, result, .. })
                if !matches!(self.node(*parameters)?, Node::Tuple(_))
                    && matches!(self.node(*result)?, Node::Function { .. }) =>
            {
                Some(*result)
            }
            _ => Some(id),
        }
    }

    fn node(&self, id: Id) -> Option<&Node<'a>> {
        self.nodes.get(id as usize)
    }

    fn context(&mut self) -> Option<Id> {
        self.budget.enter()?;
        let id = match self.cursor.peek() {
            b'C' | b'V' | b'O' | b'P' => self.nominal()?,
            b'F' | b'Z' | b'v' => self.entity()?,
            b'E' => self.extension()?,
            b'G' => self.type_()?,
            _ => self.module()?,
        };
        self.budget.leave();
        Some(id)
    }

    fn module(&mut self) -> Option<Id> {
        if self.cursor.eat(b's') {
            return self.add(Node::Module(Cow::Borrowed("Swift")));
        }
        if self.cursor.eat(b'S') {
            return self.substitution();
        }
        let name = self.text()?;
        self.remembered(Node::Module(name))
    }

    fn extension(&mut self) -> Option<Id> {
        self.cursor.expect(b'E')?;
        let module = self.module()?;
        let extended = self.context()?;
        self.add(Node::Extension { module, extended, signature: None })
    }

    fn nominal(&mut self) -> Option<Id> {
        let kind = match self.cursor.next()? {
            b'C' => Nominal::Class,
            b'V' => Nominal::Struct,
            b'O' => Nominal::Enum,
            b'P' => Nominal::Protocol,
            _ => return None,
        };
        self.declared(kind)
    }

    fn declared(&mut self, kind: Nominal) -> Option<Id> {
        let context = self.context()?;
        let name = self.name()?;
        self.remembered(Node::Nominal { kind, context, name })
    }

    fn name(&mut self) -> Option<Id> {
        if self.cursor.eat(b'L') {
            let index = self.index()?;
            let name = self.identifier()?;
            return self.add(Node::LocalName { name, index });
        }
        if self.cursor.eat(b'P') {
            let file = self.identifier()?;
            let name = Some(self.identifier()?);
            return self.add(Node::PrivateName { name, file });
        }
        self.identifier()
    }

    fn identifier(&mut self) -> Option<Id> {
        if self.cursor.eat(b'o') {
            return self.operator();
        }
        let text = self.text()?;
        self.add(Node::Identifier(text))
    }

    fn operator(&mut self) -> Option<Id> {
        let fixity = match self.cursor.next()? {
            b'i' => " infix",
            b'p' => " prefix",
            b'P' => " postfix",
            _ => return None,
        };
        let symbol = self.text()?.chars().map(operator_character).collect::<Option<String>>()?;
        self.add(Node::Operator { symbol, fixity })
    }

    fn text(&mut self) -> Option<Cow<'a, str>> {
        let is_punycode = self.cursor.eat(b'X');
        let length = usize::try_from(self.cursor.number()?).ok().filter(|length| *length > 0)?;
        let text = self.cursor.take(length)?;
        if is_punycode { punycode::decoded(text).map(Cow::Owned) } else { Some(Cow::Borrowed(text)) }
    }

    /// `_` is 0, `0_` is 1.
    fn index(&mut self) -> Option<u64> {
        if self.cursor.eat(b'_') {
            return Some(0);
        }
        let number = self.cursor.number()?;
        self.cursor.expect(b'_')?;
        number.checked_add(1)
    }

    fn substitution(&mut self) -> Option<Id> {
        if matches!(self.cursor.peek(), b'_' | b'0'..=b'9') {
            let index = usize::try_from(self.index()?).ok()?;
            return self.substitutions.get(index).copied();
        }
        let letter = self.cursor.next()?;
        if matches!(letter, b'o' | b'C') {
            let name = if letter == b'o' { "__C" } else { "__C_Synthesized" };
            return self.add(Node::Module(Cow::Borrowed(name)));
        }
        let (kind, name) = standard(letter)?;
        let context = self.add(Node::Module(Cow::Borrowed("Swift")))?;
        let name = self.add(Node::Identifier(Cow::Borrowed(name)))?;
        self.add(Node::Nominal { kind, context, name })
    }

    fn type_(&mut self) -> Option<Id> {
        self.budget.enter()?;
        let id = match self.cursor.peek() {
            b'C' | b'V' | b'O' => self.nominal()?,
            _ => {
                let letter = self.cursor.next()?;
                self.lettered(letter)?
            }
        };
        self.budget.leave();
        Some(id)
    }

    fn lettered(&mut self, letter: u8) -> Option<Id> {
        match letter {
            b'S' => self.substitution(),
            b'F' | b'f' => self.function_type(""),
            b'K' => self.function_type("@autoclosure "),
            b'b' => self.function_type("@convention(block) "),
            b'c' => self.function_type("@convention(c) "),
            b'T' => self.tuple(false),
            b't' => self.tuple(true),
            b'G' => self.bound(),
            b'P' if self.cursor.eat(b'M') => self.metatype(true),
            b'P' => self.protocols(),
            b'M' => self.metatype(false),
            b'R' => self.modified("inout "),
            b'X' if self.cursor.eat(b'o') => self.modified("unowned "),
            b'X' if self.cursor.eat(b'w') => self.modified("weak "),
            b'x' => self.add(Node::Parameter { depth: 0, index: 0 }),
            b'q' => self.parameter(),
            b'D' => {
                let _class = self.type_()?;
                self.add(Node::DynamicSelf)
            }
            _ => None,
        }
    }

    fn function_type(&mut self, convention: &'static str) -> Option<Id> {
        let throws = self.cursor.eat(b'z').then_some(Throws::Any);
        let parameters = self.type_()?;
        let result = self.type_()?;
        let effects = Effects { throws, ..Effects::default() };
        self.add(Node::Function { convention, effects, parameters, result })
    }

    fn tuple(&mut self, is_variadic: bool) -> Option<Id> {
        let mut elements = Vec::new();
        while !self.cursor.eat(b'_') {
            let label = if self.cursor.peek().is_ascii_digit() { Some(self.identifier()?) } else { None };
            let type_ = self.type_()?;
            let is_variadic = is_variadic && self.cursor.peek() == b'_';
            elements.push(if label.is_some() || is_variadic {
                self.add(Node::Element { label, type_, is_variadic })?
            } else {
                type_
            });
        }
        self.add(Node::Tuple(elements))
    }

    fn bound(&mut self) -> Option<Id> {
        let base = self.type_()?;
        let mut arguments = Vec::new();
        while !self.cursor.eat(b'_') {
            arguments.push(self.type_()?);
        }
        self.add(Node::Bound { base, arguments })
    }

    fn protocols(&mut self) -> Option<Id> {
        let mut protocols = Vec::new();
        while !self.cursor.eat(b'_') {
            protocols.push(self.protocol()?);
        }
        self.add(Node::Protocols { protocols, superclass: None, is_object: false })
    }

    /// A protocol is written without a letter for its kind, or stands for one that was there before.
    fn protocol(&mut self) -> Option<Id> {
        let before = self.cursor.at();
        if self.cursor.eat(b'S') {
            let found = self.substitution()?;
            if !matches!(self.node(found)?, Node::Module(_)) {
                return Some(found);
            }
            self.cursor.seek(before);
        }
        self.declared(Nominal::Protocol)
    }

    fn metatype(&mut self, is_existential: bool) -> Option<Id> {
        let of = self.type_()?;
        self.add(Node::Metatype { of, representation: "", is_existential })
    }

    fn modified(&mut self, word: &'static str) -> Option<Id> {
        let type_ = self.type_()?;
        self.add(Node::Modified { word, type_ })
    }

    fn parameter(&mut self) -> Option<Id> {
        if self.cursor.eat(b'd') {
            let depth = self.index()?.checked_add(1)?;
            let index = self.index()?;
            return self.add(Node::Parameter { depth, index });
        }
        let index = self.index()?.checked_add(1)?;
        self.add(Node::Parameter { depth: 0, index })
    }
}

fn operator_character(letter: char) -> Option<char> {
    const LETTERS: &str = "acdeglmnopqrstxz";
    const SYMBOLS: &str = "&@/=><*!|+?%-~^.";
    LETTERS.find(letter).and_then(|at| SYMBOLS.chars().nth(at))
}

/// The type of the standard library that has a letter of its own.
fn standard(letter: u8) -> Option<(Nominal, &'static str)> {
    Some(match letter {
        b'a' => (Nominal::Struct, "Array"),
        b'b' => (Nominal::Struct, "Bool"),
        b'c' => (Nominal::Struct, "UnicodeScalar"),
        b'd' => (Nominal::Struct, "Double"),
        b'f' => (Nominal::Struct, "Float"),
        b'i' => (Nominal::Struct, "Int"),
        b'P' => (Nominal::Struct, "UnsafePointer"),
        b'p' => (Nominal::Struct, "UnsafeMutablePointer"),
        b'Q' => (Nominal::Enum, "ImplicitlyUnwrappedOptional"),
        b'q' => (Nominal::Enum, "Optional"),
        b'R' => (Nominal::Struct, "UnsafeBufferPointer"),
        b'r' => (Nominal::Struct, "UnsafeMutableBufferPointer"),
        b'S' => (Nominal::Struct, "String"),
        b'u' => (Nominal::Struct, "UInt"),
        b'V' => (Nominal::Struct, "UnsafeRawPointer"),
        b'v' => (Nominal::Struct, "UnsafeMutableRawPointer"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Style::{Full, Simple};
    use super::*;

    #[test]
    fn names_of_swift_3_read_as_they_were_written() {
        for (name, full, simple) in [
            (
                "_TFs16_assertionFailedFTVs12StaticStringSSS_Su5flagsVs6UInt32_Os5Never",
                "Swift._assertionFailed(Swift.StaticString, Swift.String, Swift.StaticString, Swift.UInt, \
                 flags: Swift.UInt32) -> Swift.Never",
                "_assertionFailed(_:_:_:_:flags:)",
            ),
            (
                "_TToFC6Sentry12SentryClient5crashfT_T_",
                "@objc Sentry.SentryClient.crash() -> ()",
                "@objc SentryClient.crash()",
            ),
            (
                "_TFC4main3Foo3barfS0_FT5countSi_Sb",
                "main.Foo.bar(count: Swift.Int) -> Swift.Bool",
                "Foo.bar(count:)",
            ),
            ("_TFC4main3FoocfT_S0_", "main.Foo.init() -> main.Foo", "Foo.init()"),
            ("_TFC4main3Foog5totalSi", "main.Foo.total.getter : Swift.Int", "Foo.total.getter"),
            (
                "_TZFC4main3Foo4makefzT_GSqS0__",
                "static main.Foo.make() throws -> main.Foo?",
                "static Foo.make()",
            ),
            ("_TFF4main3runFT_T_U_FT_T_", "closure #1 () -> () in main.run() -> ()", "closure #1 in run()"),
        ] {
            assert!(is_mangled(name.as_bytes()), "{name}");
            assert_eq!(demangled(name, Full).as_deref(), Some(full));
            assert_eq!(demangled(name, Simple).as_deref(), Some(simple));
        }
    }

    #[test]
    fn what_is_no_such_name_is_left_alone() {
        for name in [
            "_T",
            "_TF",
            "_TFC4main",
            "_TFs3fooT_T_x",
            "_TFs9999fooT_T_",
            "_TFs3fooFTS5__T_",
            "_TFs3foofQ_T_",
        ] {
            assert_eq!(demangled(name, Full), None, "{name}");
        }
        assert!(!is_mangled(b"_TIFFOpen") && !is_mangled(b"_TFile"));
    }
}
