//! Files that are cut off, damaged, or made to hurt.

use super::super::MinidumpError;
use super::super::read;
use super::{PIECES, longs, read_all, real, with_pieces, with_streams, words};

const THREADS: u32 = 3;
const MODULES: u32 = 4;
const MEMORY64: u32 = 9;
const CRASHPAD: u32 = 0x4350_0001;
const WALKED: u32 = 0x5379_0001;

/// Any other file would be called a broken minidump.
#[test]
fn what_is_no_minidump_says_so() {
    assert!(read(b"").is_err());
    assert!(read(b"MDM").is_err());
    assert_eq!(read(b"MDMP").err(), Some(MinidumpError("its header is cut off")));
}

/// An upload that broke off would lose the threads that are there.
#[test]
fn a_dump_that_is_cut_off_gives_what_it_holds() {
    let whole = real();
    let full = read_all(&whole);
    let mut before = usize::MAX;
    for len in (32..whole.len()).rev().step_by(97) {
        let dump = read_all(&whole[..len]);
        assert!(dump.threads.len() <= before);
        before = dump.threads.len();
        let ids = full.threads.iter().map(|thread| thread.id);
        assert!(dump.threads.iter().map(|thread| thread.id).eq(ids.take(dump.threads.len())));
        assert!(!dump.damage.is_empty() || dump.threads.len() == full.threads.len());
    }
}

/// A count of four thousand million entries would take all memory.
#[test]
fn counts_without_entries_take_no_memory() {
    for kind in [THREADS, MODULES, 5, 6, 7, 14, 15, 24, CRASHPAD, WALKED, MEMORY64, 0x4d7a_0001] {
        for word in [u32::MAX, 0x7fff_ffff, 0x0100_0000, 1] {
            let dump = read_all(&with_streams(&[(kind, &words(&[word; 16]))]));
            assert!(dump.threads.len() <= 1 && dump.modules.len() <= 1);
        }
    }
}

/// A directory that never ends would be read for hours.
#[test]
fn the_directory_is_bounded() {
    let mut file = with_streams(&[]);
    file[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    file.resize(1 << 20, 0xff);
    assert!(read_all(&file).damage[0].contains("4294967295 streams"));
}

/// Twenty thousand images that share one long name would take gigabytes.
#[test]
fn texts_that_are_shared_are_bounded() {
    let name = [words(&[200_000]), vec![b'a'; 200_000]].concat();
    let place = u32::try_from(PIECES).expect("it is small");
    let mut module = [longs(&[0x1000]), words(&[16, 0, 0, place])].concat();
    module.resize(108, 0);
    let modules = [words(&[5_000]), module.repeat(5_000)].concat();
    let dump = read_all(&with_pieces(&[(MODULES, &modules)], &name));
    assert_eq!(dump.modules.len(), 5_000);
    assert!(dump.modules.iter().map(|module| module.name.len()).sum::<usize>() <= 24 << 20); // UTF-8 of UTF-16
    assert!(dump.damage.iter().any(|what| what.contains("cut off")));
}

/// Regions whose ends wrap around would make every address part of them.
#[test]
fn regions_at_the_end_of_memory_are_left_out() {
    let rows = longs(&[2, PIECES as u64, u64::MAX - 4, 16, 0x7000, u64::MAX]);
    assert!(read(&with_pieces(&[(MEMORY64, &rows)], &[0; 64])).is_ok());
}

/// Threads beyond the limit of memory would take more of it; the one that crashed must have its stack.
#[test]
fn stacks_are_bounded_and_the_crashed_one_comes_first() {
    let threads = 200_u32;
    let place = u32::try_from(PIECES).expect("it is small");
    let mut context = vec![0; 1232];
    context[48..52].copy_from_slice(&0x0010_000b_u32.to_le_bytes());
    context[152..160].copy_from_slice(&0x7000_u64.to_le_bytes());
    let stack = place + 1232;
    let mut list = words(&[threads]);
    for id in 0..threads {
        list.extend(
            [words(&[id, 0, 0, 0, 0, 0]), longs(&[0x7000]), words(&[1 << 20, stack, 1232, place])].concat(),
        );
    }
    let mut exception = words(&[threads - 1, 0, 11, 0]);
    exception.resize(168, 0);
    let pieces = [context, vec![1; 1 << 20]].concat();
    let dump = read_all(&with_pieces(&[(THREADS, &list), (6, &exception)], &pieces));
    let held: usize =
        dump.threads.iter().filter_map(|one| one.stack.as_ref()).map(|one| one.place.len()).sum();
    assert_eq!(held, 64 << 20);
    assert_eq!(dump.threads[199].stack.as_ref().map(|stack| stack.place.len()), Some(1 << 20));
    assert_eq!(dump.threads[198].stack, None);
}

/// One damaged byte anywhere must not cost the event.
#[test]
fn damaged_dumps_never_panic() {
    let good = real();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut chance = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % limit
    };
    for _ in 0..500 {
        let mut file = good.clone();
        for _ in 0..=chance(8) {
            let place = if chance(2) == 0 { chance(4096) } else { chance(file.len()) };
            file[place] ^= u8::try_from(1 << chance(8)).unwrap_or(1);
        }
        file.truncate(good.len() - chance(3) * chance(good.len() / 2));
        assert!(super::super::read_all(&file).is_ok() || !file.starts_with(b"MDMP"));
    }
}
