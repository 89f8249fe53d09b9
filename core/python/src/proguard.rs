//! Bindings of the ProGuard half: indexes of mapping files.

use std::path::Path;
use std::sync::Arc;

use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::proguard::{self, Answers, Call, Found, NONE, PROGUARD_INDEX_VERSION, Query};

use crate::buffer::ReadOnly;
use crate::index_error;

create_exception!(_core, ProguardError, PyValueError, "The bytes are no mapping file that can be read.");

/// Class, method, line, parameters, source file.
type Frame = (PyBackedStr, PyBackedStr, u32, Option<PyBackedStr>, Option<PyBackedStr>);

/// Converts a mapping file to an index file.
#[pyfunction]
#[pyo3(signature = (data, /))]
fn build_proguard_index(py: Python<'_>, data: ReadOnly) -> PyResult<Bound<'_, PyBytes>> {
    let bytes = data.as_slice();
    let built = py.detach(|| proguard::build_index(bytes));
    built.map(|index| PyBytes::new(py, &index)).map_err(|error| ProguardError::new_err(error.to_string()))
}

/// A call in the source.
#[pyclass(module = "symbolicator._core", frozen)]
struct JavaCall {
    #[pyo3(get)]
    class_name: Py<PyString>,
    #[pyo3(get)]
    method: Py<PyString>,
    #[pyo3(get)]
    file: Py<PyString>,
    line: u32,
    #[pyo3(get)]
    is_synthesized: bool,
    /// Types are rarely asked for: their strings are made when they are.
    parameters: u32,
    returns: u32,
    index: Py<ProguardIndex>,
}

#[pymethods]
impl JavaCall {
    #[getter]
    fn line(&self) -> Option<u32> {
        Some(self.line).filter(|line| *line > 0)
    }

    #[getter]
    fn parameters(&self) -> PyResult<Option<String>> {
        self.index.get().optional(self.parameters)
    }

    #[getter]
    fn returns(&self) -> PyResult<Option<String>> {
        self.index.get().optional(self.returns)
    }

    fn __repr__(&self) -> String {
        format!("JavaCall({}.{}, {}:{})", self.class_name, self.method, self.file, self.line)
    }
}

/// Answers to the frames of one stack.
struct Stack {
    index: Py<ProguardIndex>,
    frames: Vec<Frame>,
    answers: Answers,
}

/// What a frame was in the source. Its calls become objects when they are asked for.
#[pyclass(module = "symbolicator._core", frozen)]
struct JavaAnswer {
    stack: Arc<Stack>,
    frame: usize,
}

#[pymethods]
impl JavaAnswer {
    #[getter]
    fn found<'py>(&self, py: Python<'py>) -> &Bound<'py, PyString> {
        found_name(py, self.stack.answers.found.get(self.frame).copied().unwrap_or(Found::Nothing))
    }

    #[getter]
    fn alternatives<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let (index, answers) = (self.stack.index.bind(py), &self.stack.answers);
        let method = self.stack.frames.get(self.frame).map_or("", |frame| &frame.1);
        let alternative = |number| {
            let calls = answers.calls(self.frame, number).iter().map(|call| java_call(index, call, method));
            PyTuple::new(py, calls.collect::<PyResult<Vec<_>>>()?)
        };
        let alternatives = (0..answers.alternatives(self.frame)).map(alternative);
        PyTuple::new(py, alternatives.collect::<PyResult<Vec<_>>>()?)
    }
}

/// An index file made by build_proguard_index.
#[pyclass(module = "symbolicator._core", frozen)]
struct ProguardIndex(proguard::Index);

#[pymethods]
impl ProguardIndex {
    #[staticmethod]
    #[pyo3(signature = (path, /))]
    fn open(path: &str) -> PyResult<Self> {
        let bytes = Bytes::map(Path::new(path))?;
        proguard::Index::open(bytes).map(Self).map_err(index_error)
    }

    #[staticmethod]
    #[pyo3(signature = (data, /))]
    fn from_bytes(data: &[u8]) -> PyResult<Self> {
        proguard::Index::open(Bytes::Owned(data.to_vec())).map(Self).map_err(index_error)
    }

    #[getter]
    fn class_count(&self) -> u32 {
        self.0.counts().classes
    }

