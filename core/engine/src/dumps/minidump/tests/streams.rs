//! Streams that the oracle does not read, or reads otherwise.

use super::{PIECES, longs, read_all, with_pieces, with_streams, words};

const THREADS: u32 = 3;
const SYSTEM: u32 = 7;
const BREAKPAD: u32 = 0x4767_0001;
const ASSERTION: u32 = 0x4767_0002;
const CPU: u32 = 0x4767_0003;
const STATUS: u32 = 0x4767_0004;
const RELEASE: u32 = 0x4767_0005;
const COMMAND: u32 = 0x4767_0006;
const ENVIRONMENT: u32 = 0x4767_0007;
const CRASH_INFO: u32 = 0x4d7a_0001;
const BOOT_ARGS: u32 = 0x4d7a_0002;
const WALKED: u32 = 0x5379_0001;

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn counted_utf16(text: &str) -> Vec<u8> {
    let units = utf16(text);
    [u32::try_from(units.len()).expect("it is short").to_le_bytes().to_vec(), units].concat()
}

/// Stacks that the client walked would be walked again, without the files that only the client had.
#[test]
fn stacks_of_the_client_are_read() {
    let stream = [
        words(&[1, 3, 2, 10, 123, 0, 2, 321, 2, 0, 17, 2, 0, 0]),
        longs(&[1337, 6 << 32, 0xdead_beef, 6 | 4 << 32]),
        b"_startmain".to_vec(),
    ]
    .concat();
    let walked = read_all(&with_streams(&[(WALKED, &stream)])).walked_threads;
    let ids: Vec<_> = walked.iter().map(|thread| (thread.id, thread.frames.len())).collect();
    assert_eq!(ids, [(123, 2), (321, 0), (17, 0)]);
    let frames: Vec<_> = walked[0].frames.iter().map(|one| (one.address, one.function.as_str())).collect();
    assert_eq!(frames, [(1337, "_start"), (0xdead_beef, "main")]);
}

/// Another version of that stream has another layout: its numbers would be taken for addresses.
#[test]
fn another_version_of_the_clients_stacks_is_refused() {
    let dump = read_all(&with_streams(&[(WALKED, &words(&[2, 1, 1, 0, 5, 0, 1, 0, 7, 0, 0, 0]))]));
    assert!(dump.walked_threads.is_empty());
    assert_eq!(dump.damage.len(), 1);
}

/// An assertion says more than the signal that it ends in.
#[test]
fn an_assertion_is_read() {
    let mut stream = Vec::new();
    for text in ["x != 0", "init", "main.c"] {
        let mut field = utf16(text);
        field.resize(256, 0);
        stream.extend(field);
    }
    stream.extend(words(&[99, 1]));
    let said = read_all(&with_streams(&[(ASSERTION, &stream)])).assertion.expect("it is there");
    assert_eq!((said.expression.as_str(), said.function.as_str()), ("x != 0", "init"));
    assert_eq!((said.file.as_str(), said.line, said.kind), ("main.c", 99, 1));
}

/// The thread that wrote the dump would be shown as one that crashed.
#[test]
fn threads_of_breakpad_are_told_apart() {
    let info = read_all(&with_streams(&[(BREAKPAD, &words(&[2, 8, 9]))])).breakpad.expect("it is there");
    assert_eq!((info.dump_thread_id, info.requesting_thread_id), (None, Some(9)));
}

/// Passwords in arguments and environment would reach everybody who may see the crash.
#[test]
fn arguments_and_environment_stay_in_the_dump() {
    let streams: [(u32, &[u8]); 5] = [
        (COMMAND, b"/opt/app/server\0--password=hunter2\0"),
        (ENVIRONMENT, b"TOKEN=hunter2\0"),
        (STATUS, b"Name:\tserver\nPid:\t77\nPid:\t78\nSigQ:\t0\n"),
        (RELEASE, b"DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=\"22.04\"\nOTHER=hunter2\n"),
        (CPU, b"processor\t: 0\nmodel name\t: AMD EPYC\n"),
    ];
    let dump = read_all(&with_streams(&streams));
    assert!(!format!("{dump:?}").contains("hunter2"));
    assert_eq!(dump.linux.program.as_deref(), Some("/opt/app/server"));
    assert_eq!(dump.linux.status, [("Name", "server".to_owned()), ("Pid", "77".to_owned())]);
    assert_eq!(dump.linux.release[1], ("DISTRIB_RELEASE", "22.04".to_owned()));
    assert_eq!(dump.linux.cpu_model.as_deref(), Some("AMD EPYC"));
}

