//! Why the dump was written.

use minidump_common::format::{MINIDUMP_EXCEPTION_STREAM, MINIDUMP_STREAM_TYPE};
use scroll::Pread;

use super::context::registers;
use super::source::{Source, as_len};
use super::values::Exception;

pub(super) fn read(source: &Source<'_>, arch: &str) -> Option<Exception> {
    let stream = source.known(MINIDUMP_STREAM_TYPE::ExceptionStream)?;
    let raw: MINIDUMP_EXCEPTION_STREAM = stream.bytes.pread_with(0, source.endian).ok()?;
    let record = raw.exception_record;
    let parameters =
        record.exception_information.into_iter().take(as_len(record.number_parameters)).collect();
    Some(Exception {
        thread_id: raw.thread_id,
        code: record.exception_code,
        flags: record.exception_flags,
        address: record.exception_address,
        parameters,
        registers: registers(source.slice(&raw.thread_context), arch, source.endian),
    })
}
