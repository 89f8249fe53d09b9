//! Tests of the reader: each stream, the oracle, hostile files.

mod hostile;
mod oracle;
mod streams;

use minidump_synth::SynthMinidump;

use super::{Minidump, read};

/// The stored dump of a real crash (fixtures/minidump-linux).
fn real() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minidump-linux/crash.dmp");
    std::fs::read(path).expect("the fixture is there")
}

fn finished(synthetic: SynthMinidump) -> Vec<u8> {
    synthetic.finish().expect("all labels are defined")
}

fn read_all(bytes: &[u8]) -> Minidump {
    read(bytes).expect("it is a minidump")
}

/// A minidump with streams of any bytes, little endian.
fn with_streams(streams: &[(u32, &[u8])]) -> Vec<u8> {
    with_pieces(streams, &[])
}

/// The same; `pieces` follow the directory, the first at [`PIECES`].
fn with_pieces(streams: &[(u32, &[u8])], pieces: &[u8]) -> Vec<u8> {
    let mut file = [&b"MDMP"[..], &[0x93, 0xa7, 0, 0]].concat();
    let number = |value: usize| u32::try_from(value).expect("tests are small").to_le_bytes();
    file.extend([number(streams.len()), number(32), [0; 4], number(1_700_000_000), [0; 4], [0; 4]].concat());
    let mut place = PIECES + pieces.len();
    for (kind, bytes) in streams {
        file.extend([kind.to_le_bytes(), number(bytes.len()), number(place)].concat());
        place += bytes.len();
    }
    file.resize(PIECES, 0);
    file.extend(pieces);
    streams.iter().for_each(|(_, bytes)| file.extend(*bytes));
    file
}

/// Where pieces begin that streams point to.
const PIECES: usize = 512;

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn longs(values: &[u64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
