//! Words with a meaning of their own.

/// What a word does where it stands as a word of the language, not as a property.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Name,
    /// `this`.
    This,
    /// `if`, `while`, `switch`, `with`: parentheses follow, then a statement.
    Head,
    For,
    Catch,
    /// `do`, `else`, `try`, `finally`: a statement follows.
    Statement,
    /// `return`: an expression follows, on the same line.
    Return,
    /// `case`, `const`, `new`, `throw`, `typeof`, …: an expression follows.
    Prefix,
    /// `let`, `var`-like only in front of a name or pattern.
    Let,
    /// `in`, `instanceof`.
    Infix,
    Extends,
    Function,
    Class,
    Async,
    Import,
    Export,
    /// `default` of a switch; behind `export` it is looked for there.
    Default,
    /// `break`, `continue`, `debugger`: nothing follows that matters.
    Alone,
}

/// Classifies a word.
#[inline]
pub(super) fn classify(word: &[u8]) -> Word {
    if !matches!(word.len(), 2..=10) || !word[0].is_ascii_lowercase() {
        return Word::Name;
    }
    match word {
        b"this" => Word::This,
        b"if" | b"while" | b"switch" | b"with" => Word::Head,
        b"for" => Word::For,
        b"catch" => Word::Catch,
        b"do" | b"else" | b"try" | b"finally" => Word::Statement,
        b"return" => Word::Return,
        b"case" | b"const" | b"var" | b"new" | b"throw" | b"typeof" | b"void" | b"delete" | b"await"
        | b"yield" => Word::Prefix,
        b"let" => Word::Let,
        b"in" | b"instanceof" => Word::Infix,
        b"extends" => Word::Extends,
        b"function" => Word::Function,
        b"class" => Word::Class,
        b"async" => Word::Async,
        b"import" => Word::Import,
        b"export" => Word::Export,
        b"default" => Word::Default,
        b"break" | b"continue" | b"debugger" => Word::Alone,
        _ => Word::Name,
    }
}
