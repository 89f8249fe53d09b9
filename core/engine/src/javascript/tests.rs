//! What functions are found, form by form.

use super::*;
use crate::mapped::Bytes;

fn open(text: &[u8]) -> FunctionIndex {
    FunctionIndex::open(Bytes::Owned(build_function_index(text).unwrap())).unwrap()
}

/// The function around every column of a text of one line.
fn ids(index: &FunctionIndex, columns: usize) -> Vec<Option<u32>> {
    let positions: Vec<_> = (0..columns as u32).map(|column0| [0, column0]).collect();
    let mut found = Vec::new();
    index.lookup(&positions, |id| found.push(id)).unwrap();
    found
}

/// `kind name` of the function around `▮`, name pieces joined by dots; nothing outside of all functions.
fn around(text: &str) -> String {
    let at = text.find('▮').unwrap();
    let text = text.replace('▮', "");
    let index = open(text.as_bytes());
    let before = &text[..at];
    let ends = ['\n', '\u{2028}'];
    let line0 = before.matches(ends).count() as u32;
    let column0 = before.rsplit(ends).next().unwrap().encode_utf16().count() as u32;
    let mut found = None;
    index.lookup(&[[line0, column0]], |id| found = id).unwrap();
    let Some(id) = found else { return String::new() };
    let function = index.function(id).unwrap().unwrap();
    let pieces: Vec<_> = function.pieces.iter().map(|piece| piece.text.as_str()).collect();
    format!("{} {}", function.kind.as_str(), pieces.join(".")).trim_end().to_owned()
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(around(text), *expected, "{text}");
    }
}

#[test]
fn functions_have_their_own_name_or_that_of_what_they_are_given_to() {
    check(&[
        ("function a(){▮}", "function a"),
        ("function*a(){▮}", "function a"),
        ("async function a(){▮}", "function a"),
        ("▮async function a(){}", "function a"),
        ("function a(){}▮", ""),
        ("var a=function(){▮}", "function a"),
        ("let b=1,a=function(){▮}", "function a"),
        ("const a=async function*(){▮}", "function a"),
        ("a.b.c=function(){▮}", "function a.b.c"),
        ("a.prototype.b=function(){▮}", "function a.prototype.b"),
        ("a=b=function(){▮}", "function b"),
        ("a.b=c.d=function(){▮}", "function c.d"),
        ("a['x-y']=function(){▮}", "function a.x-y"),
        ("a[b.c].d=function(){▮}", "function a.<computed>.d"),
        ("a().b=function(){▮}", "function b"),
        ("a||=function(){▮}", "function a"),
        ("a=b||function(){▮}", "function a"),
        ("a=b?function(){▮}:0", "function a"),
        ("a=b?0:function(){▮}", "function a"),
        ("a=(0,function(){▮})", "function a"),
        ("a=[function(){▮}]", "function a"),
        ("var a=function b(){▮}", "function b"),
        ("function a(b=function(){▮}){}", "function b"),
        ("({a=function(){▮}}=b)", "function a"),
        ("export default function(){▮}", "function default"),
        ("export default()=>{▮}", "arrow default"),
    ]);
}

#[test]
fn a_function_that_is_used_at_once_is_anonymous() {
    check(&[
        ("b(function(){▮})", "function"),
        ("a=b(function(){▮})", "function"),
        ("a=function(){▮}()", "function"),
        ("a=(function(){▮})()", "function"),
        ("a=(()=>{▮})()", "arrow"),
        ("a=(()=>▮1)()", "arrow"),
        ("a=function(){▮}.bind(b)", "function"),
        ("a=function(){▮}`x`", "function"),
        ("a=function(){▮}?.()", "function"),
        ("(a=function(){▮})()", "function a"),
        ("a=function b(){▮}()", "function b"),
        ("{a,b}=function(){▮}", "function"),
        ("a=1;(function(){▮})", "function"),
        ("a=1\nb(function(){▮})", "function"),
        ("a=1,function(){▮}", "function"),
        ("a[function(){▮}]=1", "function"),
    ]);
}

