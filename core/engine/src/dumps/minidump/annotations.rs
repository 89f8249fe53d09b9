//! What programs and their crash reporters left in a dump beside the system's own records.

use minidump_common::format::{
    BreakpadInfoValid, MINIDUMP_ANNOTATION, MINIDUMP_ASSERTION_INFO, MINIDUMP_BREAKPAD_INFO,
    MINIDUMP_CRASHPAD_INFO, MINIDUMP_LOCATION_DESCRIPTOR, MINIDUMP_MODULE_CRASHPAD_INFO,
    MINIDUMP_MODULE_CRASHPAD_INFO_LINK, MINIDUMP_SIMPLE_STRING_DICTIONARY_ENTRY, MINIDUMP_STREAM_TYPE,
};
use scroll::ctx::{SizeWith, TryFromCtx};
use scroll::{Endian, Pread};

use super::modules::debug_id;
use super::source::{Source, fixed_utf16};
use super::values::{Annotation, Assertion, Breakpad, Crashpad, ModuleAnnotations};

const MAX_ANNOTATIONS: usize = 10_000;
const MAX_MODULES: usize = 1_000;
const TEXT: u16 = 1;

pub(super) fn breakpad(source: &Source<'_>) -> Option<Breakpad> {
    let stream = source.known(MINIDUMP_STREAM_TYPE::BreakpadInfoStream)?;
    let raw: MINIDUMP_BREAKPAD_INFO = stream.bytes.pread_with(0, source.endian).ok()?;
    let valid = BreakpadInfoValid::from_bits_truncate(raw.validity);
    Some(Breakpad {
        dump_thread_id: valid.contains(BreakpadInfoValid::DumpThreadId).then_some(raw.dump_thread_id),
        requesting_thread_id: valid
            .contains(BreakpadInfoValid::RequestingThreadId)
            .then_some(raw.requesting_thread_id),
    })
}

pub(super) fn assertion(source: &Source<'_>) -> Option<Assertion> {
    let stream = source.known(MINIDUMP_STREAM_TYPE::AssertionInfoStream)?;
    let raw: MINIDUMP_ASSERTION_INFO = stream.bytes.pread_with(0, source.endian).ok()?;
    Some(Assertion {
        expression: fixed_utf16(&raw.expression),
        function: fixed_utf16(&raw.function),
        file: fixed_utf16(&raw.file),
        line: raw.line,
        kind: raw._type,
    })
}

pub(super) fn crashpad(source: &Source<'_>) -> Option<Crashpad> {
    let stream = source.known(MINIDUMP_STREAM_TYPE::CrashpadInfoStream)?;
    let raw: MINIDUMP_CRASHPAD_INFO = stream.bytes.pread_with(0, source.endian).ok()?;
    let links: Vec<MINIDUMP_MODULE_CRASHPAD_INFO_LINK> =
        list(source, &raw.module_list, MAX_MODULES, "annotated images");
    Some(Crashpad {
        report_id: debug_id(&raw.report_id, 0).unwrap_or_default(),
        client_id: debug_id(&raw.client_id, 0).unwrap_or_default(),
        annotations: dictionary(source, &raw.simple_annotations),
        modules: links.iter().filter_map(|link| of_module(source, link)).collect(),
    })
}

fn of_module(source: &Source<'_>, link: &MINIDUMP_MODULE_CRASHPAD_INFO_LINK) -> Option<ModuleAnnotations> {
    let raw: MINIDUMP_MODULE_CRASHPAD_INFO =
        source.slice(&link.location).pread_with(0, source.endian).ok()?;
    let texts: Vec<u32> = list(source, &raw.list_annotations, MAX_ANNOTATIONS, "annotations");
    let objects: Vec<MINIDUMP_ANNOTATION> =
        list(source, &raw.annotation_objects, MAX_ANNOTATIONS, "annotations");
    Some(ModuleAnnotations {
        module: link.minidump_module_list_index,
        texts: texts.iter().filter_map(|text| source.utf8_at(*text)).collect(),
        simple: dictionary(source, &raw.simple_annotations),
        objects: objects.iter().filter_map(|object| annotation(source, object)).collect(),
    })
}

fn annotation(source: &Source<'_>, raw: &MINIDUMP_ANNOTATION) -> Option<Annotation> {
    let value = if raw.ty == TEXT { source.utf8_at(raw.value) } else { None };
    Some(Annotation { name: source.utf8_at(raw.name)?, kind: raw.ty, value })
}

fn dictionary(source: &Source<'_>, location: &MINIDUMP_LOCATION_DESCRIPTOR) -> Vec<(String, String)> {
    let pairs: Vec<MINIDUMP_SIMPLE_STRING_DICTIONARY_ENTRY> =
        list(source, location, MAX_ANNOTATIONS, "annotations");
    pairs.iter().filter_map(|pair| Some((source.utf8_at(pair.key)?, source.utf8_at(pair.value)?))).collect()
}

/// A list of Crashpad: a count and records.
fn list<'d, T>(
    source: &Source<'d>,
    location: &MINIDUMP_LOCATION_DESCRIPTOR,
    limit: usize,
    what: &str,
) -> Vec<T>
where
    T: TryFromCtx<'d, Endian, [u8], Error = scroll::Error> + SizeWith<Endian>,
{
    let bytes = source.slice(location);
    let Some(count) = source.count(bytes) else { return Vec::new() };
    source.entries(bytes.get(4..).unwrap_or_default(), count, limit, what)
}
