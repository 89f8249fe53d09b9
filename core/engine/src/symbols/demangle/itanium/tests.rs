//! What c++filt says is the witness; where it says nothing or is wrong, the reason stands beside the name.

use super::{Detail, MAX_DEMANGLED, demangle};

fn full(name: &str) -> Option<String> {
    demangle(name, Detail::Full)
}

fn assert_texts(pairs: &[(&str, &str)]) {
    for (name, told) in pairs {
        assert_eq!(full(name).as_deref(), Some(*told), "{name}");
    }
}

#[test]
fn names() {
    assert_texts(&[
        ("_Z1fv", "f()"),
        ("_ZL1fv", "f()"),
        ("_ZN1A1fEv", "A::f()"),
        ("_ZNVK1A1fEv", "A::f() const volatile"),
        ("_ZNKR1A1fEv", "A::f() const &"),
        ("_ZNKO1A1fEv", "A::f() const &&"),
        ("_ZN12_GLOBAL__N_11fEv", "(anonymous namespace)::f()"),
        ("_ZSt4swapIiEvRT_S1_", "void std::swap<int>(int&, int&)"),
        ("_ZN1A1fB5cxx11Ev", "A::f[abi:cxx11]()"),
        ("_Z1fB5cxx11B3fooi", "f[abi:cxx11][abi:foo](int)"),
        ("_ZNKSt5arrayIiLm3EEixEm", "std::array<int, 3ul>::operator[](unsigned long) const"),
        ("_ZNSt3__1L1fEv", "std::__1::f()"),
        ("_ZW3foo1fv", "f@foo()"),
        ("_ZW3fooWP3bar1fv", "f@foo:bar()"),
        ("_ZN1AW3foo1fEv", "A::f@foo()"),
        ("_ZGIW3foo", "initializer for module foo"),
        ("_ZDC1a1bE", "[a, b]"),
    ]);
}

#[test]
fn structors() {
    assert_texts(&[
        ("_ZN1AC1Ev", "A::A()"),
        ("_ZN1AIiEC1Ev", "A<int>::A()"),
        ("_ZN1AIiED0Ev", "A<int>::~A()"),
        (
            "_ZNSsC1ERKSs",
            "std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string(std::basic_string<char, std::char_traits<char>, std::allocator<char> > const&)",
        ),
        ("_ZN1AB1xC1Ev", "A[abi:x]::A()"),
        ("_ZN1AC1IiEET_", "A::A<int>(int)"),
        ("_ZN1ACI21BEi", "A::B(int)"),
        ("_ZN1AIiE1BIcEC1IlEEv", "A<int>::B<char>::B<long>()"),
    ]);
}

#[test]
fn local() {
    assert_texts(&[
        ("_ZZ1fvE1x_0", "f()::x"),
        ("_ZZ1fvE1x__12_", "f()::x"),
        ("_ZZ1fvEs", "f()::string literal"),
        ("_ZGVZ1fvE1x", "guard variable for f()::x"),
        ("_ZZ1fvENKUlvE_clEv", "f()::{lambda()#1}::operator()() const"),
        ("_ZZ1fiENKUlT_E0_clIiEEDaS_", "auto f(int)::{lambda(auto:1)#2}::operator()<int>(int) const"),
        ("_ZZ1fvEd0_NKUlvE_clEv", "f()::{default arg#2}::{lambda()#1}::operator()() const"),
        ("_ZN1A1xMUlvE_clEv", "A::x::{lambda()#1}::operator()()"),
        ("_ZN1AUt_1fEv", "A::{unnamed type#1}::f()"),
        (
            "_ZZ1fvENKUlDpOT_E_clIJiEEEDaS2_",
            "auto f()::{lambda((auto:1&&)...)#1}::operator()<int>({lambda((auto:1&&)...)#1}) const",
        ),
        ("_ZNK1fMUlTyT_E_clIiEEDaS0_", "auto f::{lambda<typename $T0>($T0)#1}::operator()<int>(int) const"),
        (
            "_ZNK1fMUlTpTyDpT_E_clIJiEEEDav",
            "auto f::{lambda<typename... $T0>(($T0)...)#1}::operator()<int>() const",
        ),
        ("_ZZ4mainENUlvE_C1ERKS_", "main::{lambda()#1}::main({lambda()#1} const&)"),
    ]);
}