#[test]
fn arrow_functions_begin_with_their_parameters_and_end_with_their_body() {
    check(&[
        ("const a=▮b=>c", "arrow a"),
        ("const a=▮(b,c)=>d", "arrow a"),
        ("const a=▮async b=>c", "arrow a"),
        ("const a=▮async(b)=>c", "arrow a"),
        ("const a=(b=function(){▮})=>c", "function b"),
        ("const a=(b=function(){},▮c)=>d", "arrow a"),
        ("const a=({b,c:[d]})=>{▮}", "arrow a"),
        ("const a=b=>c=>▮d", "arrow"),
        ("const a=b=>{}▮,c", ""),
        ("const a=b=>c▮,d", ""),
        ("e(a=>b▮,c)", ""),
        ("e(a=>(b,▮c),d)", "arrow"),
        ("[a=>b▮,c]", ""),
        ("a=b?c=>▮d:e", "arrow a"),
        ("a=b?c=>d:▮e", ""),
        ("a=b?c=>d?e:▮f:g", "arrow a"),
        ("a=b?c=>d?e:f:▮g", ""),
        ("a=>/* comment */{▮}", "arrow"),
        ("a=>// comment\n({b:▮c})", "arrow"),
        ("a=>({b:1}▮)", "arrow"),
        ("const a=b=>c\nvar▮ d", ""),
        ("const a=b=>{c}\n▮(d)", ""),
        ("const a=b=>{c}\n▮[d]", ""),
        ("a={b:c=>d,▮e}", ""),
        ("a={b:c=>▮d}", "arrow b"),
    ]);
}

#[test]
fn members_of_objects_are_called_by_their_key() {
    check(&[
        ("a={b(){▮}}", "method b"),
        ("a={b:function(){▮}}", "function b"),
        ("a={b:()=>▮c}", "arrow b"),
        ("a={'x-y'(){▮}}", "method x-y"),
        ("a={'x-y':function(){▮}}", "function x-y"),
        ("a={42(){▮}}", "method 42"),
        ("a={get b(){▮}}", "getter b"),
        ("a={set b(c){▮}}", "setter b"),
        ("a={get(){▮}}", "method get"),
        ("a={get:()=>▮1}", "arrow get"),
        ("a={async(){▮}}", "method async"),
        ("a={async b(){▮}}", "method b"),
        ("a={async*b(){▮}}", "method b"),
        ("a={*b(){▮}}", "method b"),
        ("a={[b]:1,c(){▮}}", "method c"),
        ("a={['b'](){▮}}", "method b"),
        ("a={[Symbol.iterator](){▮}}", "method [Symbol.iterator]"),
        ("a={[▮b](){}}", ""),
        ("a={...b,c(){▮}}", "method c"),
        ("a={with(b){▮}}", "method with"),
        ("a={if(b){},function(c){▮}}", "method function"),
        ("a={constructor(){▮}}", "method constructor"),
        ("a={get,b(){▮}}", "method b"),
        ("a={b:{c:{d(){▮}}}}", "method d"),
        ("a={b(){}▮}", ""),
    ]);
}

#[test]
fn members_of_classes_are_called_after_class_and_key() {
    check(&[
        ("class a{b(){▮}}", "method a.b"),
        ("class a{constructor(){▮}}", "constructor a"),
        ("class a{'constructor'(){▮}}", "constructor a"),
        ("class a{static constructor(){▮}}", "static method a.constructor"),
        ("class a{get b(){▮}}", "getter a.b"),
        ("class a{static set b(c){▮}}", "setter a.b"),
        ("class a{static b(){▮}}", "static method a.b"),
        ("class a{static(){▮}}", "method a.static"),
        ("class a{#b(){▮}}", "method a.#b"),
        ("class a{b=▮1}", "field a.b"),
        ("class a{static b=▮1}", "static field a.b"),
        ("class a{b=()=>▮1}", "arrow a.b"),
        ("class a{b=c(()=>▮1)}", "arrow"),
        ("class a{static{▮}}", "static block a"),
        ("class a{b;c=1;static d;e(){▮}}", "method a.e"),
        ("class a{b=1\nc(){▮}}", "method a.c"),
        ("class a{b\nget c(){▮}}", "getter a.c"),
        ("class a{b\n*c(){▮}}", "method a.c"),
        ("class a{b=c=>{}\n['d'](){▮}}", "method a.d"),
        ("class a{async\nb(){▮}}", "method a.b"),
        ("class a extends b(class{}){c(){▮}}", "method a.c"),
        ("class a extends class{b(){▮}}{}", "method a.b"),
        ("var a=class{b(){▮}}", "method a.b"),
        ("a.b=class extends c{d(){▮}}", "method a.b.d"),
        ("var a=class b{c(){▮}}", "method b.c"),
        ("d(class{c(){▮}})", "method c"),
        ("class a{b(){this.c=function(){▮}}}", "function a.c"),
        ("class a{b(){this.c=()=>▮1}}", "arrow a.c"),
        ("class a{b(){function c(){this.d=function(){▮}}}}", "function d"),
        ("class a{constructor(){}}▮", ""),
        ("export default class{b(){▮}}", "method default.b"),
        ("class a{@b.c(d)e(){▮}}", "method a.e"),
        ("class a{static async*b(){▮}}", "static method a.b"),
        ("class a{for(){▮}}", "method a.for"),
        ("class a{get=1;set(){▮}}", "method a.set"),
    ]);
}

