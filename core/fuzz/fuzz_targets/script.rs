//! Any bytes as a script: nothing may panic, hang or run out of memory; what was built can be read, and its functions
//! nest.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::javascript::{FunctionIndex, build_function_index};
use symbolicator_engine::mapped::Bytes;

fuzz_target!(|data: &[u8]| {
    let built = build_function_index(data).expect("a small script is never too large");
    assert!(built.len() < 48 * data.len() + 4_096, "an index took far more than its script");
    let index = FunctionIndex::open(Bytes::Owned(built)).expect("what was built can be opened");
    index.verify().expect("what was built holds its checksums");
    let columns = data.len().min(2_000) as u32;
    let positions: Vec<[u32; 2]> = (0..columns)
        .map(|column0| [0, column0])
        .chain((0..200).flat_map(|line0| [[line0, 0], [line0, 7], [line0, u32::MAX]]))
        .chain([[u32::MAX, u32::MAX]])
        .collect();
    let mut found = Vec::new();
    index.lookup(&positions, |id| found.push(id)).expect("what was built can be read");
    assert_eq!(found.last(), Some(&None), "nothing is behind the end");
    // An inner function starts later than the outer one: on the way out its id never comes back.
    let mut left = vec![false; index.function_count() as usize];
    for pair in found[..columns as usize].windows(2) {
        if let [Some(last), Some(next)] = pair
            && next < last
        {
            left[*last as usize] = true;
        }
        if let [_, Some(next)] = pair {
            assert!(!left[*next as usize], "functions overlap");
        }
    }
    for id in 0..index.function_count().min(2_000) {
        let function = index.function(id).expect("what was built can be read").expect("there is one");
        assert!(function.pieces.len() <= 16);
    }
    assert_eq!(index.function(index.function_count()), Ok(None));
});
