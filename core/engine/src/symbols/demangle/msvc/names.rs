//! Qualified names: simple ones, templates, operators, scopes inside functions.

use super::declarator::Declarator;
use super::operators;
use super::{MAX_KNOWN, Reader};

/// Scopes of one name.
const MAX_SCOPES: usize = 64;
/// Arguments of one template.
const MAX_ARGUMENTS: usize = 4096;

/// The name of a function or variable.
pub(super) struct SymbolName {
    pub(super) text: String,
    /// `operator` waits for the type that it converts to.
    pub(super) is_conversion: bool,
}

/// What a name starts with.
enum Own {
    Text(String),
    Constructor,
    Destructor,
    Conversion,
}

impl<'a> Reader<'a> {
    /// The name of a symbol: its own part, then the scopes from the innermost on.
    pub(super) fn qualified_symbol_name(&mut self) -> Option<SymbolName> {
        self.enter()?;
        let (own, arguments) = self.own_name(true)?;
        let scopes = self.scopes()?;
        let text = match own {
            Own::Text(text) => text,
            Own::Constructor => scopes.first()?.clone(),
            Own::Destructor => format!("~{}", scopes.first()?),
            Own::Conversion => "operator".to_owned(),
        };
        let is_conversion = text == "operator";
        let text = qualified(&scopes, &format!("{text}{arguments}"));
        self.leave();
        Some(SymbolName { text: self.counted(text)?, is_conversion })
    }

    /// The name of a class, namespace or enumeration.
    pub(super) fn qualified_type_name(&mut self) -> Option<String> {
        self.enter()?;
        let own = self.scope()?;
        let scopes = self.scopes()?;
        let text = qualified(&scopes, &own);
        self.leave();
        self.counted(text)
    }

    /// The own name of a symbol and its template arguments.
    fn own_name(&mut self, remembers: bool) -> Option<(Own, String)> {
        if self.cursor.peek().is_ascii_digit() {
            return Some((Own::Text(self.known_name()?), String::new()));
        }
        if self.cursor.eat_text("?$") {
            return self.template(Self::template_own_name);
        }
        if self.cursor.eat(b'?') {
            return Some((self.encoded_name()?, String::new()));
        }
        Some((Own::Text(self.simple_name(remembers)?), String::new()))
    }

    fn template_own_name(&mut self) -> Option<Own> {
        if self.cursor.eat(b'?') { self.encoded_name() } else { self.simple_name(true).map(Own::Text) }
    }

    fn encoded_name(&mut self) -> Option<Own> {
        if self.cursor.eat_text("__K") {
            let name = self.simple_name(false)?;
            return Some(Own::Text(format!("operator \"\"{name}")));
        }
        Some(match self.cursor.peek() {
            b'0' => self.step(Own::Constructor)?,
            b'1' => self.step(Own::Destructor)?,
            b'B' => self.step(Own::Conversion)?,
            _ => Own::Text(self.operator_name()?.to_owned()),
        })
    }

    fn step(&mut self, own: Own) -> Option<Own> {
        self.cursor.next()?;
        Some(own)
    }