#[test]
fn slashes_are_told_apart() {
    check(&[
        ("a=b/c/function(){▮}", "function a"),
        ("a={}/1;/{/;function b(){▮}", "function b"),
        ("a=function(){}/1/{};function b(){▮}", "function b"),
        ("function a(){}/}{/.c;function b(){▮}", "function b"),
        ("if(a)/[/{]\\/{/.c;function b(){▮}", "function b"),
        ("(a)/2;/{/;function b(){▮}", "function b"),
        ("a=b\n/c/{}\nfunction d(){▮}", "function d"),
        ("return/{/;function b(){▮}", "function b"),
        ("a++/2;b/{}/1;function b(){▮}", "function b"),
        ("x={a(){}};/{/;function b(){▮}", "function b"),
        ("typeof/{/;function b(){▮}", "function b"),
        ("a=>/{/;function b(){▮}", "function b"),
        ("a.return/2;({})/1;function b(){▮}", "function b"),
        ("do{}while(a)/{/;function b(){▮}", "function b"),
        ("class a{}/{/;function b(){▮}", "function b"),
        ("a=class{}/1/{};function b(){▮}", "function b"),
        ("`${a}`/2;/{/;function b(){▮}", "function b"),
        ("yield/{/;function b(){▮}", "function b"),
        ("case/{/:function b(){▮}", "function b"),
    ]);
}

#[test]
fn braces_in_literals_and_comments_are_none() {
    check(&[
        ("'}';\"}\";`}`;/*}*/function a(){'}';\"\\\"}\"\n//}\n/*}*/▮}", "function a"),
        ("function a(){`${`}${b=>{}}`}${▮c}`}", "function a"),
        ("function a(){`${()=>▮1}`}", "arrow"),
        ("function a(){`\\`}\\${`;▮}", "function a"),
        ("#!/bin/{\nfunction a(){▮}", "function a"),
        ("<!-- {\nfunction a(){\n--> }\n▮}", "function a"),
        ("function a(){b-->c;▮}", "function a"),
        ("function a(){'\\\r\n}';▮}", "function a"),
        ("'{\nfunction a(){▮}", "function a"),
    ]);
}

#[test]
fn statements_are_told_from_expressions() {
    check(&[
        ("if(a){}else{function b(){▮}}", "function b"),
        ("for await(const a of b){c=()=>▮d}", "arrow c"),
        ("for(const a of of)b=()=>▮c", "arrow b"),
        ("for(let[a]=function(){▮};;);", "function"),
        ("switch(a){case b?c:d:{e=()=>▮f}default:g}", "arrow e"),
        ("a:for(;;){b:{c=function(){▮}}}", "function c"),
        ("try{}catch{a=()=>▮b}finally{}", "arrow a"),
        ("try{}catch(a){}finally{b=()=>▮c}", "arrow b"),
        ("do a=()=>▮b;while(c)", "arrow a"),
        ("while(a)b=()=>▮c", "arrow b"),
        ("import{a as b}from'c';d=()=>▮e", "arrow d"),
        ("import a from'b'with{type:'json'};c=()=>▮d", "arrow c"),
        ("export{a as default};export const b=()=>▮c", "arrow b"),
        ("import('a').then(b=>▮c)", "arrow"),
        ("a=import.meta.b;c=()=>▮d", "arrow c"),
        ("let{a:b=()=>▮c}=d", "arrow b"),
        ("new class{a(){▮}}", "method a"),
        ("a?.b?.[c]?.(d=>▮e)", "arrow"),
        ("a?.5:b=>▮c", "arrow"),
        ("1_000.5e-3.toFixed(a=>▮b)", "arrow"),
        ("0xfn;a=()=>▮b", "arrow a"),
        ("#a in b;c=()=>▮d", "arrow c"),
        ("async=a;b=()=>▮c", "arrow b"),
        ("async(a);b=()=>▮c", "arrow b"),
        ("of=1;b=()=>▮c", "arrow b"),
        ("a\u{2028}b=()=>▮c", "arrow b"),
        ("\u{a0}a=()=>▮b", "arrow a"),
        ("\\u0061b=()=>▮c", "arrow \\u0061b"),
        ("π=()=>▮c", "arrow π"),
    ]);
}

