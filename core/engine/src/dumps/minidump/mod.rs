//! Minidumps, as Windows, Breakpad and Crashpad write them.
//!
//! A header, a directory of streams, and streams, each a table of one kind: threads, modules, memory, annotations.
//! Records point into the file (RVA, from its start). Layouts are those of `minidump-common`.
//!
//! The crate `minidump` reads them too, and is the oracle of the tests. It gives up a whole stream for one entry that
//! is cut off or one name that is no Unicode, and has no limits; here every entry stands on its own, and what is
//! missing is said in [`Minidump::damage`].
//!
//! Sources: Microsoft's `minidumpapiset.h`; Breakpad's `minidump_format.h`; Crashpad's `minidump_extensions.h`;
//! Sentry's stream of stacks that the client walked.

mod annotations;
mod apple;
mod context;
mod exception;
mod linux;
mod memory;
mod modules;
mod source;
mod system;
#[cfg(test)]
mod tests;
mod threads;
mod values;
mod walked;

use thiserror::Error;

use self::memory::Memory;
use self::source::Source;
pub use self::values::{
    Annotation, Assertion, Breakpad, Crashpad, Exception, LinuxInfo, MacCrashInfo, Minidump, Module,
    ModuleAnnotations, Process, Stack, System, Thread, UnloadedModule, WalkedFrame, WalkedThread,
};
use crate::symbols::guard::caught;

/// Why bytes are no minidump.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("no minidump: {0}")]
pub struct MinidumpError(pub(crate) &'static str);

/// Reads a minidump; what is cut off or damaged is left out.
pub fn read(bytes: &[u8]) -> Result<Minidump, MinidumpError> {
    caught(|| read_all(bytes)).unwrap_or(Err(MinidumpError("it cannot be read")))
}

fn read_all(bytes: &[u8]) -> Result<Minidump, MinidumpError> {
    let source = Source::new(bytes)?;
    let system = system::read(&source);
    let os = system.as_ref().map_or(0, |system| system.platform_id);
    let arch = system.as_ref().map_or("", |system| system.arch);
    let exception = exception::read(&source, arch);
    let threads = threads::read(&source, arch, exception.as_ref(), &Memory::read(&source));
    Ok(Minidump {
        timestamp: source.timestamp,
        flags: source.flags,
        process: system::read_process(&source),
        modules: modules::read(&source, os),
        unloaded_modules: modules::read_unloaded(&source),
        linux: linux::read(&source),
        breakpad: annotations::breakpad(&source),
        assertion: annotations::assertion(&source),
        crashpad: annotations::crashpad(&source),
        mac_crash_infos: apple::crash_infos(&source),
        mac_boot_args: apple::boot_args(&source),
        walked_threads: walked::read(&source),
        system,
        exception,
        threads,
        damage: source.into_damage(),
    })
}
