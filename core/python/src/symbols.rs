//! Bindings of the debug file half: summaries, SymCaches, demangling.

use std::path::Path;

use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::symbols::symcache::{self, Chains, FILE_VERSION, FrameRecord};
use symbolicator_engine::symbols::{self, Cancel, Conversion, DebugFileError as EngineError, Summary};

use crate::buffer::{ReadOnly, filled_bytes, integers};
use crate::chains::{SourceLocation, Strings};
use crate::index_error;
use crate::interruptible::interruptible;

create_exception!(_core, DebugFileError, PyValueError, "The bytes are no debug file that can be read.");

create_exception!(_core, Cancelled, PyRuntimeError, "A conversion was cancelled through its token.");

// The engine's error is foreign to this crate, so that `From` cannot do this.
#[allow(clippy::needless_pass_by_value)]
pub fn debug_file_error(error: EngineError) -> PyErr {
    if error == EngineError::Cancelled {
        return Cancelled::new_err(error.to_string());
    }
    DebugFileError::new_err(error.to_string())
}

/// What a debug file is and can answer.
#[pyclass(module = "symbolicator._core", frozen)]
struct DebugFileSummary(Summary);

#[pymethods]
impl DebugFileSummary {
    #[getter]
    fn format(&self) -> &'static str {
        self.0.format
    }

    #[getter]
    fn index(&self) -> usize {
        self.0.index
    }

    #[getter]
    fn image_name(&self) -> Option<&str> {
        self.0.image_name.as_deref()
    }

    #[getter]
    fn arch(&self) -> &'static str {
        self.0.arch
    }

    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind
    }

    #[getter]
    fn code_id(&self) -> Option<&str> {
        self.0.code_id.as_deref()
    }

    #[getter]
    fn debug_id(&self) -> Option<String> {
        self.0.debug_id.map(|id| id.to_string())
    }

    #[getter]
    fn debug_link(&self) -> Option<&str> {
        self.0.debug_link.as_deref()
    }

    #[getter]
    fn debug_link_crc(&self) -> Option<u32> {
        self.0.debug_link_crc
    }

    #[getter]
    fn split_ids(&self) -> Vec<String> {
        self.0.split_ids.clone()
    }

    #[getter]
    fn load_address(&self) -> u64 {
        self.0.load_address
    }

    #[getter]
    fn has_debug_info(&self) -> bool {
        self.0.has_debug_info
    }

    #[getter]
    fn has_symbols(&self) -> bool {
        self.0.has_symbols
    }

    #[getter]
    fn has_hidden_names(&self) -> bool {
        self.0.has_hidden_names
    }

    #[getter]
    fn has_debug_map(&self) -> bool {
        self.0.has_debug_map
    }
}

/// Reads headers only.
#[pyfunction]
#[pyo3(signature = (data, /))]
fn summarize_debug_file(py: Python<'_>, data: ReadOnly) -> PyResult<DebugFileSummary> {
    let bytes = data.as_slice();
    let summary = py.detach(|| symbols::summarize_debug_file(bytes));
    summary.map(DebugFileSummary).map_err(debug_file_error)
}

/// Reads headers only, of every file in a universal binary.
#[pyfunction]
#[pyo3(signature = (data, /))]
fn summarize_debug_files(py: Python<'_>, data: ReadOnly) -> PyResult<Vec<DebugFileSummary>> {
    let bytes = data.as_slice();
    let summaries = py.detach(|| symbols::summarize_debug_files(bytes)).map_err(debug_file_error)?;
    Ok(summaries.into_iter().map(DebugFileSummary).collect())
}

/// Ends conversions from another thread.
#[pyclass(module = "symbolicator._core", frozen)]
#[derive(Default)]
struct CancelToken(Cancel);

#[pymethods]
impl CancelToken {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn cancel(&self) {
        self.0.cancel();
    }

