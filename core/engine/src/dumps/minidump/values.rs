//! What a minidump says, as plain values. Addresses are absolute, in the crashed process; texts are cut at limits.

use std::ops::Range;

/// A minidump. What it does not have, or not in one piece, is empty.
#[derive(Debug, Clone, Default)]
pub struct Minidump {
    /// When it was written, in seconds since 1970; 0 if unknown.
    pub timestamp: u32,
    /// `MINIDUMP_TYPE`: what the writer was asked for.
    pub flags: u64,
    /// The machine.
    pub system: Option<System>,
    /// The process.
    pub process: Option<Process>,
    /// Why it was written.
    pub exception: Option<Exception>,
    /// The threads.
    pub threads: Vec<Thread>,
    /// The loaded images.
    pub modules: Vec<Module>,
    /// Images that were loaded once.
    pub unloaded_modules: Vec<UnloadedModule>,
    /// What Breakpad keeps of `/proc` and `/etc`.
    pub linux: LinuxInfo,
    /// Which threads had to do with writing the dump.
    pub breakpad: Option<Breakpad>,
    /// An assertion that failed.
    pub assertion: Option<Assertion>,
    /// Crashpad's annotations.
    pub crashpad: Option<Crashpad>,
    /// What macOS's libraries said before they gave up.
    pub mac_crash_infos: Vec<MacCrashInfo>,
    /// Arguments of the kernel.
    pub mac_boot_args: Option<String>,
    /// Stacks that the client walked itself.
    pub walked_threads: Vec<WalkedThread>,
    /// What is not there in full, a sentence each.
    pub damage: Vec<String>,
}

/// The machine and its system.
#[derive(Debug, Clone)]
pub struct System {
    /// `PlatformId`.
    pub platform_id: u32,
    /// Processor, in Sentry's words; empty if unknown.
    pub arch: &'static str,
    /// Version: major, minor, build.
    pub version: (u32, u32, u32),
    /// Service pack, or the system's own words for itself (uname, build of macOS).
    pub csd_version: String,
    /// How many processors there are.
    pub processors: u8,
    /// Vendor and signature of an x86 processor, or the ARM id.
    pub cpu_info: String,
}

/// The process.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its id.
    pub id: Option<u32>,
    /// When it began, in seconds since 1970.
    pub create_time: Option<u32>,
    /// Build of the system, in its own words.
    pub build: String,
}

/// The exception, signal or Mach exception.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The thread that it happened in.
    pub thread_id: u32,
    /// NTSTATUS, signal number or Mach exception.
    pub code: u32,
    /// Flags; where Breakpad wrote the dump: `si_code`, or the code of a Mach exception.
    pub flags: u32,
    /// Of the instruction (Windows), or what was accessed.
    pub address: u64,
    /// What else is known, by the meaning that `code` gives it.
    pub parameters: Vec<u64>,
    /// The registers at that moment, by Sentry's names.
    pub registers: Vec<(&'static str, u64)>,
}

/// One thread.
#[derive(Debug, Clone)]
pub struct Thread {
    /// Its id.
    pub id: u32,
    /// Its name.
    pub name: Option<String>,
    /// Registers by Sentry's names; those of the exception where it happened here.
    pub registers: Vec<(&'static str, u64)>,
    /// Its stack from the stack pointer upwards.
    pub stack: Option<Stack>,
}

/// A piece of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Where it begins.
    pub address: u64,
    /// Where in the file its bytes lie.
    pub place: Range<usize>,
}

/// One loaded image.
#[derive(Debug, Clone)]
pub struct Module {
    /// Where it was loaded.
    pub base: u64,
    /// In bytes.
    pub size: u32,
    /// Path of the file.
    pub name: String,
    /// Build id, UUID, or timestamp and size of a PE image; lower-case hex.
    pub code_id: Option<String>,
    /// As Sentry writes it: UUID in lower case, age behind it.
    pub debug_id: Option<String>,
    /// Path of the debug file.
    pub debug_file: Option<String>,
    /// Version of the file.
    pub version: Option<String>,
}

/// An image that was loaded once.
#[derive(Debug, Clone)]
pub struct UnloadedModule {
    /// Where it had been loaded.
    pub base: u64,
    /// In bytes.
    pub size: u32,
    /// Path of the file.
    pub name: String,
    /// Timestamp and size.
    pub code_id: Option<String>,
}

/// What is kept of Linux's own texts; nothing of the environment or the arguments.
#[derive(Debug, Clone, Default)]
pub struct LinuxInfo {
    /// The program as it was called.
    pub program: Option<String>,
    /// `Name`, `Pid`, `PPid`, `Threads`, `VmPeak`, `VmRSS` of `/proc/PID/status`.
    pub status: Vec<(&'static str, String)>,
    /// `DISTRIB_ID`, `DISTRIB_RELEASE`, … of `/etc/lsb-release`.
    pub release: Vec<(&'static str, String)>,
    /// The processor's name for itself.
    pub cpu_model: Option<String>,
}

/// Which threads had to do with writing the dump.
#[derive(Debug, Clone)]
pub struct Breakpad {
    /// The thread that wrote it.
    pub dump_thread_id: Option<u32>,
    /// The thread that it was written for.
    pub requesting_thread_id: Option<u32>,
}

/// An assertion that failed.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// What was claimed.
    pub expression: String,
    /// Where.
    pub function: String,
    /// Where.
    pub file: String,
    /// 1-based; 0 if unknown.
    pub line: u32,
    /// 1: invalid parameter of the C runtime, 2: pure virtual call.
    pub kind: u32,
}

/// Crashpad's annotations.
#[derive(Debug, Clone)]
pub struct Crashpad {
    /// Id of the report; empty if it has none.
    pub report_id: String,
    /// Id of the installation; empty if it has none.
    pub client_id: String,
    /// Of the process.
    pub annotations: Vec<(String, String)>,
    /// Of its images.
    pub modules: Vec<ModuleAnnotations>,
}

/// The annotations of one image.
#[derive(Debug, Clone)]
pub struct ModuleAnnotations {
    /// Which of the loaded images.
    pub module: u32,
    /// Texts without name.
    pub texts: Vec<String>,
    /// Texts by name.
    pub simple: Vec<(String, String)>,
    /// Typed values by name.
    pub objects: Vec<Annotation>,
}

/// A typed value.
#[derive(Debug, Clone)]
pub struct Annotation {
    /// Its name.
    pub name: String,
    /// 1: text; 0x8000 and above belong to the program.
    pub kind: u16,
    /// The text; None if it is none.
    pub value: Option<String>,
}

/// What one library of macOS said before it gave up.
#[derive(Debug, Clone)]
pub struct MacCrashInfo {
    /// Path of the library.
    pub module: String,
    /// The message, and whatever else was said.
    pub messages: Vec<String>,
    /// The stack that the library recorded.
    pub backtrace: String,
    /// The thread it names.
    pub thread: Option<u64>,
    /// A reason in numbers.
    pub abort_cause: Option<u64>,
}

/// The stack of a thread, as the client walked it.
#[derive(Debug, Clone)]
pub struct WalkedThread {
    /// Its id.
    pub id: u32,
    /// From the newest call to the oldest.
    pub frames: Vec<WalkedFrame>,
}

/// One call.
#[derive(Debug, Clone)]
pub struct WalkedFrame {
    /// The instruction, or where the call returns to.
    pub address: u64,
    /// Name of the function; empty if unknown.
    pub function: String,
}
