//! What Breakpad's fork of Mozilla keeps of macOS: messages of libraries (`__crash_info`), arguments of the kernel.

use minidump_common::format::{
    MAC_CRASH_INFOS_MAX, MINIDUMP_LOCATION_DESCRIPTOR, MINIDUMP_MAC_BOOTARGS, MINIDUMP_MAC_CRASH_INFO,
    MINIDUMP_STREAM_TYPE,
};
use scroll::Pread;

use super::source::{Source, as_len};
use super::values::MacCrashInfo;

const MAX_MESSAGE: usize = 8192;
const TEXTS: usize = 5;
/// Versions from which on a record names a thread, and a cause.
const WITH_THREAD: u64 = 4;
const WITH_CAUSE: u64 = 5;

pub(super) fn boot_args(source: &Source<'_>) -> Option<String> {
    let stream = source.known(MINIDUMP_STREAM_TYPE::MozMacosBootargsStream)?;
    let raw: MINIDUMP_MAC_BOOTARGS = stream.bytes.pread_with(0, source.endian).ok()?;
    source.utf16_at(raw.bootargs).filter(|text| !text.is_empty())
}

pub(super) fn crash_infos(source: &Source<'_>) -> Vec<MacCrashInfo> {
    let Some(stream) = source.known(MINIDUMP_STREAM_TYPE::MozMacosCrashInfoStream) else { return Vec::new() };
    let Ok(raw) = stream.bytes.pread_with::<MINIDUMP_MAC_CRASH_INFO>(0, source.endian) else {
        return Vec::new();
    };
    let count = as_len(raw.record_count).min(MAC_CRASH_INFOS_MAX);
    let texts_at = as_len(raw.record_start_size);
    raw.records.iter().take(count).filter_map(|place| crash_info(source, place, texts_at)).collect()
}

/// A record: numbers, as many as its version has, and behind them five texts that NULs end.
fn crash_info(
    source: &Source<'_>,
    place: &MINIDUMP_LOCATION_DESCRIPTOR,
    texts_at: usize,
) -> Option<MacCrashInfo> {
    let record = source.slice(place);
    let number = |offset| record.pread_with::<u64>(offset, source.endian).ok();
    let version = number(8)?;
    let [module, message, signature, backtrace, message2] = texts(record.get(texts_at..)?);
    Some(MacCrashInfo {
        module,
        messages: [message, message2, signature].into_iter().filter(|text| !text.is_empty()).collect(),
        backtrace,
        thread: number(16).filter(|thread| version >= WITH_THREAD && *thread != 0),
        abort_cause: number(32).filter(|cause| version >= WITH_CAUSE && *cause != 0),
    })
}

fn texts(bytes: &[u8]) -> [String; TEXTS] {
    let mut parts = bytes.split(|byte| *byte == 0);
    std::array::from_fn(|_| {
        let part = parts.next().unwrap_or_default();
        String::from_utf8_lossy(part.get(..MAX_MESSAGE).unwrap_or(part)).trim().to_owned()
    })
}
