//! What Breakpad keeps of `/proc` and `/etc`.
//!
//! Arguments and environment hold passwords: of the one only the program's name is read, of the other nothing. Memory
//! maps say nothing that the images do not.

use minidump_common::format::MINIDUMP_STREAM_TYPE;

use super::source::Source;
use super::values::LinuxInfo;

const MAX_VALUE: usize = 1024;
const MAX_READ: usize = 64 * 1024;
const STATUS: [&str; 6] = ["Name", "Pid", "PPid", "Threads", "VmPeak", "VmRSS"];
const RELEASE: [&str; 8] = [
    "DISTRIB_ID",
    "DISTRIB_RELEASE",
    "DISTRIB_CODENAME",
    "DISTRIB_DESCRIPTION",
    "NAME",
    "VERSION_ID",
    "PRETTY_NAME",
    "ID",
];
const MODEL: [&str; 3] = ["model name", "Hardware", "Processor"];

pub(super) fn read(source: &Source<'_>) -> LinuxInfo {
    let text = |kind| {
        let bytes = source.known(kind).map(|stream| stream.bytes).unwrap_or_default();
        String::from_utf8_lossy(bytes.get(..MAX_READ).unwrap_or(bytes))
    };
    LinuxInfo {
        program: program(&text(MINIDUMP_STREAM_TYPE::LinuxCmdLine)),
        status: fields(&text(MINIDUMP_STREAM_TYPE::LinuxProcStatus), ':', &STATUS),
        release: fields(&text(MINIDUMP_STREAM_TYPE::LinuxLsbRelease), '=', &RELEASE),
        cpu_model: fields(&text(MINIDUMP_STREAM_TYPE::LinuxCpuInfo), ':', &MODEL)
            .pop()
            .map(|(_, model)| model),
    }
}

fn program(arguments: &str) -> Option<String> {
    let first = arguments.split('\0').next().unwrap_or_default();
    Some(bounded(first)).filter(|program| !program.is_empty())
}

/// The first value of each of the names, in the order of the names.
fn fields(text: &str, separator: char, names: &[&'static str]) -> Vec<(&'static str, String)> {
    let value = |name: &str| {
        text.lines().filter_map(|line| line.split_once(separator)).find(|(key, _)| key.trim() == name)
    };
    let found =
        names.iter().filter_map(|name| Some((*name, bounded(value(name)?.1.trim().trim_matches('"')))));
    found.filter(|(_, value)| !value.is_empty()).collect()
}

fn bounded(text: &str) -> String {
    text.chars().take(MAX_VALUE).collect()
}