    fn operator_name(&mut self) -> Option<&'static str> {
        let underscores = self.cursor.rest().bytes().take(2).take_while(|byte| *byte == b'_').count();
        operators::operator(self.cursor.take(underscores + 1)?)
    }

    fn known_name(&mut self) -> Option<String> {
        let index = usize::from(self.cursor.next()? - b'0');
        let name = self.names.get(index)?.clone();
        self.counted(name)
    }

    fn simple_name(&mut self, remembers: bool) -> Option<String> {
        let length = self.cursor.rest().find('@').filter(|length| *length > 0)?;
        let name = self.cursor.take(length)?;
        self.cursor.next()?;
        if remembers {
            self.remember_name(name);
        }
        self.counted(name.to_owned())
    }

    fn remember_name(&mut self, name: &str) {
        if self.names.len() < MAX_KNOWN && !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    /// The scopes around a name, innermost first, up to the `@` behind them.
    fn scopes(&mut self) -> Option<Vec<String>> {
        let mut scopes = Vec::new();
        while !self.cursor.eat(b'@') {
            if scopes.len() >= MAX_SCOPES {
                return None;
            }
            scopes.push(self.scope()?);
        }
        Some(scopes)
    }

    pub(super) fn scope(&mut self) -> Option<String> {
        if self.cursor.peek().is_ascii_digit() {
            return self.known_name();
        }
        if self.cursor.eat_text("?$") {
            let (own, arguments) = self.template(Self::template_own_name)?;
            let Own::Text(own) = own else { return None };
            let text = format!("{own}{arguments}");
            self.remember_name(&text);
            return self.counted(text);
        }
        if self.cursor.eat_text("?A") {
            return self.anonymous_namespace();
        }
        if self.cursor.eat(b'?') {
            return self.local_scope();
        }
        self.simple_name(true)
    }

    fn anonymous_namespace(&mut self) -> Option<String> {
        let length = self.cursor.rest().find('@')?;
        let key = self.cursor.take(length)?;
        self.cursor.next()?;
        self.remember_name(key);
        Some("`anonymous namespace'".to_owned())
    }

    /// `?1??f@@YAXXZ`: the second block of a function.
    fn local_scope(&mut self) -> Option<String> {
        let number = self.number()?;
        self.cursor.expect(b'?')?;
        let function = self.symbol()?;
        self.counted(format!("`{}'::`{number}'", function.full))
    }

    /// A template's name and arguments, in which digits refer to names and types of the template only.
    fn template<T>(&mut self, own: impl Fn(&mut Self) -> Option<T>) -> Option<(T, String)> {
        self.enter()?;
        let names = std::mem::take(&mut self.names);
        let types = std::mem::take(&mut self.types);
        let own = own(self)?;
        let arguments = self.template_arguments()?;
        self.names = names;
        self.types = types;
        self.leave();
        Some((own, arguments))
    }

    fn template_arguments(&mut self) -> Option<String> {
        let mut shown = Vec::new();
        while !self.cursor.eat(b'@') {
            if shown.len() >= MAX_ARGUMENTS {
                return None;
            }
            if ["$S", "$$V", "$$$V", "$$Z"].iter().any(|empty| self.cursor.eat_text(empty)) {
                continue;
            }
            shown.push(self.template_argument()?);
        }
        self.counted(format!("<{}>", shown.join(", ")))
    }

    fn template_argument(&mut self) -> Option<String> {
        if self.cursor.eat_text("$$Y") {
            return self.qualified_type_name();
        }
        if self.cursor.eat_text("$$B") {
            return Some(self.type_()?.text());
        }
        if self.cursor.eat_text("$$C") {
            let qualifiers = self.qualifiers()?;
            let mut type_ = self.type_()?;
            type_.qualify(qualifiers);
            return Some(type_.text());
        }
        if self.cursor.peek() == b'$' && self.cursor.peek_at(1) != b'$' {
            self.cursor.next()?;
            return self.template_value();
        }
        let type_ = self.type_()?;
        self.counted(type_.text())
    }

    fn template_value(&mut self) -> Option<String> {
        if self.cursor.eat(b'M') {
            self.type_()?;
            return self.template_value();
        }
        match self.cursor.next()? {
            b'0' => self.number(),
            b'1' => Some(format!("&{}", self.symbol()?.full)),
            b'E' => Some(self.symbol()?.full),
            letter @ b'H'..=b'J' => {
                let count = usize::from(letter - b'G');
                let mut parts = Vec::new();
                if self.cursor.peek() == b'?' {
                    parts.push(self.symbol()?.full);
                }
                for _ in 0..count {
                    parts.push(self.number()?);
                }
                self.counted(format!("{{{}}}", parts.join(", ")))
            }
            letter @ (b'F' | b'G') => {
                let mut parts = Vec::new();
                for _ in 0..(if letter == b'F' { 2 } else { 3 }) {
                    parts.push(self.number()?);
                }
                Some(format!("{{{}}}", parts.join(", ")))
            }
            _ => None,
        }
    }

    /// A number: one digit for 1 to 10, else letters up to `@`.
    pub(super) fn number(&mut self) -> Option<String> {
        let sign = if self.cursor.eat(b'?') { "-" } else { "" };
        if self.cursor.peek().is_ascii_digit() {
            return Some(format!("{sign}{}", self.cursor.next()? - b'0' + 1));
        }
        let mut value: u64 = 0;
        loop {
            match self.cursor.next()? {
                b'@' => return Some(format!("{sign}{value}")),
                letter @ b'A'..=b'P' => {
                    value = value.checked_mul(16)?.checked_add(u64::from(letter - b'A'))?
                }
                _ => return None,
            }
        }
    }

    /// What `??` starts that is no function or variable; Some(None) if it starts one.
    pub(super) fn special_symbol(&mut self) -> Option<Option<String>> {
        if self.cursor.rest().starts_with("?_C@_") {
            return None;
        }
        for code in ["_7", "_8", "_S", "_R4"] {
            if self.cursor.eat_text(&format!("?{code}")) {
                return self.table(operators::table(code)?).map(Some);
            }
        }
        for code in ["_R2", "_R3"] {
            if self.cursor.eat_text(&format!("?{code}")) {
                let scopes = self.scopes()?;
                self.cursor.expect(b'8')?;
                return Some(Some(qualified(&scopes, operators::table(code)?)));
            }
        }
        if self.cursor.eat_text("?_R0") {
            let type_ = self.type_()?;
            self.cursor.eat_text("@8");
            return Some(Some(format!("{} `RTTI Type Descriptor'", type_.text())));
        }
        if self.cursor.eat_text("?_R1") {
            return self.base_class_descriptor().map(Some);
        }
        for (code, word) in [("?__E", "dynamic initializer for"), ("?__F", "dynamic atexit destructor for")] {
            if self.cursor.eat_text(code) {
                return self.initializer(word).map(Some);
            }
        }
        for (code, word) in [("?_B", "`local static guard'"), ("?__J", "`local static thread guard'")] {
            if self.cursor.eat_text(code) {
                return self.guard(word).map(Some);
            }
        }
        Some(None)
    }

    fn table(&mut self, word: &str) -> Option<String> {
        let scopes = self.scopes()?;
        self.cursor.next().filter(|letter| matches!(letter, b'6' | b'7'))?;
        let qualifiers = self.qualifiers()?;
        let of = if self.cursor.eat(b'@') {
            String::new()
        } else {
            format!("{{for `{}'}}", self.qualified_type_name()?)
        };
        self.cursor.eat(b'@');
        let name = qualified(&scopes, word);
        self.counted(format!(
            "{}{}{name}{of}",
            qualifiers.trim_start(),
            if qualifiers.is_empty() { "" } else { " " }
        ))
    }

    fn base_class_descriptor(&mut self) -> Option<String> {
        let mut numbers = Vec::new();
        for _ in 0..4 {
            numbers.push(self.number()?);
        }
        let scopes = self.scopes()?;
        self.cursor.expect(b'8')?;
        Some(qualified(&scopes, &format!("`RTTI Base Class Descriptor at ({})'", numbers.join(", "))))
    }

    /// What runs before `main`, or behind it, for a variable.
    fn initializer(&mut self, word: &str) -> Option<String> {
        let variable = if self.cursor.peek() == b'?' {
            let symbol = self.symbol()?.full;
            while self.cursor.eat(b'@') {}
            symbol
        } else {
            let (own, arguments) = self.own_name(true)?;
            let Own::Text(own) = own else { return None };
            let scopes = self.scopes()?;
            qualified(&scopes, &format!("{own}{arguments}"))
        };
        self.cursor.expect(b'Y')?;
        let parts = self.function_parts()?;
        let declared = format!("{} `{word} '{variable}''({})", parts.convention, parts.parameters);
        self.counted(parts.result.before_function(&declared))
    }

    fn guard(&mut self, word: &str) -> Option<String> {
        let scopes = self.scopes()?;
        let is_visible = self.cursor.eat_text("4IA");
        if !is_visible {
            self.cursor.expect(b'5')?;
        }
        let number = if self.cursor.is_at_end() { String::new() } else { format!("{{{}}}", self.number()?) };
        Some(qualified(&scopes, &format!("{word}{number}")))
    }
}

/// `name` behind its scopes.
fn qualified(scopes: &[String], name: &str) -> String {
    let mut text = String::new();
    for scope in scopes.iter().rev() {
        text.push_str(scope);
        text.push_str("::");
    }
    text.push_str(name);
    text
}

/// `operator int` for a conversion, whose type is its result.
pub(super) fn with_conversion(name: SymbolName, result: &Declarator) -> SymbolName {
    if !name.is_conversion {
        return name;
    }
    SymbolName { text: format!("{} {}", name.text, result.text()), is_conversion: true }
}