    #[getter]
    fn cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// Converts a debug file to a SymCache file; `addresses`: only what lies around them.
#[pyfunction]
#[pyo3(signature = (data, index = 0, /, *, addresses = None, companions = Vec::new(), cancel = None))]
fn build_symcache<'py>(
    py: Python<'py>,
    data: ReadOnly,
    index: usize,
    addresses: Option<&Bound<'py, PyAny>>,
    companions: Vec<ReadOnly>,
    cancel: Option<&Bound<'py, CancelToken>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = data.as_slice();
    let companions: Vec<&[u8]> = companions.iter().map(ReadOnly::as_slice).collect();
    let addresses = addresses.map(|addresses| integers(addresses, u64::from_ne_bytes)).transpose()?;
    let token = cancel.map(|token| token.get().0.clone()).unwrap_or_default();
    if token.is_cancelled() {
        return Err(debug_file_error(EngineError::Cancelled));
    }
    let built = interruptible(py, &token, |cancel| {
        let addresses = addresses.as_deref();
        Conversion { index, companions: &companions, addresses, cancel: cancel.clone() }.writer(bytes)
    })?;
    let writer = built.map_err(debug_file_error)?;
    filled_bytes(py, writer.file_len(), |append| writer.finish_into(append))
}

/// What a debug file refers to and `companions` do not hold: kind, id, path.
#[pyfunction]
#[pyo3(signature = (data, /, *, companions = Vec::new()))]
fn missing_companions(
    py: Python<'_>,
    data: ReadOnly,
    companions: Vec<ReadOnly>,
) -> PyResult<Vec<(&'static str, String, String)>> {
    let bytes = data.as_slice();
    let companions: Vec<&[u8]> = companions.iter().map(ReadOnly::as_slice).collect();
    let missing = py.detach(|| symbols::missing_companions(bytes, &companions)).map_err(debug_file_error)?;
    Ok(missing.into_iter().map(|one| (one.kind.name(), one.id, one.name)).collect())
}

/// Demangles a name of any language that mangles; a plain name comes back as it is.
#[pyfunction]
#[pyo3(signature = (name, /, *, arguments = true))]
fn demangle(name: &str, arguments: bool) -> String {
    if arguments { symbols::demangle(name) } else { symbols::demangle_without_arguments(name) }
}

/// Whether a program has the tables of Go's runtime.
#[pyfunction]
#[pyo3(signature = (data, /))]
fn has_go_table(py: Python<'_>, data: ReadOnly) -> bool {
    let bytes = data.as_slice();
    py.detach(|| symbols::has_go_table(bytes))
}

type Documents = Vec<(String, bool)>;

/// Lists the sources of a portable PDB.
#[pyfunction]
#[pyo3(signature = (data, /))]
fn portable_pdb_sources(py: Python<'_>, data: ReadOnly) -> PyResult<(Documents, Option<Bound<'_, PyBytes>>)> {
    let bytes = data.as_slice();
    let sources = py.detach(|| symbols::portable_pdb_sources(bytes)).map_err(debug_file_error)?;
    Ok((sources.documents, sources.source_link.map(|link| PyBytes::new(py, &link))))
}

/// The text of a source in a portable PDB.
#[pyfunction]
#[pyo3(signature = (data, path, /))]
fn portable_pdb_source<'py>(
    py: Python<'py>,
    data: ReadOnly,
    path: &str,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let bytes = data.as_slice();
    let text = py.detach(|| symbols::portable_pdb_source(bytes, path)).map_err(debug_file_error)?;
    Ok(text.map(|text| PyBytes::new(py, &text)))
}

/// Where the sources of a program are served, as its debug file says.
#[pyclass(module = "symbolicator._core", frozen)]
struct SourceLinks(symbols::SourceLinks);

#[pymethods]
impl SourceLinks {
    #[staticmethod]
    #[pyo3(signature = (data, /))]
    fn read(py: Python<'_>, data: ReadOnly) -> PyResult<Self> {
        let bytes = data.as_slice();
        py.detach(|| symbols::SourceLinks::read(bytes)).map(Self).map_err(debug_file_error)
    }

    #[getter]
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[pyo3(signature = (path, /))]
    fn url(&self, path: &str) -> Option<String> {
        self.0.url(path)
    }
}

/// An index file made by build_symcache.
#[pyclass(module = "symbolicator._core", frozen)]
struct SymCache(symcache::SymCache, Strings);

#[pymethods]
impl SymCache {
    #[staticmethod]
    #[pyo3(signature = (path, /))]
    fn open(path: &str) -> PyResult<Self> {
        let bytes = Bytes::map(Path::new(path))?;
        Self::opened(bytes)
    }

