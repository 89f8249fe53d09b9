//! Chains of calls as Python objects, made without a detour through arrays.
//!
//! A name is demangled and becomes a Python string once for an opened index; after that a call costs one small object.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use symbolicator_engine::container::IndexError;
use symbolicator_engine::symbols::symcache::{Chains, FrameRecord, NONE, SymCache, UNKNOWN_ENTRY};

use crate::index_error;

/// Strings that are kept for one index; then they are forgotten and made again.
const MAX_STRINGS: usize = 1 << 18;

/// One call of a chain.
#[pyclass(module = "symbolicator._core", frozen)]
pub struct SourceLocation {
    #[pyo3(get)]
    function: Option<Py<PyString>>,
    #[pyo3(get)]
    symbol: Option<Py<PyString>>,
    #[pyo3(get)]
    file: Option<Py<PyString>>,
    line: u32,
    column: u32,
    flags: u32,
    entry: u64,
}

#[pymethods]
impl SourceLocation {
    #[getter]
    fn line(&self) -> Option<u32> {
        Some(self.line).filter(|line| *line > 0)
    }

    /// Nobody served the file as far as the index knows.
    #[getter]
    fn source_link(&self) -> Option<String> {
        None
    }

    #[getter]
    fn column(&self) -> Option<u32> {
        Some(self.column).filter(|column| *column > 0)
    }

    #[getter]
    fn entry(&self) -> Option<u64> {
        Some(self.entry).filter(|entry| *entry != UNKNOWN_ENTRY)
    }

    #[getter]
    fn language<'py>(&self, py: Python<'py>) -> Option<&Bound<'py, PyString>> {
        match self.flags >> 8 & 0xff {
            1 => Some(intern!(py, "c")),
            2 => Some(intern!(py, "cpp")),
            3 => Some(intern!(py, "rust")),
            5 => Some(intern!(py, "swift")),
            6 => Some(intern!(py, "objc")),
            7 => Some(intern!(py, "objcpp")),
            8 => Some(intern!(py, "d")),
            9 => Some(intern!(py, "go")),
            10 => Some(intern!(py, "csharp")),
            11 => Some(intern!(py, "kotlin")),
            12 => Some(intern!(py, "dart")),
            13 => Some(intern!(py, "vb")),
            14 => Some(intern!(py, "fsharp")),
            _ => None,
        }
    }

    #[getter]
    fn evidence<'py>(&self, py: Python<'py>) -> &Bound<'py, PyString> {
        // Lines do not make a nearest symbol's name sure.
        match self.flags & 0xff {
            flags if flags & 8 != 0 => intern!(py, "nearest symbol"),
            flags if flags & 1 != 0 => intern!(py, "debug info"),
            flags if flags & 2 != 0 => intern!(py, "symbol table"),
            _ => intern!(py, "export"),
        }
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Ok(other) = other.cast::<Self>() else { return Ok(false) };
        let other = other.get();
        let texts =
            [(&self.function, &other.function), (&self.symbol, &other.symbol), (&self.file, &other.file)];
        for (own, others) in texts {
            let same = match (own, others) {
                (Some(own), Some(others)) => own.bind(py).as_any().eq(others.bind(py))?,
                (own, others) => own.is_none() && others.is_none(),
            };
            if !same {
                return Ok(false);
            }
        }
        Ok(self.numbers() == other.numbers())
    }

    fn __hash__(&self) -> u64 {
        let (line, column, flags, entry) = self.numbers();
        entry ^ (u64::from(line) << 40 | u64::from(column) << 20 | u64::from(flags))
    }

    fn __repr__(&self) -> String {
        let text = |text: &Option<Py<PyString>>| text.as_ref().map_or("None".to_owned(), ToString::to_string);
        format!(
            "SourceLocation({}, {}:{}:{})",
            text(&self.function),
            text(&self.file),
            self.line,
            self.column
        )
    }
}

impl SourceLocation {
    fn numbers(&self) -> (u32, u32, u32, u64) {
        (self.line, self.column, self.flags, self.entry)
    }
}

/// The strings of an index that somebody asked for.
#[derive(Default)]
pub struct Strings(Mutex<Known>);

type Known = HashMap<u32, Py<PyString>, RandomState>;

impl Strings {
    /// The chain at each address, innermost call first, as a list of tuples of [`SourceLocation`].
    pub fn chains<'py>(
        &self,
        py: Python<'py>,
        symcache: &SymCache,
        addresses: &[u64],
    ) -> PyResult<Bound<'py, PyList>> {
        let (chains, fresh) = py.detach(|| self.look_up(symcache, addresses)).map_err(index_error)?;
        let mut strings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if strings.len() + fresh.len() > MAX_STRINGS {
            strings.clear();
        }
        strings.extend(fresh.into_iter().map(|(id, text)| (id, PyString::new(py, &text).unbind())));
        let list = PyList::empty(py);
        let mut start = 0;
        for end in &chains.ends {
            let frames = &chains.frames[start..*end as usize];
            let calls =
                frames.iter().map(|frame| Bound::new(py, located(py, &mut strings, symcache, frame)?));
            list.append(PyTuple::new(py, calls.collect::<PyResult<Vec<_>>>()?)?)?;
            start = *end as usize;
        }
        Ok(list)
    }

    /// Looks up, and demangles the names that nobody asked for before.
    fn look_up(
        &self,
        symcache: &SymCache,
        addresses: &[u64],
    ) -> Result<(Chains, HashMap<u32, String>), IndexError> {
        let chains = symcache.lookup(addresses)?;
        let mut wanted: Vec<u32> = {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let ids = chains.frames.iter().flat_map(|frame| [frame.function, frame.symbol, frame.file]);
            ids.filter(|id| *id != NONE && !known.contains_key(id)).collect()
        };
        wanted.sort_unstable();
        wanted.dedup();
        let texts = wanted.into_iter().map(|id| symcache.string(id).map(|text| (id, text)));
        Ok((chains, texts.collect::<Result<_, _>>()?))
    }
}

fn located(
    py: Python<'_>,
    strings: &mut Known,
    symcache: &SymCache,
    frame: &FrameRecord,
) -> PyResult<SourceLocation> {
    let mut text = |id: u32| -> PyResult<Option<Py<PyString>>> {
        if id == NONE {
            return Ok(None);
        }
        if let Some(known) = strings.get(&id) {
            return Ok(Some(known.clone_ref(py)));
        }
        // Forgotten since, because another thread asked for much.
        let string = PyString::new(py, &symcache.string(id).map_err(index_error)?).unbind();
        strings.insert(id, string.clone_ref(py));
        Ok(Some(string))
    };
    Ok(SourceLocation {
        function: text(frame.function)?,
        symbol: text(frame.symbol)?,
        file: text(frame.file)?,
        line: frame.line,
        column: frame.column,
        flags: frame.flags,
        entry: frame.entry,
    })
}
