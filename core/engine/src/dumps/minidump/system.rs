//! The machine, its system, and the process.

use minidump_common::format::{
    MINIDUMP_MISC_INFO, MINIDUMP_MISC_INFO_4, MINIDUMP_STREAM_TYPE, MINIDUMP_SYSTEM_INFO, MiscInfoFlags,
};
use scroll::Pread;

use super::source::{Source, fixed_utf16};
use super::values::{Process, System};

pub(super) fn read(source: &Source<'_>) -> Option<System> {
    let stream = source.known(MINIDUMP_STREAM_TYPE::SystemInfoStream)?;
    let raw: MINIDUMP_SYSTEM_INFO = stream.bytes.pread_with(0, source.endian).ok()?;
    let arch = arch(raw.processor_architecture);
    Some(System {
        platform_id: raw.platform_id,
        arch,
        version: (raw.major_version, raw.minor_version, raw.build_number),
        csd_version: source.utf16_at(raw.csd_version_rva.into()).unwrap_or_default(),
        processors: raw.number_of_processors,
        cpu_info: cpu_info(arch, &raw),
    })
}

/// A processor in Sentry's words.
fn arch(architecture: u16) -> &'static str {
    match architecture {
        0 | 10 => "x86",
        1 => "mips",
        3 => "ppc",
        5 => "arm",
        9 => "x86_64",
        12 | 0x8003 => "arm64",
        0x8001 => "sparc",
        0x8002 => "ppc64",
        0x8004 => "mips64",
        _ => "",
    }
}

/// `GenuineIntel family 6 model 158 stepping 10`, as Breakpad words it. Only 32-bit x86 has the vendor in the record.
fn cpu_info(arch: &str, raw: &MINIDUMP_SYSTEM_INFO) -> String {
    if !matches!(arch, "x86" | "x86_64") {
        return String::new();
    }
    let vendor = match raw.cpu.data.get(..12) {
        Some(name) if arch == "x86" && name.iter().all(u8::is_ascii_graphic) => {
            format!("{} ", String::from_utf8_lossy(name))
        }
        _ => String::new(),
    };
    let (model, stepping) = (raw.processor_revision >> 8, raw.processor_revision & 0xff);
    format!("{vendor}family {} model {model} stepping {stepping}", raw.processor_level)
}

pub(super) fn read_process(source: &Source<'_>) -> Option<Process> {
    let stream = source.known(MINIDUMP_STREAM_TYPE::MiscInfoStream)?;
    let raw: MINIDUMP_MISC_INFO = stream.bytes.pread_with(0, source.endian).ok()?;
    let flags = MiscInfoFlags::from_bits_truncate(raw.flags1);
    let has_times = flags.contains(MiscInfoFlags::MINIDUMP_MISC1_PROCESS_TIMES);
    let later: Option<MINIDUMP_MISC_INFO_4> = stream.bytes.pread_with(0, source.endian).ok();
    let has_build = flags.contains(MiscInfoFlags::MINIDUMP_MISC4_BUILDSTRING);
    Some(Process {
        id: flags.contains(MiscInfoFlags::MINIDUMP_MISC1_PROCESS_ID).then_some(raw.process_id),
        create_time: has_times.then_some(raw.process_create_time).filter(|time| *time != 0),
        build: later.filter(|_| has_build).map(|later| fixed_utf16(&later.build_string)).unwrap_or_default(),
    })
}