    #[staticmethod]
    #[pyo3(signature = (data, /))]
    fn from_bytes(data: &[u8]) -> PyResult<Self> {
        Self::opened(Bytes::Owned(data.to_vec()))
    }

    #[getter]
    fn code_id(&self) -> PyResult<Option<String>> {
        self.0.code_id().map_err(index_error)
    }

    #[getter]
    fn debug_id(&self) -> PyResult<Option<String>> {
        self.0.debug_id().map_err(index_error)
    }

    #[getter]
    fn arch(&self) -> PyResult<String> {
        Ok(self.0.arch().map_err(index_error)?.unwrap_or_else(|| "unknown".to_owned()))
    }

    #[getter]
    fn load_address(&self) -> u64 {
        self.0.load_address()
    }

    #[getter]
    fn missing_companions(&self) -> PyResult<Vec<(String, String, String)>> {
        let missing = self.0.missing_companions().map_err(index_error)?;
        Ok(missing.into_iter().map(|[kind, id, name]| (kind, id, name)).collect())
    }

    #[getter]
    fn function_count(&self) -> u64 {
        self.0.function_count()
    }

    fn verify(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.0.verify()).map_err(index_error)
    }

    #[pyo3(signature = (addresses, /))]
    fn lookup<'py>(
        &self,
        py: Python<'py>,
        addresses: &Bound<'py, PyAny>,
    ) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        let addresses = integers(addresses, u64::from_ne_bytes)?;
        let chains = py.detach(|| self.0.lookup(&addresses).map(|chains| encode(&chains)));
        let (ends, frames) = chains.map_err(index_error)?;
        Ok((PyBytes::new(py, &ends), PyBytes::new(py, &frames)))
    }

    #[pyo3(signature = (addresses, /))]
    fn chains<'py>(&self, py: Python<'py>, addresses: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let addresses = integers(addresses, u64::from_ne_bytes)?;
        self.1.chains(py, &self.0, &addresses)
    }

    #[pyo3(signature = (id, /))]
    fn string(&self, id: u32) -> PyResult<String> {
        self.0.string(id).map_err(index_error)
    }

    #[pyo3(signature = (name, /))]
    fn symbol_address(&self, py: Python<'_>, name: &str) -> PyResult<Option<u64>> {
        py.detach(|| self.0.symbol_address(name)).map_err(index_error)
    }
}

impl SymCache {
    fn opened(bytes: Bytes) -> PyResult<Self> {
        let symcache = symcache::SymCache::open(bytes).map_err(index_error)?;
        Ok(Self(symcache, Strings::default()))
    }
}

/// Native-endian arrays: one u32 an address, eight u32 a frame.
fn encode(chains: &Chains) -> (Vec<u8>, Vec<u8>) {
    let ends = chains.ends.iter().flat_map(|end| end.to_ne_bytes()).collect();
    let frames = chains.frames.iter().flat_map(record).flat_map(u32::to_ne_bytes).collect();
    (ends, frames)
}

fn record(frame: &FrameRecord) -> [u32; 8] {
    let (low, high) = (frame.entry as u32, (frame.entry >> 32) as u32);
    [frame.function, frame.symbol, frame.file, frame.line, frame.column, frame.flags, low, high]
}

/// Adds this module's classes and functions.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("SYMCACHE_VERSION", FILE_VERSION)?;
    module.add("DebugFileError", module.py().get_type::<DebugFileError>())?;
    module.add("Cancelled", module.py().get_type::<Cancelled>())?;
    module.add_class::<CancelToken>()?;
    module.add_class::<DebugFileSummary>()?;
    module.add_class::<SymCache>()?;
    module.add_class::<SourceLinks>()?;
    module.add_class::<SourceLocation>()?;
    module.add_function(wrap_pyfunction!(summarize_debug_file, module)?)?;
    module.add_function(wrap_pyfunction!(summarize_debug_files, module)?)?;
    module.add_function(wrap_pyfunction!(build_symcache, module)?)?;
    module.add_function(wrap_pyfunction!(has_go_table, module)?)?;
    module.add_function(wrap_pyfunction!(portable_pdb_sources, module)?)?;
    module.add_function(wrap_pyfunction!(portable_pdb_source, module)?)?;
    module.add_function(wrap_pyfunction!(missing_companions, module)?)?;
    module.add_function(wrap_pyfunction!(demangle, module)?)
}