#[test]
fn columns_are_utf16_units_and_lines_end_as_in_javascript() {
    let index = open("\u{feff}'😀é';function a(){}".as_bytes());
    let found = ids(&index, 30);
    assert_eq!(found.iter().position(Option::is_some), Some(6));
    assert_eq!(index.function(0).unwrap().unwrap().pieces[0].column0, 15);
    let index = open("a\r\nb\rc\u{2028}d\ne;function f(){}".as_bytes());
    let piece = &index.function(0).unwrap().unwrap().pieces[0];
    assert_eq!((piece.line0, piece.column0), (4, 11));
}

#[test]
fn damaged_text_counts_as_a_decoder_would_have_it() {
    let index = open(b"'\xff\xe2\x82\xf0\x9f\x98';function \xc3(){}");
    let piece = &index.function(0).unwrap().unwrap().pieces[0];
    assert_eq!((piece.text.as_str(), piece.column0), ("\u{fffd}", 15));
}

#[test]
fn what_does_not_fit_is_passed_over() {
    check(&[
        ("}}])function a(){▮}", "function a"),
        ("function a(){(]▮}", "function a"),
        ("function a(){([▮ ", "function a"),
        ("function a(){([}▮", ""),
        ("function a(){▮ ", "function a"),
        ("function a(▮ ", "function a"),
        ("function a(){(};function b(){▮}", "function b"),
    ]);
    for text in [
        "class{=(",
        "function",
        "function(",
        "a=>",
        "class",
        "class a extends",
        "`${",
        "/[",
        "\\",
        "get",
        "{get",
        "1e",
        "0x",
        "..",
        "?.",
        "#",
        "@",
        "async",
        "let",
        "export default",
        "import",
        "for await",
    ] {
        open(text.as_bytes());
    }
}

#[test]
fn what_nests_too_deep_is_unknown_and_what_follows_is_right() {
    const DEPTH: usize = 150_000;
    for (open_text, close_text) in [("[", "]"), ("{a:{", "}}"), ("(b=>", ")"), ("`${", "}`"), ("b=>", "")] {
        let deep = format!(
            "function a(){{x={}function(){{}}{}}};function c(){{}}",
            open_text.repeat(DEPTH),
            close_text.repeat(DEPTH)
        );
        let index = open(deep.as_bytes());
        let found = ids(&index, deep.len());
        let last = found[deep.len() - 1].unwrap();
        assert_eq!(index.function(last).unwrap().unwrap().pieces[0].text, "c", "{open_text}");
        assert_eq!(found[12], Some(0), "{open_text}");
        assert_eq!(found[13 + open_text.len() * DEPTH + 10], None, "{open_text}");
    }
}

#[test]
fn unclosed_regular_expressions_are_not_read_again_and_again() {
    open("/[".repeat(400_000).as_bytes());
    open("a=/(".repeat(400_000).as_bytes());
}

#[test]
fn any_truncation_and_any_flipped_byte_are_noticed_or_harmless() {
    let good = build_function_index(b"class a{b(){c()}}").unwrap();
    for len in 0..good.len() {
        assert!(FunctionIndex::open(Bytes::Owned(good[..len].to_vec())).is_err());
    }
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        let result = FunctionIndex::open(Bytes::Owned(bad)).and_then(|index| index.verify());
        assert!(result.is_err(), "byte {at}");
    }
}
