//! Debug files made by hand: what compilers write rarely, linkers damage, and attackers would write.

mod image;

use image::{Bytes, Image, Order, sequence};

use super::symcache::{FrameRecord, NONE, SymCache};
use super::{Cancel, Conversion, DebugFileError, build_symcache};
use crate::mapped;

const BASE: u64 = 0x1000;

fn open(image: &Image) -> SymCache {
    SymCache::open(mapped::Bytes::Owned(build_symcache(&image.elf(), 0).unwrap())).unwrap()
}

fn frames(symcache: &SymCache, address: u64) -> Vec<FrameRecord> {
    symcache.lookup(&[address - symcache.load_address()]).unwrap().frames
}

/// Function and line of every call, innermost first.
fn chain(symcache: &SymCache, address: u64) -> Vec<(String, u32)> {
    let name = |id| if id == NONE { String::new() } else { symcache.string(id).unwrap() };
    frames(symcache, address).iter().map(|frame| (name(frame.function), frame.line)).collect()
}

fn called(calls: &[(&str, u32)]) -> Vec<(String, u32)> {
    calls.iter().map(|(name, line)| ((*name).to_owned(), *line)).collect()
}

/// `callee` inlined into `caller` at line 20, from 0x1004 to 0x1008; lines 1, 2, 3 at 0x1000, 0x1004, 0x1008.
fn inlined_once(order: Order) -> Image {
    let mut image = Image::new(order, BASE, 16);
    image.lines = sequence(order, BASE, &[(0, 1), (4, 2), (4, 3)], 8);
    let callee = image.abstract_function("callee");
    image.function("caller", BASE, 16);
    image.inlined(callee, BASE + 4, 4, 20);
    image.end_children();
    image
}

#[test]
fn both_byte_orders_give_the_chain() {
    for order in [Order::Little, Order::Big] {
        let symcache = open(&inlined_once(order));
        assert_eq!(chain(&symcache, BASE), called(&[("caller", 1)]));
        assert_eq!(chain(&symcache, BASE + 5), called(&[("callee", 2), ("caller", 20)]));
        assert_eq!(chain(&symcache, BASE + 15), called(&[("caller", 3)]));
        assert_eq!(chain(&symcache, BASE + 16), called(&[]));
        assert_eq!(frames(&symcache, BASE + 5)[0].entry, BASE - symcache.load_address());
    }
}

#[test]
fn code_above_four_gibibytes_is_found() {
    let base = 0x7fff_8100_0000;
    let mut image = Image::new(Order::Little, base, 32);
    image.load = 0x2000;
    image.function("kernel", base, 32);
    image.end_children();
    let symcache = open(&image);
    assert_eq!(chain(&symcache, base + 31), called(&[("kernel", 0)]));
    assert_eq!(frames(&symcache, base)[0].entry, base - 0x2000);
    assert_eq!(chain(&symcache, base & 0xffff_ffff), called(&[]));
}

/// A discarded function whose address the linker wrote as 0, twice, used to swallow the sequence after it.
#[test]
fn a_tombstone_set_twice_does_not_swallow_the_next_sequence() {
    for tombstone in [0, u64::MAX, u64::MAX - 1] {
        let mut image = Image::new(Order::Little, BASE, 16);
        let order = Order::Little;
        image.lines = sequence(order, tombstone, &[(0, 90), (1, 91)], 1);
        image.lines.truncate(image.lines.len() - 3);
        image.lines.extend(sequence(order, tombstone, &[(0, 92)], 0x7fff));
        image.lines.extend(sequence(order, BASE, &[(0, 1), (8, 2)], 8));
        image.function("kept", BASE, 16);
        image.end_children();
        image.function("discarded", tombstone, 64);
        image.end_children();
        let symcache = open(&image);
        assert_eq!(chain(&symcache, BASE + 7), called(&[("kept", 1)]), "{tombstone:#x}");
        assert_eq!(chain(&symcache, BASE + 15), called(&[("kept", 2)]), "{tombstone:#x}");
        assert_eq!(symcache.symbol_address("discarded").unwrap(), None);
    }
}

