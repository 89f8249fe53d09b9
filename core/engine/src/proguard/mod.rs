//! Mapping files of ProGuard and R8: which class, method and line of the source a frame of Java had before shrinking.
//!
//! ```
//! use symbolicator_engine::mapped::Bytes;
//! use symbolicator_engine::proguard::{Index, Query, build_index};
//!
//! let mapping = b"com.shop.Cart -> a.b:\n    1:1:void com.shop.Price.round():7:7 -> c\n    1:1:void add(int):12 -> c\n";
//! let index = Index::open(Bytes::Owned(build_index(mapping)?))?;
//! let query = Query { class: "a.b", method: "c", line: 1, ..Query::default() };
//! let answers = index.lookup(&[query], None)?;
//! let calls: Vec<_> = answers.calls(0, 0).iter().map(|call| call.line).collect();
//! assert_eq!(calls, [7, 12]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Sources: ProGuard's manual ("ReTrace"), and R8's documentation of its mapping files, versions 1.0 to 2.2.

mod build;
mod chains;
mod comments;
mod error;
mod index;
mod layout;
mod lines;
mod lookup;
mod members;
mod parse;
mod records;
mod signature;
mod source_file;
mod strings;
#[cfg(test)]
mod tests;

pub use build::build_index;
pub use error::ProguardError;
pub use index::{Counts, Index};
pub use layout::{NONE, PROGUARD_INDEX_VERSION};
pub use lookup::{Answers, Call, Found, Query};
