//! Bindings of the source map half: summaries, source indexes.

use std::path::Path;

use pyo3::create_exception;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::sourcemap::{
    self, FORMAT_VERSION, Function, Mode, Options, OriginalPosition, RangeMappings, ScopeFrame,
    SourceMapError as EngineError, Summary,
};

use crate::buffer::{ReadOnly, filled_bytes, integers};
use crate::index_error;

create_exception!(
    _core,
    SourceMapError,
    PyValueError,
    "The bytes are no source map, or break a rule of ECMA-426."
);

// The engine's error is foreign to this crate, so that `From` cannot do this.
#[allow(clippy::needless_pass_by_value)]
fn source_map_error(error: EngineError) -> PyErr {
    SourceMapError::new_err(error.to_string())
}

/// Bytes of an answer of `lookup`.
const RECORD_LEN: usize = 16;

/// What the top level of a source map says.
#[pyclass(module = "symbolicator._core", frozen)]
struct SourceMapSummary(Summary);

#[pymethods]
impl SourceMapSummary {
    #[getter]
    fn file(&self) -> Option<&str> {
        self.0.file.as_deref()
    }

    #[getter]
    fn debug_id(&self) -> Option<&str> {
        self.0.debug_id.as_deref()
    }

    #[getter]
    fn sources(&self) -> Vec<Option<String>> {
        self.0.sources.clone()
    }

    #[getter]
    fn sources_with_content(&self) -> usize {
        self.0.sources_with_content
    }

    #[getter]
    fn names(&self) -> usize {
        self.0.names
    }

    #[getter]
    fn sections(&self) -> usize {
        self.0.sections
    }
}

/// Reads the top level of a source map.
#[pyfunction]
#[pyo3(signature = (data, /))]
fn summarize_source_map(py: Python<'_>, data: ReadOnly) -> PyResult<SourceMapSummary> {
    let bytes = data.as_slice();
    py.detach(|| sourcemap::summarize(bytes)).map(SourceMapSummary).map_err(source_map_error)
}

/// Parses a source map; returns the index file and the defects that were passed over.
#[pyfunction]
#[pyo3(signature = (data, /, *, strict = false, texts = true, range_mappings = None))]
fn build_source_index<'py>(
    py: Python<'py>,
    data: ReadOnly,
    strict: bool,
    texts: bool,
    range_mappings: Option<&str>,
) -> PyResult<(Bound<'py, PyBytes>, Vec<String>)> {
    let bytes = data.as_slice();
    let mode = if strict { Mode::Strict } else { Mode::Lenient };
    let range_mappings = match range_mappings {
        None => RangeMappings::Ignored,
        Some("0-based") => RangeMappings::ZeroBased,
        Some("1-based") => RangeMappings::OneBased,
        Some(other) => {
            return Err(PyValueError::new_err(format!("range_mappings is 0-based or 1-based, not {other}")));
        }
    };
    let built = py.detach(|| sourcemap::prepare_index(bytes, Options { mode, texts, range_mappings }));
    let (file, defects) = built.map_err(source_map_error)?;
    Ok((filled_bytes(py, file.file_len(), |append| file.finish_into(append))?, defects))
}

/// Bytes of a record of `scope_frames`.
const SCOPE_FRAME_LEN: usize = 16;

/// Line and column in native order.
fn place([a, b, c, d, e, f, g, h]: [u8; 8]) -> [u32; 2] {
    [u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes([e, f, g, h])]
}

/// Function, source, line and column; ids of names are less than 2^32 - 3.
fn scope_frame(frame: &ScopeFrame) -> [u32; 4] {
    let function = match frame.function {
        Function::Named(name) => name,
        Function::Anonymous => u32::MAX,
        Function::TopLevel => u32::MAX - 1,
        Function::Unknown => u32::MAX - 2,
    };
    let [source, line0, column0] = frame.call.unwrap_or([u32::MAX; 3]);
    [function, source, line0, column0]
}

/// An index file made by build_source_index.
#[pyclass(module = "symbolicator._core", frozen)]
struct SourceIndex(sourcemap::SourceIndex);

#[pymethods]
impl SourceIndex {
    #[staticmethod]
    #[pyo3(signature = (path, /))]
    fn open(path: &str) -> PyResult<Self> {
        let bytes = Bytes::map(Path::new(path))?;
        sourcemap::SourceIndex::open(bytes).map(Self).map_err(index_error)
    }

    #[staticmethod]
    #[pyo3(signature = (data, /))]
    fn from_bytes(data: ReadOnly) -> PyResult<Self> {
        sourcemap::SourceIndex::open(Bytes::Held(Box::new(data))).map(Self).map_err(index_error)
    }

