//! What the compiler makes beside functions and variables: virtual tables, thunks, guards.

use super::super::node::{Id, Node};
use super::super::phrases::Phrase;
use super::Parser;

impl Parser<'_> {
    /// `<special-name>`
    pub(super) fn special(&mut self) -> Option<Id> {
        let code = [self.peek(), self.peek_at(1)];
        self.at += 2;
        if code[0] == b'T' { self.table_or_thunk(code[1]) } else { self.guard_or_other(code[1]) }
    }

    fn table_or_thunk(&mut self, code: u8) -> Option<Id> {
        let phrase = match code {
            b'V' => Phrase::Vtable,
            b'T' => Phrase::Vtt,
            b'I' => Phrase::Typeinfo,
            b'S' => Phrase::TypeinfoName,
            b'F' => Phrase::TypeinfoFunction,
            b'J' => Phrase::JavaClass,
            _ => return self.thunk_or_other(code),
        };
        let inner = self.ty()?;
        Some(self.push(Node::Prefixed { phrase, inner }))
    }

    fn thunk_or_other(&mut self, code: u8) -> Option<Id> {
        match code {
            b'C' => self.construction_vtable(),
            b'h' | b'v' => {
                self.at -= 1;
                self.call_offset()?;
                let is_virtual = code == b'v';
                self.special_function(if is_virtual { Phrase::VirtualThunk } else { Phrase::NonVirtualThunk })
            }
            b'c' => {
                self.call_offset()?;
                self.call_offset()?;
                self.special_function(Phrase::CovariantThunk)
            }
            b'A' => {
                let inner = self.template_argument()?;
                Some(self.push(Node::Prefixed { phrase: Phrase::TemplateParameterObject, inner }))
            }
            b'H' => self.special_name(Phrase::TlsInit),
            b'W' => self.special_name(Phrase::TlsWrapper),
            _ => None,
        }
    }

    fn guard_or_other(&mut self, code: u8) -> Option<Id> {
        match code {
            b'V' => self.special_name(Phrase::Guard),
            b'R' => self.reference_temporary(),
            b'A' => self.special_function(Phrase::HiddenAlias),
            b'I' => {
                let inner = self.module_prefix()?;
                Some(self.push(Node::Prefixed { phrase: Phrase::ModuleInitializer, inner }))
            }
            b'T' => {
                let kind = self.peek();
                self.at += 1;
                let is_plain = kind == b'n';
                self.special_function(if is_plain {
                    Phrase::NonTransactionClone
                } else {
                    Phrase::TransactionClone
                })
            }
            _ => None,
        }
    }

    fn special_function(&mut self, phrase: Phrase) -> Option<Id> {
        let inner = self.encoding()?;
        Some(self.push(Node::Prefixed { phrase, inner }))
    }

    fn special_name(&mut self, phrase: Phrase) -> Option<Id> {
        let inner = self.name()?.id;
        Some(self.push(Node::Prefixed { phrase, inner }))
    }

    /// `TC <type> <offset> _ <type>`
    fn construction_vtable(&mut self) -> Option<Id> {
        let derived = self.ty()?;
        self.number()?;
        self.expect(b'_')?;
        let base = self.ty()?;
        Some(self.push(Node::ConstructionVtable { derived, base }))
    }

    /// `h <offset> _` or `v <offset> _ <offset> _`
    fn call_offset(&mut self) -> Option<()> {
        let is_virtual = self.peek() == b'v';
        if !is_virtual && self.peek() != b'h' {
            return None;
        }
        self.at += 1;
        self.offset()?;
        if is_virtual { self.offset() } else { Some(()) }
    }

    fn offset(&mut self) -> Option<()> {
        self.eat(b'n');
        self.digits();
        self.expect(b'_')
    }

    /// `GR <name> [<sequence number>] _`; old compilers wrote a number without an end.
    fn reference_temporary(&mut self) -> Option<Id> {
        let name = self.name()?.id;
        let number = if matches!(self.peek(), 0 | b'.') {
            0
        } else if self.peek() == b'_' {
            self.at += 1;
            0
        } else {
            let digits = self.digits();
            let is_new = self.eat(b'_');
            self.decimal(digits)?.checked_add(u32::from(is_new))?
        };
        Some(self.push(Node::ReferenceTemporary { number, name }))
    }

    fn decimal(&self, digits: super::super::node::Span) -> Option<u32> {
        let text = self.text.get(digits.start as usize..(digits.start + digits.len) as usize)?;
        std::str::from_utf8(text).ok()?.parse().ok()
    }
}
