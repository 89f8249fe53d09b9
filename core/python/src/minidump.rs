//! Bindings of the minidump reader: the engine's values behind getters, stacks as `bytes`.

use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use symbolicator_engine::dumps::minidump::{self as engine, MinidumpError as EngineError};

use crate::buffer::ReadOnly;

create_exception!(_core, MinidumpError, PyValueError, "The bytes are no minidump.");

/// A class whose attributes are fields of one of the engine's values.
macro_rules! value_class {
    ($name:ident of $value:ident { $($field:ident: $kind:ty,)* }) => {
        #[pyclass(module = "symbolicator._core", frozen)]
        struct $name(engine::$value);

        #[pymethods]
        impl $name {
            $(
                #[getter]
                fn $field(&self) -> $kind {
                    self.0.$field.clone()
                }
            )*
        }
    };
}

type Registers = Vec<(&'static str, u64)>;
type Pairs = Vec<(String, String)>;

value_class!(MinidumpSystem of System {
    platform_id: u32,
    arch: &'static str,
    version: (u32, u32, u32),
    csd_version: String,
    processors: u8,
    cpu_info: String,
});

value_class!(MinidumpProcess of Process {
    id: Option<u32>,
    create_time: Option<u32>,
    build: String,
});

value_class!(MinidumpException of Exception {
    thread_id: u32,
    code: u32,
    flags: u32,
    address: u64,
    parameters: Vec<u64>,
    registers: Registers,
});

value_class!(MinidumpModule of Module {
    base: u64,
    size: u32,
    name: String,
    code_id: Option<String>,
    debug_id: Option<String>,
    debug_file: Option<String>,
    version: Option<String>,
});

value_class!(MinidumpUnloadedModule of UnloadedModule {
    base: u64,
    size: u32,
    name: String,
    code_id: Option<String>,
});

value_class!(MinidumpLinuxInfo of LinuxInfo {
    program: Option<String>,
    status: Vec<(&'static str, String)>,
    release: Vec<(&'static str, String)>,
    cpu_model: Option<String>,
});

value_class!(MinidumpAssertion of Assertion {
    expression: String,
    function: String,
    file: String,
    line: u32,
    kind: u32,
});

value_class!(MinidumpMacCrashInfo of MacCrashInfo {
    module: String,
    messages: Vec<String>,
    backtrace: String,
    thread: Option<u64>,
    abort_cause: Option<u64>,
});

/// The annotations of one image.
#[pyclass(module = "symbolicator._core", frozen)]
struct MinidumpModuleAnnotations(engine::ModuleAnnotations);

#[pymethods]
impl MinidumpModuleAnnotations {
    #[getter]
    fn module(&self) -> u32 {
        self.0.module
    }

    #[getter]
    fn texts(&self) -> Vec<String> {
        self.0.texts.clone()
    }

    #[getter]
    fn simple(&self) -> Pairs {
        self.0.simple.clone()
    }

    #[getter]
    fn objects(&self) -> Vec<(String, u16, Option<String>)> {
        self.0.objects.iter().map(|object| (object.name.clone(), object.kind, object.value.clone())).collect()
    }
}

/// Crashpad's annotations.
#[pyclass(module = "symbolicator._core", frozen)]
struct MinidumpCrashpad(engine::Crashpad);

#[pymethods]
impl MinidumpCrashpad {
    #[getter]
    fn report_id(&self) -> &str {
        &self.0.report_id
    }

    #[getter]
    fn client_id(&self) -> &str {
        &self.0.client_id
    }

    #[getter]
    fn annotations(&self) -> Pairs {
        self.0.annotations.clone()
    }

    #[getter]
    fn modules(&self) -> Vec<MinidumpModuleAnnotations> {
        self.0.modules.iter().cloned().map(MinidumpModuleAnnotations).collect()
    }
}

/// One thread; its stack was copied out of the dump.
#[pyclass(module = "symbolicator._core", frozen, get_all)]
struct MinidumpThread {
    id: u32,
    name: Option<String>,
    registers: Registers,
    stack: Option<(u64, Py<PyBytes>)>,
}

impl MinidumpThread {
    fn of(py: Python<'_>, thread: &engine::Thread, data: &[u8]) -> Self {
        let bytes = |stack: &engine::Stack| {
            let piece = data.get(stack.place.clone()).unwrap_or_default();
            (stack.address, PyBytes::new(py, piece).unbind())
        };
        Self {
            id: thread.id,
            name: thread.name.clone(),
            registers: thread.registers.clone(),
            stack: thread.stack.as_ref().map(bytes),
        }
    }
}

/// A minidump.
#[pyclass(module = "symbolicator._core", frozen)]
struct Minidump {
    dump: engine::Minidump,
    threads: Vec<Py<MinidumpThread>>,
}

type Walked = Vec<(u32, Vec<(u64, String)>)>;

#[pymethods]
impl Minidump {
    #[getter]
    fn timestamp(&self) -> u32 {
        self.dump.timestamp
    }

    #[getter]
    fn system(&self) -> Option<MinidumpSystem> {
        self.dump.system.clone().map(MinidumpSystem)
    }

    #[getter]
    fn process(&self) -> Option<MinidumpProcess> {
        self.dump.process.clone().map(MinidumpProcess)
    }

    #[getter]
    fn exception(&self) -> Option<MinidumpException> {
        self.dump.exception.clone().map(MinidumpException)
    }

    #[getter]
    fn threads(&self, py: Python<'_>) -> Vec<Py<MinidumpThread>> {
        self.threads.iter().map(|thread| thread.clone_ref(py)).collect()
    }

    #[getter]
    fn modules(&self) -> Vec<MinidumpModule> {
        self.dump.modules.iter().cloned().map(MinidumpModule).collect()
    }

    #[getter]
    fn unloaded_modules(&self) -> Vec<MinidumpUnloadedModule> {
        self.dump.unloaded_modules.iter().cloned().map(MinidumpUnloadedModule).collect()
    }

    #[getter]
    fn linux(&self) -> MinidumpLinuxInfo {
        MinidumpLinuxInfo(self.dump.linux.clone())
    }

    #[getter]
    fn dump_thread_id(&self) -> Option<u32> {
        self.dump.breakpad.as_ref()?.dump_thread_id
    }

    #[getter]
    fn requesting_thread_id(&self) -> Option<u32> {
        self.dump.breakpad.as_ref()?.requesting_thread_id
    }

    #[getter]
    fn assertion(&self) -> Option<MinidumpAssertion> {
        self.dump.assertion.clone().map(MinidumpAssertion)
    }

    #[getter]
    fn crashpad(&self) -> Option<MinidumpCrashpad> {
        self.dump.crashpad.clone().map(MinidumpCrashpad)
    }

    #[getter]
    fn mac_crash_infos(&self) -> Vec<MinidumpMacCrashInfo> {
        self.dump.mac_crash_infos.iter().cloned().map(MinidumpMacCrashInfo).collect()
    }

    #[getter]
    fn mac_boot_args(&self) -> Option<&str> {
        self.dump.mac_boot_args.as_deref()
    }

    #[getter]
    fn walked_threads(&self) -> Walked {
        let frames = |thread: &engine::WalkedThread| {
            thread.frames.iter().map(|frame| (frame.address, frame.function.clone())).collect()
        };
        self.dump.walked_threads.iter().map(|thread| (thread.id, frames(thread))).collect()
    }

    #[getter]
    fn damage(&self) -> Vec<String> {
        self.dump.damage.clone()
    }
}

// The engine's error is foreign to this crate, so that `From` cannot do this.
#[allow(clippy::needless_pass_by_value)]
fn minidump_error(error: EngineError) -> PyErr {
    MinidumpError::new_err(error.to_string())
}

/// Reads a minidump; of its memory only the stacks are copied.
#[pyfunction]
#[pyo3(signature = (data, /))]
fn read_minidump(py: Python<'_>, data: ReadOnly) -> PyResult<Minidump> {
    let bytes = data.as_slice();
    let dump = py.detach(|| engine::read(bytes)).map_err(minidump_error)?;
    let threads = dump.threads.iter().map(|thread| Py::new(py, MinidumpThread::of(py, thread, bytes)));
    Ok(Minidump { threads: threads.collect::<PyResult<_>>()?, dump })
}

/// Adds the minidump reader to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("MinidumpError", module.py().get_type::<MinidumpError>())?;
    module.add_class::<Minidump>()?;
    module.add_class::<MinidumpThread>()?;
    module.add_class::<MinidumpModule>()?;
    module.add_function(wrap_pyfunction!(read_minidump, module)?)
}
