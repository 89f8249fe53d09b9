//! Python buffers as byte slices that outlive the GIL: the only module here with `unsafe` code.

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyBufferError, PyValueError};
use pyo3::prelude::*;

/// Read-only bytes of a Python object, held alive and unresizable while this value lives.
pub struct ReadOnly(PyBuffer<u8>);

impl ReadOnly {
    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the buffer is C-contiguous and read-only (checked at extraction), and its
        // exporter keeps it in place until `self.0` is released.
        #[allow(unsafe_code)]
        unsafe {
            std::slice::from_raw_parts(self.0.buf_ptr().cast::<u8>(), self.0.len_bytes())
        }
    }
}

impl FromPyObject<'_, '_> for ReadOnly {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let buffer = PyBuffer::<u8>::get(&object)?;
        if !buffer.readonly() {
            return Err(PyBufferError::new_err(
                "a read-only buffer is needed: pass bytes, or memoryview(...).toreadonly()",
            ));
        }
        if !buffer.is_c_contiguous() {
            return Err(PyBufferError::new_err("a contiguous buffer is needed"));
        }
        Ok(Self(buffer))
    }
}

/// A copy of an array of native-endian integers, given as any buffer of that item size.
pub fn integers<const WIDTH: usize, T>(
    object: &Bound<'_, PyAny>,
    convert: fn([u8; WIDTH]) -> T,
) -> PyResult<Vec<T>> {
    let view = object.py().import("builtins")?.getattr("memoryview")?.call1((object,))?;
    let bytes: Vec<u8> = view.call_method0("tobytes")?.extract()?;
    let (items, rest) = bytes.as_chunks::<WIDTH>();
    if rest.is_empty() {
        Ok(items.iter().map(|item| convert(*item)).collect())
    } else {
        Err(PyValueError::new_err(format!("the buffer's length is no multiple of {WIDTH} bytes")))
    }
}
