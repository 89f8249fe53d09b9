//! Names that nobody's compiler writes: each must end soon, small, and without a deep stack.

use super::{MAX_MANGLED, demangle, demangle_without_arguments};

/// Room for text around the longest name.
const MAX_SHOWN: usize = 300 * 1024;

fn survives(name: &str) {
    for shown in [demangle(name), demangle_without_arguments(name)] {
        assert!(shown.len() <= MAX_SHOWN.max(name.len()), "{} bytes of {name:.40}", shown.len());
        assert!(!shown.is_empty() || name.is_empty());
    }
}

/// Per language: what repeats, nests or refers back.
fn hostile() -> Vec<String> {
    let mut names = vec![String::new(), "_".to_owned(), "?".to_owned(), "\u{e9}".to_owned()];
    for count in [10, 100, 1_000, 20_000] {
        names.extend([
            format!("?f@@YAX{}H@Z", "PEA".repeat(count)),
            format!("?f@@YA{}XXZ", "P6A".repeat(count)),
            format!("??{}H@@", "$a@".repeat(count)),
            format!("{}x@", "??$a@$1".repeat(count)),
            format!("?x@{}@3HA", "?1??f@".repeat(count)),
            format!("?f@@YAXP6AXHHHH@Z{}@Z", "0".repeat(count)),
            format!("$s1a1b{}D", "Sg".repeat(count)),
            format!("$s{}", "y".repeat(count) + &"c".repeat(count)),
            format!("$s1aC{}", "AA".repeat(count)),
            format!("$sSi2048A{}t", "_Si".repeat(count)),
            format!("$s1a{}fU_", "yycfU_".repeat(count)),
            format!("$sxS{count}i{}t", "_".repeat(count)),
            format!("_TtC{}1a", "C".repeat(count)),
            format!("_TF1a1b{}", "FT".repeat(count)),
            format!("_TF{}1a", "F".repeat(count)),
            format!("_TFs1a{}", "GSa".repeat(count)),
            format!("_TFC1a1b1cF{}T_", "TS0_".repeat(count)),
            format!("_TFC1a1b{}", "CS0_1c".repeat(count)),
            format!("_D1a{}", "F".repeat(count)),
            format!("_D1a{}i", "A".repeat(count)),
            format!("_D1aF{}Zv", "Qb".repeat(count)),
            format!("_D{}Z", "__T1aT".repeat(count)),
            format!("_D1a__T1bS{}Z", "111".repeat(count)),
            format!("_D1aFB{count}{}Zv", "i".repeat(count)),
            format!("kfun:{}", "(".repeat(count)),
            format!("kfun:a#b({}", "{}".repeat(count)),
            format!("Precompiled_{}", "_123456".repeat(count)),
            format!("{}x{}", "__".repeat(count), "_block_invoke".repeat(count)),
            format!("__{}-[a]_block_invoke_{}", "9".repeat(count), "9".repeat(count)),
            format!("_Z1f{}i", "P".repeat(count)),
        ]);
    }
    names
}

/// Two parameters of the type of two parameters of …: without limits 10^k of text.
fn bombs() -> Vec<String> {
    let levels = (0..9).map(|level| format!("P6AX{}@Z", level.to_string().repeat(60)));
    let msvc = format!("?f@@YAXP6AXHH@Z{}@Z", levels.collect::<String>());
    let swift = (0..25).map(|level| {
        let letter = char::from(b'B' + level);
        format!("A{letter}A{letter}_tSg")
    });
    let swift = format!("$s1aAA1bVSg{}D", swift.collect::<String>());
    let mut dlang = "_D1aFS1b1cB2".to_owned();
    for _ in 0..12 {
        dlang.push_str("QcQe");
    }
    vec![msvc, swift, dlang + "Zv"]
}

#[test]
fn hostile_names_end() {
    hostile().iter().chain(&bombs()).for_each(|name| survives(name));
    for prefix in ["_Z", "_R", "?", "$s", "_T0", "_TF", "_TtC", "_D1a", "kfun:", "Precompiled_", "__1-["] {
        let long = format!("{prefix}{}", "1a".repeat(1 << 19));
        assert!(long.len() > MAX_MANGLED);
        assert_eq!(demangle(&long), long);
    }
}

#[test]
fn hostile_names_fit_a_small_stack() {
    let run = || hostile().iter().chain(&bombs()).for_each(|name| survives(name));
    let size = if cfg!(debug_assertions) { 2 << 20 } else { 512 << 10 };
    let thread = std::thread::Builder::new().stack_size(size).spawn(run).unwrap();
    assert!(thread.join().is_ok());
}

#[test]
fn every_beginning_of_a_name_is_survived() {
    for name in [
        "$s14ArgumentParser4FlagVA2A010EnumerableC0RzlE7initial11exclusivity4helpACyxGxSg_AA0C11ExclusivityVtc33_4A27Llfc",
        "??$emplace_back@ABH@?$vector@HV?$allocator@H@std@@@std@@QAE?A?<decltype-auto>@@ABH@Z",
        "_D3std9algorithm9iteration__T9MapResultS4shop4cart4Cart5totalMFiZ9__lambda2TASQBmQBk4LineZQCj4backMFNdZi",
        "kfun:shop.Cart#total__at__shop.Line(kotlin.Int;kotlin.Any?){0\u{a7}<kotlin.Any?>}kotlin.String",
        "_TFs16_assertionFailedFTVs12StaticStringSSS_Su5flagsVs6UInt32_Os5Never",
        "__17-[Cart total:in:]_block_invoke_2",
        "Precompiled__SendPortImpl_1026248__sendInternal_1026248_1297",
    ] {
        (0..=name.len()).filter_map(|end| name.get(..end)).for_each(survives);
        (0..name.len())
            .filter_map(|at| Some(format!("{}{}", name.get(..at)?, name.get(at + 1..)?)))
            .for_each(|it| survives(&it));
    }
}