/// What a library of macOS said before it called abort() is the reason of the crash.
#[test]
fn messages_of_macos_are_read() {
    let record =
        [longs(&[CRASH_INFO.into(), 5, 77, 0, 3]), b"/usr/lib/dyld\0no such library\0sig\0\0more\0".to_vec()]
            .concat();
    let mut stream = words(&[CRASH_INFO, 1, 40]);
    let size = u32::try_from(record.len()).expect("it is short");
    stream.extend(words(&[size, u32::try_from(PIECES).expect("it is small")]));
    stream.resize(12 + 20 * 8, 0);
    let info = read_all(&with_pieces(&[(CRASH_INFO, &stream)], &record)).mac_crash_infos.remove(0);
    assert_eq!(info.module, "/usr/lib/dyld");
    assert_eq!(info.messages, ["no such library", "more", "sig"]);
    assert_eq!((info.thread, info.abort_cause), (Some(77), Some(3)));
}

/// Boot arguments tell a machine with changed security from others.
#[test]
fn boot_arguments_are_read() {
    let place = u64::try_from(PIECES).expect("it is small");
    let stream = [words(&[BOOT_ARGS]), longs(&[place])].concat();
    let dump = read_all(&with_pieces(&[(BOOT_ARGS, &stream)], &counted_utf16("-arm64e_preview_abi")));
    assert_eq!(dump.mac_boot_args.as_deref(), Some("-arm64e_preview_abi"));
}

fn system(architecture: u16, platform: u32) -> Vec<u8> {
    let mut record = architecture.to_le_bytes().to_vec();
    record.extend([0; 18]);
    record.extend(platform.to_le_bytes());
    record.resize(56, 0);
    record
}

fn thread(context: usize, size: usize) -> Vec<u8> {
    let number = |value: usize| u32::try_from(value).expect("it is small");
    [words(&[1, 5, 0, 0, 0, 0, 0]), longs(&[0]), words(&[0, 0, number(size), number(context)])].concat()
}

/// Breakpad's contexts of ARM are not Microsoft's: registers would come from the wrong places.
#[test]
fn contexts_of_breakpad_are_read() {
    let arm: Vec<u32> = [0x4000_0006].into_iter().chain(100..116).chain([0x30]).collect();
    let dump = read_all(&with_pieces(
        &[(SYSTEM, &system(5, 0x8203)), (THREADS, &thread(PIECES, 368))],
        &[words(&arm), vec![0; 296]].concat(),
    ));
    let registers = &dump.threads[0].registers;
    assert_eq!(registers[0], ("r0", 100));
    assert_eq!(registers[13..], [("sp", 113), ("lr", 114), ("pc", 115), ("cpsr", 0x30)]);

    let old: Vec<u64> = [0x8000_0006].into_iter().chain(200..233).collect();
    let dump = read_all(&with_pieces(
        &[(SYSTEM, &system(0x8003, 0x8203)), (THREADS, &thread(PIECES, 796))],
        &[longs(&old), vec![0; 524]].concat(),
    ));
    let registers = &dump.threads[0].registers;
    assert_eq!(registers[28..], [("x28", 228), ("fp", 229), ("lr", 230), ("sp", 231), ("pc", 232)]);
}

/// A dump whose system is cut off still has registers: their context says whose they are.
#[test]
fn a_context_says_its_processor_itself() {
    let mut context = vec![0; 1232];
    context[48..52].copy_from_slice(&0x0010_000b_u32.to_le_bytes());
    context[248..256].copy_from_slice(&0x1234_u64.to_le_bytes());
    let dump = read_all(&with_pieces(&[(THREADS, &thread(PIECES, 1232))], &context));
    assert_eq!(dump.threads[0].registers[0], ("rip", 0x1234));
}
