//! `symbolicator._core`: the engine as Python sees it (`symbolicator/_core.pyi` is its contract).

use pyo3::prelude::*;

/// Hot loops and parsers of untrusted bytes.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    Ok(())
}
