//! Threads: their names, registers and stacks.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use minidump_common::format::{MINIDUMP_STREAM_TYPE, MINIDUMP_THREAD, MINIDUMP_THREAD_NAME};

use super::context::{registers, stack_pointer};
use super::memory::{Memory, Region};
use super::source::Source;
use super::values::{Exception, Stack, Thread};

const MAX_THREADS: usize = 10_000;
/// Bytes of one stack.
const MAX_STACK: usize = 1 << 20;
/// Bytes of all stacks.
const MAX_STACKS: usize = 64 << 20;

pub(super) fn read(
    source: &Source<'_>,
    arch: &str,
    exception: Option<&Exception>,
    memory: &Memory,
) -> Vec<Thread> {
    let raws: Vec<MINIDUMP_THREAD> =
        source.list(MINIDUMP_STREAM_TYPE::ThreadListStream, MAX_THREADS, "threads");
    let mut names = names(source);
    let mut threads: Vec<(Thread, Option<Region>)> = raws
        .iter()
        .map(|raw| (thread(source, arch, exception, raw), Region::of(source, &raw.stack)))
        .collect();
    for (thread, _) in &mut threads {
        thread.name = names.remove(&thread.id);
    }
    give_stacks(&mut threads, exception.map(|exception| exception.thread_id), memory);
    threads.into_iter().map(|(thread, _)| thread).collect()
}

fn thread(source: &Source<'_>, arch: &str, exception: Option<&Exception>, raw: &MINIDUMP_THREAD) -> Thread {
    let raised =
        exception.filter(|exception| exception.thread_id == raw.thread_id && !exception.registers.is_empty());
    let registers = match raised {
        Some(exception) => exception.registers.clone(),
        None => registers(source.slice(&raw.thread_context), arch, source.endian),
    };
    Thread { id: raw.thread_id, name: None, registers, stack: None }
}

/// The stacks, as far as there is room: that of the thread that crashed first.
fn give_stacks(threads: &mut [(Thread, Option<Region>)], crashed: Option<u32>, memory: &Memory) {
    let mut left = MAX_STACKS;
    let mut order: Vec<usize> = (0..threads.len()).collect();
    order.sort_by_key(|index| Some(threads[*index].0.id) != crashed);
    for index in order {
        let (thread, own) = &mut threads[index];
        thread.stack = stack(thread, own.as_ref(), memory, MAX_STACK.min(left));
        left -= thread.stack.as_ref().map_or(0, |stack| stack.place.len());
    }
}

fn stack(thread: &Thread, own: Option<&Region>, memory: &Memory, limit: usize) -> Option<Stack> {
    let pointer = stack_pointer(&thread.registers)?;
    let held = own.and_then(|region| region.from(pointer, limit)).or_else(|| memory.from(pointer, limit));
    held.filter(|stack| !stack.place.is_empty())
}

fn names(source: &Source<'_>) -> HashMap<u32, String, RandomState> {
    let raws: Vec<MINIDUMP_THREAD_NAME> =
        source.list(MINIDUMP_STREAM_TYPE::ThreadNamesStream, MAX_THREADS, "names of threads");
    let named = raws.iter().filter_map(|raw| Some((raw.thread_id, source.utf16_at(raw.thread_name_rva)?)));
    named.filter(|(_, name)| !name.is_empty()).collect()
}
