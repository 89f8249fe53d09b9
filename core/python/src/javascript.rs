//! Bindings of the script half: function indexes.

use std::path::Path;

use pyo3::create_exception;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use symbolicator_engine::javascript::{self, FUNCTION_INDEX_VERSION, NamePiece};
use symbolicator_engine::mapped::Bytes;

use crate::buffer::{ReadOnly, integers};
use crate::index_error;

create_exception!(_core, ScriptError, PyValueError, "A script is larger than this build takes.");

/// Stands for "no function".
const NONE: u32 = u32::MAX;

/// Text, line, column, whether it is a property.
type Piece = (String, u32, u32, bool);

/// Finds the functions of a script; returns the index file.
#[pyfunction]
#[pyo3(signature = (data, /))]
fn build_function_index(py: Python<'_>, data: ReadOnly) -> PyResult<Bound<'_, PyBytes>> {
    let bytes = data.as_slice();
    let built = py.detach(|| javascript::build_function_index(bytes));
    built.map(|index| PyBytes::new(py, &index)).map_err(|error| ScriptError::new_err(error.to_string()))
}

/// An index file made by build_function_index.
#[pyclass(module = "symbolicator._core", frozen)]
struct FunctionIndex(javascript::FunctionIndex);

#[pymethods]
impl FunctionIndex {
    #[staticmethod]
    #[pyo3(signature = (path, /))]
    fn open(path: &str) -> PyResult<Self> {
        let bytes = Bytes::map(Path::new(path))?;
        javascript::FunctionIndex::open(bytes).map(Self).map_err(index_error)
    }

    #[staticmethod]
    #[pyo3(signature = (data, /))]
    fn from_bytes(data: &[u8]) -> PyResult<Self> {
        javascript::FunctionIndex::open(Bytes::Owned(data.to_vec())).map(Self).map_err(index_error)
    }

    #[getter]
    fn function_count(&self) -> u32 {
        self.0.function_count()
    }

    fn verify(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.0.verify()).map_err(index_error)
    }

    #[pyo3(signature = (positions, /))]
    fn lookup<'py>(&self, py: Python<'py>, positions: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let positions = integers(positions, |pair: [u8; 8]| {
            let [a, b, c, d, e, f, g, h] = pair;
            [u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes([e, f, g, h])]
        })?;
        let words = py.detach(|| {
            let mut words = Vec::with_capacity(positions.len() * 4);
            let found = |id: Option<u32>| words.extend(id.unwrap_or(NONE).to_ne_bytes());
            self.0.lookup(&positions, found).map(|()| words)
        });
        Ok(PyBytes::new(py, &words.map_err(index_error)?))
    }

    #[pyo3(signature = (function, /))]
    fn function(&self, function: u32) -> PyResult<(&'static str, Vec<Piece>)> {
        let found = self.0.function(function).map_err(index_error)?;
        let found =
            found.ok_or_else(|| PyIndexError::new_err(format!("the script has no function {function}")))?;
        let piece = |piece: NamePiece| (piece.text, piece.line0, piece.column0, piece.is_property);
        Ok((found.kind.as_str(), found.pieces.into_iter().map(piece).collect()))
    }
}

/// Adds this module's classes and functions.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("FUNCTION_INDEX_VERSION", FUNCTION_INDEX_VERSION)?;
    module.add("ScriptError", module.py().get_type::<ScriptError>())?;
    module.add_class::<FunctionIndex>()?;
    module.add_function(wrap_pyfunction!(build_function_index, module)?)
}
