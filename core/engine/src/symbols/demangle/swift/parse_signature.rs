//! Functions that were made for what their callers pass: constants, closures, parts of a value.

use super::super::text::MAX_DEMANGLED;
use super::node::{Node, Specialization};
use super::parser::Parser;

/// What became of one argument, and what of it is yet to be popped.
enum Change {
    Said(&'static str),
    Text(String),
    Closure,
    Function,
    Global,
    Text8(&'static str),
    Nothing,
}

impl<'a> Parser<'a> {
    /// What follows `Tf`.
    pub(super) fn signature_specialization(&mut self) -> Option<()> {
        let is_serialized = self.specialization_pass()?;
        let mut changes = Vec::new();
        while !self.cursor.eat(b'_') {
            changes.push(self.changes_of_argument()?);
        }
        let result = if self.cursor.eat(b'n') { Vec::new() } else { self.changes_of_argument()? };
        let mut arguments = Vec::new();
        for (index, changes) in changes.into_iter().enumerate().rev() {
            if let Some(told) = self.told(changes)? {
                arguments.push(format!("Arg[{index}] = {told}"));
            }
        }
        arguments.reverse();
        if let Some(told) = self.told(result)? {
            arguments.push(format!("Return = {told}"));
        }
        let word = "function signature specialization";
        self.push(Node::Specialization(Specialization { word, is_serialized, types: Vec::new(), arguments }))
    }

    fn changes_of_argument(&mut self) -> Option<Vec<Change>> {
        Some(match self.cursor.next()? {
            b'n' => vec![Change::Nothing],
            b'c' | b'C' => vec![Change::Closure],
            b'p' => vec![self.constant()?],
            b'e' => self.option_set("Existential To Protocol Constrained Generic")?,
            b'd' => self.option_set("Dead")?,
            b'g' => self.option_set("Owned To Guaranteed")?,
            b'o' => self.option_set("Guaranteed To Owned")?,
            b'x' => vec![Change::Said("Exploded")],
            b'i' => vec![Change::Said("Value Promoted from Box")],
            b's' => vec![Change::Said("Stack Promoted from Box")],
            b'r' => vec![Change::Said("InOut Converted to Out")],
            _ => return None,
        })
    }

    fn option_set(&mut self, first: &'static str) -> Option<Vec<Change>> {
        let mut changes = vec![Change::Said(first)];
        loop {
            changes.push(Change::Said(match self.cursor.peek() {
                b'D' => "Dead",
                b'G' => "Owned To Guaranteed",
                b'O' => "Guaranteed To Owned",
                b'X' => "Exploded",
                _ => return Some(changes),
            }));
            self.cursor.next()?;
        }
    }

    fn constant(&mut self) -> Option<Change> {
        Some(match self.cursor.next()? {
            b'f' => Change::Function,
            b'g' => Change::Global,
            b'i' => Change::Text(format!("[Constant Propagated Integer : {}]", self.cursor.number()?)),
            b'd' => Change::Text(format!("[Constant Propagated Float : {}]", self.cursor.number()?)),
            b's' => Change::Text8(match self.cursor.next()? {
                b'b' => "u8",
                b'w' => "u16",
                b'c' => "objc",
                _ => return None,
            }),
            _ => return None,
        })
    }

    fn told(&mut self, changes: Vec<Change>) -> Option<Option<String>> {
        let mut told: Vec<String> = Vec::new();
        for change in changes {
            told.extend(match change {
                Change::Nothing => None,
                Change::Said(text) => Some(text.to_owned()),
                Change::Text(text) => Some(text),
                Change::Text8(encoding) => {
                    Some(format!("[Constant Propagated String : {encoding}'{}']", self.popped_text()?))
                }
                Change::Function => {
                    Some(format!("[Constant Propagated Function : {}]", self.popped_function()?))
                }
                Change::Global => Some(format!("[Constant Propagated Global : {}]", self.popped_text()?)),
                Change::Closure => Some(self.closure_text()?),
            });
        }
        Some((!told.is_empty()).then(|| told.join(" and ")))
    }

    fn popped_text(&mut self) -> Option<String> {
        let id = self.pop_identifier()?;
        let Node::Identifier(text) = self.node(id)? else { return None };
        let text = text
            .strip_prefix('_')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            .unwrap_or(text);
        Some(text.to_owned())
    }

    /// A name within the name is read too, one within that is not.
    fn popped_function(&mut self) -> Option<String> {
        let text = self.popped_text()?;
        self.afford(text.len())?;
        if self.is_inner {
            return Some(text);
        }
        let shown = super::demangled_inner(&text).unwrap_or(text);
        self.afford(shown.len())?;
        Some(shown)
    }

    fn afford(&mut self, bytes: usize) -> Option<()> {
        self.spent += bytes;
        (self.spent <= MAX_DEMANGLED).then_some(())
    }

    fn closure_text(&mut self) -> Option<String> {
        let mut types = Vec::new();
        while let Some(type_) = self.pop_type() {
            types.push(type_);
        }
        types.reverse();
        let name = self.popped_function()?;
        let mut shown = Vec::new();
        for type_ in types {
            let text = super::print::text_of(&self.nodes, &[type_], super::Style::Full)?;
            self.afford(text.len())?;
            shown.push(text);
        }
        Some(format!("[Closure Propagated : {name}, Argument Types : [{}]", shown.join(", ")))
    }
}