    #[getter]
    fn entry_count(&self) -> u32 {
        self.0.counts().entries
    }

    #[getter]
    fn left_out(&self) -> u32 {
        let counts = self.0.counts();
        counts.left_out.saturating_add(counts.too_long)
    }

    #[getter]
    fn has_lines(&self) -> bool {
        self.0.counts().has_lines
    }

    fn verify(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.0.verify()).map_err(index_error)
    }

    #[pyo3(signature = (names, /))]
    fn classes(&self, py: Python<'_>, names: Vec<PyBackedStr>) -> PyResult<Vec<Option<String>>> {
        let name = |name: &PyBackedStr| Ok(self.0.class_name(name)?.map(std::borrow::Cow::into_owned));
        py.detach(|| names.iter().map(name).collect::<Result<_, _>>()).map_err(index_error)
    }

    #[pyo3(signature = (frames, /, *, thrown = None))]
    fn lookup<'py>(
        slf: &Bound<'py, Self>,
        py: Python<'py>,
        frames: Vec<Frame>,
        thrown: Option<PyBackedStr>,
    ) -> PyResult<Bound<'py, PyList>> {
        let index = &slf.get().0;
        let answers = py.detach(|| {
            let queries: Vec<_> = frames.iter().map(query).collect();
            index.lookup(&queries, thrown.as_deref())
        });
        let answers = answers.map_err(index_error)?;
        let count = answers.found.len();
        let stack = Arc::new(Stack { index: slf.clone().unbind(), frames, answers });
        let answer = |frame| Bound::new(py, JavaAnswer { stack: Arc::clone(&stack), frame });
        PyList::new(py, (0..count).map(answer).collect::<PyResult<Vec<_>>>()?)
    }
}

impl ProguardIndex {
    fn optional(&self, id: u32) -> PyResult<Option<String>> {
        if id == NONE {
            return Ok(None);
        }
        self.0.string(id).map(|text| Some(text.into_owned())).map_err(index_error)
    }

    fn text(&self, py: Python<'_>, id: u32) -> PyResult<Py<PyString>> {
        Ok(PyString::new(py, &self.0.string(id).map_err(index_error)?).unbind())
    }

    fn file(&self, py: Python<'_>, call: &Call) -> PyResult<Py<PyString>> {
        if call.source_file != NONE {
            return self.text(py, call.source_file);
        }
        let name = self.0.made_up_file(call.class, call.is_kotlin).map_err(index_error)?;
        Ok(PyString::new(py, &name).unbind())
    }
}

fn java_call<'py>(
    index: &Bound<'py, ProguardIndex>,
    call: &Call,
    method: &str,
) -> PyResult<Bound<'py, JavaCall>> {
    let (py, own) = (index.py(), index.get());
    let method =
        if call.method == NONE { PyString::new(py, method).unbind() } else { own.text(py, call.method)? };
    let call = JavaCall {
        class_name: own.text(py, call.class)?,
        method,
        file: own.file(py, call)?,
        line: call.line,
        is_synthesized: call.is_synthesized,
        parameters: call.parameters,
        returns: call.returns,
        index: index.clone().unbind(),
    };
    Bound::new(py, call)
}

fn query(frame: &Frame) -> Query<'_> {
    let (class, method, line, parameters, file) = frame;
    Query { class, method, line: *line, parameters: parameters.as_deref(), file: file.as_deref() }
}

fn found_name(py: Python<'_>, found: Found) -> &Bound<'_, PyString> {
    match found {
        Found::Nothing => intern!(py, "nothing"),
        Found::Class => intern!(py, "class"),
        Found::Method => intern!(py, "method"),
        Found::Line => intern!(py, "line"),
        Found::Outline => intern!(py, "outline"),
        Found::Removed => intern!(py, "removed"),
    }
}

/// Adds this module's classes and functions.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("PROGUARD_INDEX_VERSION", PROGUARD_INDEX_VERSION)?;
    module.add("ProguardError", module.py().get_type::<ProguardError>())?;
    module.add_class::<JavaAnswer>()?;
    module.add_class::<JavaCall>()?;
    module.add_class::<ProguardIndex>()?;
    module.add_function(wrap_pyfunction!(build_proguard_index, module)?)
}