#[test]
fn a_function_that_claims_too_much_does_not_hide_others() {
    let mut image = Image::new(Order::Little, BASE, 0x100);
    image.function("tight", BASE + 0x10, 0x10);
    image.end_children();
    image.new_unit();
    image.function("huge", BASE, 0x100);
    image.end_children();
    let symcache = open(&image);
    assert_eq!(chain(&symcache, BASE + 0x0f), called(&[("huge", 0)]));
    assert_eq!(chain(&symcache, BASE + 0x10), called(&[("tight", 0)]));
    assert_eq!(chain(&symcache, BASE + 0x20), called(&[("huge", 0)]));
}

#[test]
fn an_origin_that_leads_back_to_itself_has_no_name() {
    let mut image = Image::new(Order::Little, BASE, 16);
    let itself = image.next_offset();
    image.reference(itself);
    let (first, second) = (image.next_offset(), image.next_offset() + Image::REFERENCE_LEN);
    image.reference(second);
    image.reference(first);
    image.function("caller", BASE, 16);
    image.inlined(itself, BASE, 4, 1);
    image.inlined(first, BASE + 4, 4, 2);
    image.inlined(0xffff_fff0, BASE + 8, 4, 3);
    image.end_children();
    let symcache = open(&image);
    for (offset, line) in [(0, 1), (4, 2), (8, 3)] {
        assert_eq!(chain(&symcache, BASE + offset), called(&[("", 0), ("caller", line)]));
    }
}

#[test]
fn calls_inlined_without_end_are_cut_off() {
    let mut image = Image::new(Order::Little, BASE, 16);
    let callee = image.abstract_function("callee");
    image.function("caller", BASE, 16);
    for _ in 0..20_000 {
        image.inlined_with_children(callee, BASE, 16, 1);
    }
    let symcache = open(&image);
    let calls = chain(&symcache, BASE);
    assert!((100..600).contains(&calls.len()), "{}", calls.len());
    assert_eq!(calls.last(), Some(&("caller".to_owned(), 1)));
}

/// Each of many calls names the same long list of ranges: read one by one they would be two thousand million.
#[test]
fn ranges_that_everybody_shares_are_read_within_limits() {
    let mut image = Image::new(Order::Little, BASE, 0x20000);
    let callee = image.abstract_function("callee");
    for offset in 0..50_000u64 {
        image.ranges.address(BASE + offset * 2);
        image.ranges.address(BASE + offset * 2 + 1);
    }
    image.function("caller", BASE, 0x20000);
    for _ in 0..50_000 {
        image.inlined_in_ranges(callee, 0);
    }
    image.end_children();
    let symcache = open(&image);
    assert_eq!(chain(&symcache, BASE + 1).last().map(|call| call.0.as_str()), Some("caller"));
}

/// An entry of one byte whose abbreviation lists a hundred thousand attributes that take no room.
#[test]
fn abbreviations_with_endless_attributes_are_refused() {
    let mut image = Image::new(Order::Little, BASE, 16);
    image.symbol("symbol", BASE, 16);
    let mut endless = Bytes::new(Order::Little);
    endless.numbers(&[9, 0x34, 0]);
    (0..100_000).for_each(|_| endless.numbers(&[0x3f, 0x19]));
    image.abbreviations.prepend(endless);
    image.abbreviations_before_end(&[0, 0]);
    (0..100_000).for_each(|_| image.entries.numbers(&[9]));
    assert_eq!(chain(&open(&image), BASE), called(&[("symbol", 0)]));
}

#[test]
fn a_cancelled_conversion_says_so() {
    let cancel = Cancel::default();
    cancel.cancel();
    let file = inlined_once(Order::Little).elf();
    for addresses in [None, Some(&[0][..])] {
        let built = Conversion { addresses, cancel: cancel.clone(), ..Conversion::default() }.run(&file);
        assert_eq!(built, Err(DebugFileError::Cancelled));
    }
}
