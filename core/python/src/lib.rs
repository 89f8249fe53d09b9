//! `symbolicator._core`: the engine as Python sees it (`symbolicator/_core.pyi` is its contract).

mod buffer;
mod chains;
mod interruptible;
mod javascript;
mod minidump;
mod proguard;
mod sourcemap;
mod symbols;
mod unwind;

use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use symbolicator_engine::container::IndexError;

create_exception!(_core, IndexFileError, PyValueError, "An index file cannot be used: build it again.");

/// Turns an index error into the exception of the same meaning.
pub(crate) fn index_error(error: IndexError) -> PyErr {
    IndexFileError::new_err(error.to_string())
}

/// Hot loops and parsers of untrusted bytes.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("IndexFileError", module.py().get_type::<IndexFileError>())?;
    sourcemap::register(module)?;
    javascript::register(module)?;
    minidump::register(module)?;
    proguard::register(module)?;
    symbols::register(module)?;
    unwind::register(module)
}