#[test]
fn special() {
    assert_texts(&[
        ("_ZTV1A", "vtable for A"),
        ("_ZTT1A", "VTT for A"),
        ("_ZTI1A", "typeinfo for A"),
        ("_ZTSPFivE", "typeinfo name for int (*)()"),
        ("_ZTC1A0_1B", "construction vtable for B-in-A"),
        ("_ZThn16_N1A1fEv", "non-virtual thunk to A::f()"),
        ("_ZTv0_n24_N1A1fEv", "virtual thunk to A::f()"),
        ("_ZTch0_v0_n24_N1A1fEv", "covariant return thunk to A::f()"),
        ("_ZTW1x", "TLS wrapper function for x"),
        ("_ZTH1x", "TLS init function for x"),
        ("_ZTA1fIiE", "template parameter object for f<int>"),
        ("_ZGRZ1fvE1x0", "reference temporary #0 for f()::x"),
        ("_ZGTt1fv", "transaction clone for f()"),
        ("_ZGTn1fv", "non-transaction clone for f()"),
        ("_ZGA1fv", "hidden alias for f()"),
    ]);
}

#[test]
fn clones() {
    assert_texts(&[
        ("_Z1fv.cold", "f() [clone .cold]"),
        ("_Z1fv.part.0", "f() [clone .part.0]"),
        ("_Z1fv.isra.0.cold", "f() [clone .isra.0] [clone .cold]"),
        ("_Z1fv.llvm.1234567890123", "f() [clone .llvm.1234567890123]"),
        ("_Z1fv.lto_priv.0", "f() [clone .lto_priv.0]"),
        ("_Z1fv.constprop.0.isra.3", "f() [clone .constprop.0] [clone .isra.3]"),
        ("_Z1fv.foo_bar.1.2", "f() [clone .foo_bar.1.2]"),
    ]);
}

#[test]
fn operators() {
    assert_texts(&[
        ("_ZplRK1AS1_", "operator+(A const&, A const&)"),
        ("_ZlsIiEvT_", "void operator<< <int>(int)"),
        ("_ZltIiEvT_", "void operator< <int>(int)"),
        ("_Zli2_wPKc", "operator\"\" _w(char const*)"),
        ("_Zv12fooi", "operator fo(unsigned __int128, int)"),
        ("_ZN1AdlEPv", "A::operator delete(void*)"),
        ("_ZN1AnaEm", "A::operator new[](unsigned long)"),
        ("_ZN1AcvPT_IiEEv", "A::operator int*<int>()"),
        ("_ZN1AcvT_IiEEv", "A::operator int<int>()"),
    ]);
}

#[test]
fn types() {
    assert_texts(&[
        ("_Z1fPFivE", "f(int (*)())"),
        ("_Z1fPFPFivEiE", "f(int (*(*)(int))())"),
        ("_Z1fM1AKFivE", "f(int (A::*)() const)"),
        ("_Z1fM1Ai", "f(int A::*)"),
        ("_Z1fM1AA3_i", "f(int (A::*) [3])"),
        ("_Z1fPDoFivE", "f(int (*)() noexcept)"),
        ("_Z1fPDwicEFivE", "f(int (*)() throw(int, char))"),
        ("_Z1fPDOLb1EEFivE", "f(int (*)() noexcept(true))"),
        ("_Z1fPA3_i", "f(int (*) [3])"),
        ("_Z1fRA3_A4_i", "f(int (&) [3][4])"),
        ("_Z1fRKA3_i", "f(int const (&) [3])"),
        ("_ZTIA3_PFivE", "typeinfo for int (* [3])()"),
        ("_Z1fA_i", "f(int [])"),
        ("_Z1fDv4_f", "f(float __vector(4))"),
        ("_Z1fPU3AS1i", "f(int AS1*)"),
        ("_Z1fCd", "f(double _Complex)"),
        ("_Z1fu3foo", "f(foo)"),
        ("_Z1fDF16_", "f(_Float16)"),
        ("_Z1fDF16b", "f(std::bfloat16_t)"),
        ("_Z1fDnDaDcDsDiDu", "f(decltype(nullptr), auto, decltype(auto), char16_t, char32_t, char8_t)"),
        ("_Z1fDhDdg", "f(half, decimal64, __float128)"),
    ]);
}

