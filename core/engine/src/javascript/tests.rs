//! What functions are found, form by form.

use super::*;
use crate::mapped::Bytes;

fn open(text: &[u8]) -> FunctionIndex {
    FunctionIndex::open(Bytes::Owned(build_function_index(text).unwrap())).unwrap()
}
