//! Source maps (ECMA-426): parsed once into an index, looked up in place from then on.
//!
//! ```
//! use symbolicator_engine::mapped::Bytes;
//! use symbolicator_engine::sourcemap::{Mode, SourceIndex, build_index};
//!
//! let map = br#"{"version": 3, "sources": ["a.js"], "names": ["f"], "mappings": "AAAA,IAAIA"}"#;
//! let built = build_index(map, Mode::Strict)?;
//! let index = SourceIndex::open(Bytes::Owned(built.bytes))?;
//! let mut answers = Vec::new();
//! index.lookup(&[[0, 5], [1, 0]], |position| answers.push(position))?;
//! let first = answers[0].ok_or("line 0 is mapped")?;
//! assert_eq!((first.source, first.line0, first.column0, first.name), (0, 0, 4, Some(0)));
//! assert_eq!(index.source_name(0)?, Some("a.js"));
//! assert_eq!(index.name(0)?, Some("f"));
//! assert_eq!(answers[1], None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The way of a map: `json` finds values, `document` the shape of the whole, `sections` the place of each
//! plain map, `fields` reads everything but the mappings, `mappings` decodes these, and `build` puts the
//! parts of the index together. What the index looks like is written down in `layout`.

mod build;
mod debug_id;
mod document;
mod error;
mod fields;
mod functions;
mod index;
mod layout;
mod mappings;
mod metro;
mod range_mappings;
mod scopes;
mod sections;
mod sources;
pub(crate) mod strings;
mod summary;
pub(crate) mod table;
pub(crate) mod text;
mod unsigned;
mod vlq;

#[cfg(test)]
mod tests;

pub use build::{BuiltIndex, Options, build_index, prepare_index};
pub use error::{Mode, SourceMapError};
pub use index::{OriginalPosition, SourceIndex};
pub use layout::FORMAT_VERSION;
pub use range_mappings::RangeMappings;
pub use scopes::{Function, ScopeFrame};
pub use summary::{Summary, summarize};