#[test]
fn results() {
    assert_texts(&[
        ("_Z1fIiEPFivEv", "int (*f<int>())()"),
        ("_Z1fIiERFivEv", "int (&f<int>())()"),
        ("_Z1fIiERA3_iv", "int (&f<int>()) [3]"),
        ("_Z1fIiEPFPFivEcEv", "int (*(*f<int>())(char))()"),
    ]);
}

#[test]
fn parameters() {
    assert_texts(&[
        ("_Z1fIKiEvPKT_", "void f<int const>(int const*)"),
        ("_Z1fIRiEvOT_", "void f<int&>(int&)"),
        ("_Z1fIOiEvRT_", "void f<int&&>(int&)"),
        ("_Z1fIOiEvOT_", "void f<int&&>(int&&)"),
        ("_Z1fIPiEvRKT_", "void f<int*>(int* const&)"),
        ("_Z1fIA3_iEvRKT_", "void f<int [3]>(int const (&) [3])"),
        ("_Z1fIFivEEvPT_", "void f<int ()>(int (*)())"),
        ("_Z1fIFivEEvM1AT_", "void f<int ()>(int (A::*)())"),
        ("_Z1fIFivEEvRKT_", "void f<int ()>(int ( const&)())"),
    ]);
}

#[test]
fn packs() {
    assert_texts(&[
        ("_Z1fIJiiEEvDpT_", "void f<int, int>(int, int)"),
        ("_Z1fIJicEEvDpRKT_", "void f<int, char>(int const&, char const&)"),
        ("_Z1fIJicEEvDpPFvT_E", "void f<int, char>(void (*)(int), void (*)(char))"),
        ("_Z1fIiJicEEvT_DpT0_", "void f<int, int, char>(int, int, char)"),
        ("_Z1fIJEEvDpT_", "void f<>()"),
        ("_Z1fIJiiEEDTsZT_EDpT_", "decltype (2) f<int, int>(int, int)"),
        ("_Z1fIJicEEvDTsPDpT_EE", "void f<int, char>(decltype (2))"),
        ("_Z1fDpi", "f((int)...)"),
    ]);
}

#[test]
fn literals() {
    assert_texts(&[
        (
            "_Z1fILj3ELl4ELm5ELx6ELy7ELb1ELb0ELc65ELs3ELDn0EEvv",
            "void f<3u, 4l, 5ul, 6ll, 7ull, true, false, (char)65, (short)3, (decltype(nullptr))0>()",
        ),
        ("_Z1fILin3ELf40000000EEvv", "void f<-3, (float)[40000000]>()"),
        ("_Z1fIL1E3EEvv", "void f<(E)3>()"),
        ("_Z1fIXadL_Z1gvEEEvv", "void f<&(g())>()"),
        ("_Z1fIXadL_ZN1A1gEvEEEvv", "void f<&A::g>()"),
        ("_Z1fIXadL_ZNK1A1gEvEEEvv", "void f<&(A::g() const)>()"),
        ("_Z1fIL_Z1gEEvv", "void f<g>()"),
        ("_Z1fIXtl1ALi1ELi2EEEEvv", "void f<A{1, 2}>()"),
        ("_Z1fILPv0EEvv", "void f<(void*)0>()"),
    ]);
}

