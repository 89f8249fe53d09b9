//! What a scan finds: functions with their ranges and the pieces of their names, as offsets in bytes.

use super::frame::Span;

/// No function.
pub(crate) const NONE: u32 = u32::MAX;

/// What a function is in the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum FunctionKind {
    /// Declaration or expression with the word `function`.
    Function,
    /// Arrow function.
    Arrow,
    /// Method of a class or an object.
    Method,
    /// Static method of a class.
    StaticMethod,
    /// `get x(){}`, of a class or an object.
    Getter,
    /// `set x(a){}`, of a class or an object.
    Setter,
    /// Constructor of a class; its name is the class's.
    Constructor,
    /// `static {}` of a class; its name is the class's.
    StaticBlock,
    /// Initialiser of a field.
    Field,
    /// Initialiser of a static field.
    StaticField,
}

impl FunctionKind {
    /// All kinds, by number.
    pub(crate) const ALL: [Self; 10] = [
        Self::Function,
        Self::Arrow,
        Self::Method,
        Self::StaticMethod,
        Self::Getter,
        Self::Setter,
        Self::Constructor,
        Self::StaticBlock,
        Self::Field,
        Self::StaticField,
    ];

    /// The kind in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Arrow => "arrow",
            Self::Method => "method",
            Self::StaticMethod => "static method",
            Self::Getter => "getter",
            Self::Setter => "setter",
            Self::Constructor => "constructor",
            Self::StaticBlock => "static block",
            Self::Field => "field",
            Self::StaticField => "static field",
        }
    }
}

/// How a piece of a name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// A variable.
    Local,
    /// A property: `.a`, `a:`, `#a`.
    Property,
    /// A property in quotes.
    Quoted,
    /// A computed key of a member, brackets and all.
    ComputedKey,
    /// A computed member of an assignment's target, brackets and all.
    Subscript,
    /// `this`: stands for the class around it.
    This,
}

/// A piece of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) kind: PieceKind,
}

/// A function, or where none is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: u32,
    pub(crate) end: u32,
    first_piece: u32,
    pieces: u8,
    /// The name is the function's own, whatever is done with its value.
    keeps_name: bool,
    /// None where the text nests too deep to tell.
    pub(crate) kind: Option<FunctionKind>,
}

/// Pieces beyond this many are left out.
const MAX_PIECES: usize = 16;

/// All functions of a text. They nest; their order is that in which they were recognised.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) ranges: Vec<Range>,
    pieces: Vec<Piece>,
}

impl Found {
    /// Adds a function that is still open and returns its id.
    pub(super) fn open(&mut self, start: usize, kind: Option<FunctionKind>) -> u32 {
        let first_piece = self.pieces.len() as u32;
        let start = start as u32;
        self.ranges.push(Range { start, end: NONE, first_piece, pieces: 0, keeps_name: false, kind });
        (self.ranges.len() - 1) as u32
    }

    /// Appends pieces to the name of the function opened last; `this` is what that stands for.
    pub(super) fn name(&mut self, pieces: &[Piece], name: Span, this: Span) {
        let Some(range) = self.ranges.last_mut() else { return };
        for piece in name.of(pieces) {
            let expanded = match piece.kind {
                PieceKind::This => this.of(pieces),
                _ => std::slice::from_ref(piece),
            };
            let room = MAX_PIECES.saturating_sub(usize::from(range.pieces));
            let expanded = &expanded[..expanded.len().min(room)];
            self.pieces.extend_from_slice(expanded);
            range.pieces += expanded.len() as u8;
        }
    }

    /// Ends a function, if it was not before.
    pub(super) fn close(&mut self, id: u32, end: usize) {
        if let Some(range) = self.ranges.get_mut(id as usize)
            && range.end == NONE
        {
            range.end = end as u32;
        }
    }

    /// The function is called where it stands: what is assigned is not the function.
    pub(super) fn forget_name(&mut self, id: u32) {
        if let Some(range) = self.ranges.get_mut(id as usize)
            && !range.keeps_name
        {
            range.pieces = 0;
        }
    }

    /// The name stays even if the function is called where it stands.
    pub(super) fn keep_name(&mut self, id: u32) {
        if let Some(range) = self.ranges.get_mut(id as usize) {
            range.keeps_name = true;
        }
    }

    /// Nothing is known in this range after all.
    pub(super) fn forget(&mut self, id: u32, end: usize) {
        if let Some(range) = self.ranges.get_mut(id as usize) {
            (range.kind, range.end) = (None, end as u32);
        }
    }

    /// Pieces of a function's name.
    pub(crate) fn pieces(&self, range: &Range) -> &[Piece] {
        let first = range.first_piece as usize;
        self.pieces.get(first..first + usize::from(range.pieces)).unwrap_or_default()
    }
}
