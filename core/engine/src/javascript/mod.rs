//! Generated JavaScript: which function is around a position, and which pieces of the text name it.
//!
//! ```
//! use symbolicator_engine::javascript::{FunctionIndex, FunctionKind, build_function_index};
//! use symbolicator_engine::mapped::Bytes;
//!
//! let built = build_function_index(b"class a{b(){c()}}")?;
//! let index = FunctionIndex::open(Bytes::Owned(built))?;
//! let mut found = Vec::new();
//! index.lookup(&[[0, 12], [0, 0]], |id| found.push(id))?;
//! assert_eq!(found, [Some(0), None]);
//! let function = index.function(0)?.ok_or("there is one")?;
//! assert_eq!(function.kind, FunctionKind::Method);
//! let pieces: Vec<_> = function.pieces.iter().map(|piece| (&*piece.text, piece.column0)).collect();
//! assert_eq!(pieces, [("a", 6), ("b", 8)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `scan` finds the functions in one pass over the tokens, without a syntax tree; `places` turns its offsets into
//! lines and columns; `build` and `index` write and read the index that `layout` describes.

mod build;
mod index;
mod layout;
mod places;
mod scan;

#[cfg(test)]
mod tests;

pub use build::{ScriptError, build_function_index};
pub use index::{Function, FunctionIndex, NamePiece};
pub use layout::FUNCTION_INDEX_VERSION;
pub use scan::FunctionKind;