#[test]
fn expressions() {
    assert_texts(&[
        ("_Z1fIiEDTcl1gfp_EET_", "decltype (g({parm#1})) f<int>(int)"),
        ("_Z1fIiEDTplfp_Li3EET_", "decltype ({parm#1}+(3)) f<int>(int)"),
        ("_Z1fIiEDTcldtfp_1gEET_", "decltype (({parm#1}.g)()) f<int>(int)"),
        ("_Z1fIiEDTptfp_1gET_", "decltype ({parm#1}->g) f<int>(int)"),
        ("_Z1fIiEDTstT_ES0_", "decltype (sizeof (int)) f<int>(int)"),
        ("_Z1fIiEDTszfp_ES0_", "decltype (sizeof {parm#1}) f<int>(decltype (sizeof {parm#1}))"),
        ("_Z1fIiEDTcvT_fp_ES0_", "decltype ((int){parm#1}) f<int>(int)"),
        ("_Z1fIiEDTcvT__fp_fp_EES0_", "decltype ((int)({parm#1}, {parm#1})) f<int>(int)"),
        ("_Z1fIiEDTnw_T_piLi3EEES0_", "decltype (new int(3)) f<int>(int)"),
        ("_Z1fIiEDTgsdlfp_ES0_", "decltype (::delete {parm#1}) f<int>(decltype (::delete {parm#1}))"),
        (
            "_Z1fIiEDTquT_fp_fp_ES0_",
            "decltype ((int)?{parm#1} : {parm#1}) f<int>(decltype ((int)?{parm#1} : {parm#1}))",
        ),
        ("_Z1fIiEvDTilfp_fp_EE", "void f<int>(decltype ({{parm#1}, {parm#1}}))"),
        ("_Z1fIiEvDTtlT_di1xLi1EEE", "void f<int>(decltype (int{.x=(1)}))"),
        ("_Z1fIiEvDTtlT_dxLi1ELi1EEE", "void f<int>(decltype (int{[1]=(1)}))"),
        ("_Z1fIiEvDTcc1ALi1EE", "void f<int>(decltype (const_cast<A>(1)))"),
        ("_Z1fIiEvDTgtfp_Li1EE", "void f<int>(decltype (({parm#1}>(1))))"),
        ("_Z1fIiEvDTppfp_E", "void f<int>(decltype ({parm#1}++))"),
        ("_Z1fIiEvDTpp_fp_E", "void f<int>(decltype (++{parm#1}))"),
        ("_Z1fIiEvDTixfp_Li1EE", "void f<int>(decltype ({parm#1}[1]))"),
        ("_Z1fIiEvDTtrE", "void f<int>(decltype (throw))"),
        ("_Z1fIiEvDTtwfp_E", "void f<int>(decltype (throw {parm#1}))"),
        ("_Z1fIiEvDTclonplfp_Li1EEE", "void f<int>(decltype ((operator+)({parm#1}, 1)))"),
        ("_Z1fIiEvDTclgs1xEE", "void f<int>(decltype ((::x)()))"),
        ("_Z1fIiEvDTdtfp_onplE", "void f<int>(decltype ({parm#1}.(operator+)))"),
        ("_Z1fIiEvDTatT_E", "void f<int>(decltype (alignof (int)))"),
        ("_Z1fIiEvDTawfp_E", "void f<int>(decltype (co_await {parm#1}))"),
        ("_Z1fIiEvDTfpTE", "void f<int>(decltype (this))"),
        ("_Z1fIiEvDTptfpT1xE", "void f<int>(decltype (this->x))"),
        ("_Z1fIiEvDTu3fooLi1EEE", "void f<int>(decltype (foo(1)))"),
    ]);
}

