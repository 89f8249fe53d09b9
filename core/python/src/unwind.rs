//! Bindings of the unwinder.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use symbolicator_engine::unwind::{self, Arch, Frame, Image, Region, Registers, Stack};

use crate::buffer::ReadOnly;
use crate::symbols::debug_file_error;

/// The unwind information of one file. The file's bytes are held until it is closed.
#[pyclass(module = "symbolicator._core", frozen)]
struct UnwindInfo {
    info: RwLock<Option<Arc<unwind::UnwindInfo>>>,
    arch: &'static str,
    load_address: u64,
    has_rules: bool,
}

#[pymethods]
impl UnwindInfo {
    #[new]
    #[pyo3(signature = (data, index = 0, /))]
    fn new(py: Python<'_>, data: ReadOnly, index: usize) -> PyResult<Self> {
        let info = py.detach(|| unwind::UnwindInfo::open(Box::new(data), index)).map_err(debug_file_error)?;
        let (arch, load_address, has_rules) = (info.arch(), info.load_address(), info.has_rules());
        Ok(Self { info: RwLock::new(Some(Arc::new(info))), arch, load_address, has_rules })
    }

    #[getter]
    fn arch(&self) -> &'static str {
        self.arch
    }

    #[getter]
    fn load_address(&self) -> u64 {
        self.load_address
    }

    #[getter]
    fn has_rules(&self) -> bool {
        self.has_rules
    }

    fn close(&self) {
        if let Ok(mut info) = self.info.write() {
            *info = None;
        }
    }

    fn __enter__(this: Py<Self>) -> Py<Self> {
        this
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) {
        self.close();
    }
}

impl UnwindInfo {
    fn get(&self) -> PyResult<Arc<unwind::UnwindInfo>> {
        let info = self.info.read().ok().and_then(|info| info.clone());
        info.ok_or_else(|| PyValueError::new_err("the unwind information is closed"))
    }
}

type StackFrame = (u64, &'static str, bool, HashMap<&'static str, u64>);

/// An image as Python lists it: start, size, base, files.
#[derive(FromPyObject)]
struct Loaded<'py>(u64, u64, u64, Vec<Bound<'py, UnwindInfo>>);

/// Walks the stack of a thread.
#[pyfunction]
#[pyo3(signature = (arch, registers, memory, images, max_frames = unwind::MAX_FRAMES, /))]
fn walk_stack(
    py: Python<'_>,
    arch: &str,
    registers: HashMap<String, u64>,
    memory: Vec<(u64, ReadOnly)>,
    images: Vec<Loaded<'_>>,
    max_frames: usize,
) -> PyResult<Vec<StackFrame>> {
    let arch = known(arch)?;
    let files = images.iter().map(|image| image.3.iter().map(|file| file.get().get()).collect());
    let files: Vec<Vec<_>> = files.collect::<PyResult<_>>()?;
    let places: Vec<_> = images.iter().map(|image| (image.0, image.1, image.2)).collect();
    let frames = py.detach(|| {
        let images: Vec<_> = places.iter().zip(&files).map(|(place, files)| image(*place, files)).collect();
        let memory: Vec<_> = memory.iter().map(region).collect();
        Stack { memory: &memory, images: &images }.walk(registers_of(arch, &registers), max_frames)
    });
    Ok(frames.iter().map(row).collect())
}

/// The images that words of stacks or registers point into.
#[pyfunction]
#[pyo3(signature = (arch, memory, registers, images, /))]
fn images_on_stacks(
    py: Python<'_>,
    arch: &str,
    memory: Vec<ReadOnly>,
    registers: Vec<u64>,
    images: Vec<(u64, u64)>,
) -> PyResult<Vec<usize>> {
    let arch = known(arch)?;
    Ok(py.detach(|| {
        let stacks: Vec<_> = memory.iter().map(ReadOnly::as_slice).collect();
        unwind::images_on_stacks(arch, &stacks, &registers, &images)
    }))
}

fn known(arch: &str) -> PyResult<Arch> {
    Arch::named(arch).ok_or_else(|| PyValueError::new_err(format!("stacks of {arch} cannot be walked")))
}

fn image((address, size, base): (u64, u64, u64), files: &[Arc<unwind::UnwindInfo>]) -> Image<'_> {
    Image { address, size, base, infos: files.iter().map(AsRef::as_ref).collect() }
}

fn region((address, bytes): &(u64, ReadOnly)) -> Region<'_> {
    Region { address: *address, bytes: bytes.as_slice() }
}

fn registers_of(arch: Arch, values: &HashMap<String, u64>) -> Registers {
    let mut registers = Registers::new(arch);
    for (name, value) in values {
        if let Some(register) = arch.register(name) {
            registers.set(register, Some(*value));
        }
    }
    registers
}

fn row(frame: &Frame) -> StackFrame {
    (frame.address, frame.trust.name(), frame.is_interrupted, frame.registers.known().collect())
}

/// Adds this module's class and function.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<UnwindInfo>()?;
    module.add_function(wrap_pyfunction!(images_on_stacks, module)?)?;
    module.add_function(wrap_pyfunction!(walk_stack, module)?)
}
