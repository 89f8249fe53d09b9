//! Python buffers as byte slices that outlive the GIL: the only module here with `unsafe` code.

use std::mem::{MaybeUninit, take};

use pyo3::buffer::{PyBuffer, PyUntypedBuffer};
use pyo3::exceptions::{PyBufferError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

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

impl AsRef<[u8]> for ReadOnly {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
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
    let buffer = PyUntypedBuffer::get(object)?;
    if !buffer.is_c_contiguous() {
        return Err(PyBufferError::new_err("a contiguous buffer is needed"));
    }
    if buffer.len_bytes() == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the buffer is C-contiguous and not empty, and no other thread writes to it before the slice is
    // gone: it is copied with the GIL held.
    #[allow(unsafe_code)]
    let bytes = unsafe { std::slice::from_raw_parts(buffer.buf_ptr().cast::<u8>(), buffer.len_bytes()) };
    let (items, rest) = bytes.as_chunks::<WIDTH>();
    if rest.is_empty() {
        Ok(items.iter().map(|item| convert(*item)).collect())
    } else {
        Err(PyValueError::new_err(format!("the buffer's length is no multiple of {WIDTH} bytes")))
    }
}

/// A new `bytes` object of `len` bytes, to which `fill` appends piece by piece without the GIL.
///
/// The object's memory is taken page by page as it is filled, so that `fill` may free what it has handed over.
/// Panics unless the pieces make up `len` bytes.
pub fn filled_bytes<'py>(
    py: Python<'py>,
    len: usize,
    fill: impl FnOnce(&mut dyn FnMut(&[u8])) + Send,
) -> PyResult<Bound<'py, PyBytes>> {
    // SAFETY: the null pointer asks for `len` bytes that are not initialized; the reference is a new one.
    #[allow(unsafe_code)]
    let object = unsafe {
        let bytes = ffi::PyBytes_FromStringAndSize(std::ptr::null(), len as ffi::Py_ssize_t);
        Bound::from_owned_ptr_or_err(py, bytes)?.cast_into_unchecked::<PyBytes>()
    };
    // SAFETY: nobody else has seen the object, and its `len` bytes need no initialization as this type.
    #[allow(unsafe_code)]
    let mut room = unsafe {
        let start = ffi::PyBytes_AsString(object.as_ptr()).cast::<MaybeUninit<u8>>();
        std::slice::from_raw_parts_mut(start, len)
    };
    py.detach(|| {
        fill(&mut |piece| {
            let (now, later) = take(&mut room).split_at_mut(piece.len());
            for (place, byte) in now.iter_mut().zip(piece) {
                place.write(*byte);
            }
            room = later;
        });
        assert!(room.is_empty(), "bytes are missing");
    });
    Ok(object)
}