#[test]
fn folds() {
    assert_texts(&[
        ("_Z1fIJiiEEDTfrplfp_EDpT_", "decltype (({parm#1}+...)) f<int, int>(int, int)"),
        ("_Z1fIJiiEEDTfRplfp_Li1EEDpT_", "decltype (({parm#1}+...+(1))) f<int, int>(int, int)"),
        ("_Z1fIJiiEEDTflplfp_EDpT_", "decltype ((...+{parm#1})) f<int, int>(int, int)"),
    ]);
}

#[test]
fn unresolved() {
    assert_texts(&[
        ("_Z1fIiEvDTsr1AIT_E1xE", "void f<int>(decltype (A<int>::x))"),
        ("_Z1fIiEvDTsrT_1xIiEE", "void f<int>(decltype (int::x<int>))"),
        ("_Z1fIiEvDTsrN1A1BE1xE", "void f<int>(decltype (A::B::x))"),
        ("_ZN3fooIXsr3stdE7is_sameEE1fEv", "foo<std::is_same>::f()"),
    ]);
}

/// binutils 2.40 does not know these constructs; the ABI and LLVM do.
#[test]
fn what_binutils_does_not_read() {
    assert_texts(&[
        ("_ZGR1x_", "reference temporary #0 for x"),
        ("_ZGR1x1_", "reference temporary #2 for x"),
        ("_Z1fIiEvDTnxfp_E", "void f<int>(decltype (noexcept({parm#1})))"),
        ("_Z1fIiEvDTtiT_E", "void f<int>(decltype (typeid (int)))"),
        ("_Z1fIiEvDTcldtfp_dn1AEE", "void f<int>(decltype (({parm#1}.(~A))()))"),
        ("_Z1fIiEvDTcl1gIT_EfL0p_EE", "void f<int>(decltype ((g<int>)({parm#1})))"),
        ("_ZN3fooF1xEv", "foo::x[friend]()"),
        ("_Z1fDB7_", "f(_BitInt(7))"),
        ("_Z1fDU7_", "f(unsigned _BitInt(7))"),
        ("_ZN1AIiEcvT_Ev", "A<int>::operator int()"),
        ("_Z1fIiEvT_Qsr1AIS0_E1v", "void f<int>(int) requires A<int>::v"),
        ("_Z1fIiQ1CIT_EEvv", "void f<int>()"),
        ("_Z1fITk1CiEvT_", "void f<int>(int)"),
        ("_Z1fIiTniLi1EEvv", "void f<int, 1>()"),
        ("_Z1fIiEvDk1C", "void f<int>(C auto)"),
        ("_Z1fIiEvTs1S", "void f<int>(struct S)"),
        ("_Z1fIJicEEvDyT_Li0E", "void f<int, char>((int, char)...[0])"),
        ("_Z1fIiEvDTrqXfp_EE", "void f<int>(decltype (requires { {parm#1}; }))"),
        ("___Z1fv_block_invoke", "invocation function for block in f()"),
        ("____Z1fv_block_invoke_2", "invocation function for block in f()"),
        ("__Z1fv", "f()"),
    ]);
}

/// c++filt leaves an empty place where a pack has no members, and reads a parameter in the scope where it first stood.
#[test]
fn what_binutils_gets_wrong() {
    assert_texts(&[
        ("_Z1fIJEEvDpT_i", "void f<>(int)"),
        ("_Z1fIJEiEvDpT_", "void f<int>()"),
        ("_Z1fIiJEcEvv", "void f<int, char>()"),
    ]);
}

/// In the words of real programs: see fixtures/demangling-itanium.
#[test]
fn names_of_real_programs_read_as_binutils_writes_them() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/demangling-itanium/names.tsv");
    let names = std::fs::read_to_string(path).unwrap();
    assert_eq!(names.lines().count(), 1_500);
    for line in names.lines() {
        let (name, told) = line.split_once('\t').unwrap();
        assert_eq!(full(name).as_deref(), Some(told), "{name}");
    }
}

