//! Bindings.

use pyo3::prelude::*;

/// Adds this module's classes and functions.
pub fn register(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