    #[getter]
    fn file(&self) -> Option<&str> {
        self.0.file()
    }

    #[getter]
    fn debug_id(&self) -> Option<&str> {
        self.0.debug_id()
    }

    #[getter]
    fn defects(&self) -> PyResult<Vec<String>> {
        self.0.defects().map_err(index_error)
    }

    #[getter]
    fn source_count(&self) -> usize {
        self.0.source_count()
    }

    #[getter]
    fn token_count(&self) -> u64 {
        self.0.token_count()
    }

    fn verify(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.0.verify()).map_err(index_error)
    }

    #[pyo3(signature = (positions, /))]
    fn lookup<'py>(&self, py: Python<'py>, positions: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let positions = integers(positions, place)?;
        PyBytes::new_with(py, positions.len() * RECORD_LEN, |out| {
            let mut records = out.as_chunks_mut::<RECORD_LEN>().0.iter_mut();
            let found = |position: Option<OriginalPosition>| {
                let words = position.map_or(OriginalPosition::NO_WORDS, OriginalPosition::to_words);
                if let Some(record) = records.next() {
                    record.as_chunks_mut().0.copy_from_slice(&words.map(u32::to_ne_bytes));
                }
            };
            py.detach(|| self.0.lookup(&positions, found)).map_err(index_error)
        })
    }

    #[pyo3(signature = (positions, /))]
    fn scope_frames<'py>(
        &self,
        py: Python<'py>,
        positions: &Bound<'py, PyAny>,
    ) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        let positions = integers(positions, place)?;
        let (mut ends, mut records) = (Vec::with_capacity(positions.len() * 4), Vec::new());
        let found = |frames: &[ScopeFrame]| {
            records.extend(frames.iter().flat_map(scope_frame).flat_map(u32::to_ne_bytes));
            ends.extend(((records.len() / SCOPE_FRAME_LEN) as u32).to_ne_bytes());
        };
        py.detach(|| self.0.scope_frames(&positions, found)).map_err(index_error)?;
        Ok((PyBytes::new(py, &ends), PyBytes::new(py, &records)))
    }

    #[pyo3(signature = (segment, /))]
    fn segment_line0(&self, segment: u32) -> PyResult<Option<u32>> {
        self.0.segment_line0(segment).map_err(index_error)
    }

    #[pyo3(signature = (segment, module, /))]
    fn module_line0(&self, segment: u32, module: u32) -> PyResult<Option<u32>> {
        self.0.module_line0(segment, module).map_err(index_error)
    }

    #[pyo3(signature = (segment, function, /))]
    fn function_offset(&self, segment: u32, function: u32) -> PyResult<Option<u32>> {
        self.0.function_offset(segment, function).map_err(index_error)
    }

    #[pyo3(signature = (source, /))]
    fn source_name(&self, source: u32) -> PyResult<Option<&str>> {
        self.0.source_name(source).map_err(index_error)
    }

    #[pyo3(signature = (source, /))]
    fn source_ignored(&self, source: u32) -> PyResult<bool> {
        self.0.source_ignored(source).map_err(index_error)
    }

    #[pyo3(signature = (name, /))]
    fn name(&self, name: u32) -> PyResult<&str> {
        let found = self.0.name(name).map_err(index_error)?;
        found.ok_or_else(|| PyIndexError::new_err(format!("the map has no name {name}")))
    }

    #[pyo3(signature = (source, /))]
    fn source_text(&self, py: Python<'_>, source: u32) -> PyResult<Option<String>> {
        py.detach(|| self.0.source_text(source)).map_err(index_error)
    }

    #[pyo3(signature = (source, first_line0, count, /))]
    fn source_lines(&self, source: u32, first_line0: u32, count: u32) -> PyResult<Option<Vec<String>>> {
        self.0.source_lines(source, first_line0, count).map_err(index_error)
    }

    #[pyo3(signature = (source, line0, column0, /))]
    fn function_at(&self, source: u32, line0: u32, column0: u32) -> PyResult<Option<&str>> {
        self.0.function_at(source, line0, column0).map_err(index_error)
    }
}

/// Adds this module's classes and functions.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("SOURCE_INDEX_VERSION", FORMAT_VERSION)?;
    module.add("SourceMapError", module.py().get_type::<SourceMapError>())?;
    module.add_class::<SourceMapSummary>()?;
    module.add_class::<SourceIndex>()?;
    module.add_function(wrap_pyfunction!(summarize_source_map, module)?)?;
    module.add_function(wrap_pyfunction!(build_source_index, module)?)
}
