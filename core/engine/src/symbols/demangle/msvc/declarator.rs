//! Types as C++ spells them: around what they declare.

/// What stands before and behind the declared name: `int (*` and `)[3]`.
#[derive(Debug, Clone, Default)]
pub(super) struct Declarator {
    pub(super) before: String,
    pub(super) behind: String,
    /// Its qualifiers are its own already.
    pub(super) is_pointer: bool,
    /// A function or array: a pointer to it needs parentheses.
    pub(super) binds_behind: bool,
    /// What a pointer to the function puts into the parentheses: `__cdecl`.
    pub(super) convention: &'static str,
}

impl Declarator {
    /// A plain type.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { before: text.into(), ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.before.len() + self.behind.len()
    }

    /// Adds `const` and the like.
    pub(super) fn qualify(&mut self, qualifiers: &str) {
        if !qualifiers.is_empty() && !self.binds_behind {
            self.before.push_str(qualifiers);
        }
    }

    /// The type with `name` in its place.
    pub(super) fn around(&self, name: &str) -> String {
        let space = if self.before.is_empty() || name.is_empty() || self.before.ends_with(['*', '&', '(']) {
            ""
        } else {
            " "
        };
        format!("{}{space}{name}{}", self.before, self.behind)
    }

    /// The result of a function that is declared as `function`.
    pub(super) fn before_function(&self, function: &str) -> String {
        let space = if self.before.is_empty() { "" } else { " " };
        format!("{}{space}{function}{}", self.before, self.behind)
    }

    /// The type alone.
    pub(super) fn text(&self) -> String {
        if self.binds_behind {
            let convention = self.convention;
            let space = if self.behind.starts_with('(') || !convention.is_empty() { " " } else { "" };
            return format!("{}{space}{convention}{}", self.before, self.behind);
        }
        format!("{}{}", self.before, self.behind)
    }

    /// A pointer or reference to it; `sign` is `*`, `&` or `Class::*`.
    pub(super) fn pointed(self, sign: &str, qualifiers: &str) -> Self {
        let space = if self.before.ends_with(['*', '&', '(']) || self.before.is_empty() { "" } else { " " };
        if !self.binds_behind {
            let before = format!("{}{space}{sign}{qualifiers}", self.before);
            return Self { before, behind: self.behind, is_pointer: true, ..Self::default() };
        }
        let convention =
            if self.convention.is_empty() { String::new() } else { format!("{} ", self.convention) };
        Self {
            before: format!("{}{space}({convention}{sign}{qualifiers}", self.before),
            behind: format!("){}", self.behind),
            is_pointer: true,
            ..Self::default()
        }
    }
}