#[test]
fn less_is_told_on_demand() {
    let told = |name, detail| demangle(name, detail).unwrap();
    assert_eq!(told("_Z3maxIiET_S0_S0_", Detail::NoReturnType), "max<int>(int, int)");
    assert_eq!(told("_Z3maxIiET_S0_S0_", Detail::NoArguments), "max<int>");
    assert_eq!(told("_ZNK1A1fEPFivE.cold", Detail::NoArguments), "A::f [clone .cold]");
    assert_eq!(
        told("_ZZN1A1fEiENKUlPFicEE_clES1_", Detail::NoArguments),
        "A::f::{lambda(int (*)(char))#1}::operator()"
    );
    assert_eq!(told("_Z1fIXadL_Z1giEEEvv", Detail::NoArguments), "f<&(g(int))>");
}

#[test]
fn other_names_have_no_text() {
    let names = [
        "",
        "_",
        "_Z",
        "_ZN",
        "_ZNSt",
        "main",
        "_RNv",
        "_ZN9999fooE",
        "_Z1fv@plt",
        "_Z1fi\u{e9}",
        "_Z1fv.",
        "_ZE",
        "_ZS_",
    ];
    for name in names {
        assert_eq!(full(name), None, "{name}");
    }
}

/// Threads of Rust have 2 MiB of stack; half of that must do in a debug build.
#[test]
fn hostile_names_end_soon_on_a_small_stack() {
    let run = || {
        for name in hostile_names() {
            assert!(full(&name).is_none_or(|text| text.len() <= MAX_DEMANGLED), "{}", &name[..40]);
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

fn hostile_names() -> Vec<String> {
    let mut names = Vec::new();
    for part in [
        "P", "I", "1aI", "N1aI", "Z1f", "Z1fvE", "F", "FiP", "A_", "M1a", "Dp", "DTcv", "DTpl", "X", "1aIX",
        "1aIXcvi", "U1a", "T_I", "cv", "cvT_I", "Ul", "UlT_", "NUlP", "J", "DTil", "DTsr", "LZ", "1aIXL_Z",
        "1aIJ", "DOcl", "K", "TpTn", "1aITn", "N1aE", "DTrQ", "S_", "PS_",
    ] {
        for depth in [100, 250, 260, 20_000] {
            names.push(format!("_Z1f{}i", part.repeat(depth)));
            names.push(format!("_Z1f{}i{}", part.repeat(depth), "E".repeat(depth)));
            names.push(format!("_Z{}1f{}v", part.repeat(depth), "Ev".repeat(depth)));
        }
    }
    // Each argument is a template of the one before it, twice: gigabytes of text.
    let doubling: String = (0..60).map(|at| format!("1tIS{0}_S{0}_E", base36(at))).collect();
    names.push(format!("_Z1f1a{doubling}"));
    // The same of packs that have no members: no text, but as many steps.
    let empty: String = (0..60).map(|at| format!("PFvDpS{0}_DpS{0}_E", base36(at))).collect();
    names.push(format!("_Z1fIJEEvT_{empty}"));
    // Pointers to pointers, one level for each of them.
    names.push(format!("_Z1fPi{}", (0..15_000).map(|at| format!("PS{}_", base36(at))).collect::<String>()));
    names.push(format!(
        "_Z1fA1_i{}",
        (0..15_000).map(|at| format!("A1_S{}_", base36(at))).collect::<String>()
    ));
    names.push(format!(
        "_Z1fIiEvT_{}",
        (0..15_000).map(|at| format!("KS{}_", base36(at))).collect::<String>()
    ));
    names
}

/// The index in `S0_` for the candidate before which there are `at` others, plus one.
fn base36(at: usize) -> String {
    let Some(mut rest) = at.checked_sub(1) else { return String::new() };
    let mut digits = Vec::new();
    loop {
        digits.push(char::from(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest % 36]));
        rest /= 36;
        if rest == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}
