"""The form in which functions are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.names import normal_form

FORMS = {
    "int shop::sumOf<shop::Line, shop::AddGross>(std::vector<shop::Line> const&, shop::AddGross)": "shop::sumOf<T>",
    "shop::AddGross::operator()(int, shop::Line const&) const": "shop::AddGross::operator()",
    "crash::(anonymous namespace)::report(int, siginfo_t*, void*)": "crash::(anonymous namespace)::report",
    "w::Box& std::vector<w::Box, std::allocator<w::Box> >::emplace_back<w::Box>(w::Box&&)": (
        "std::vector<T>::emplace_back<T>"
    ),
    "std::vector<w::Box, std::allocator<w::Box> >::emplace_back<w::Box>": "std::vector<T>::emplace_back<T>",
    "std::basic_ostream<char>& std::operator<< <std::char_traits<char> >(std::basic_ostream<char>&, char const*)": (
        "std::operator<<<T>"
    ),
    "bool std::operator< <int>(A<int> const&, A<int> const&)": "std::operator<<T>",
    "bool std::operator<<int>(A<int> const&, A<int> const&)": "std::operator<<T>",
    "bool shop::operator<(A const&, A const&)": "shop::operator<",
    "shop::Box<int, 3>::operator bool() const": "shop::Box<T>::operator bool",
    "shop::Box<int, 3>::operator std::vector<int>() const": "shop::Box<T>::operator std::vector<T>",
    "operator new(unsigned long)": "operator new",
    "operator delete[](void*)": "operator delete[]",
    "main::{lambda(int)#1}::operator()(int) const": "main::{lambda}::operator()",
    "main::<lambda(int)>::operator()": "main::{lambda}::operator()",
    "main::$_0::operator()(int) const": "main::{lambda}::operator()",
    "f(int)::'lambda'(int)::operator()(int) const": "f::{lambda}::operator()",
    "shop::useLambda(int)::{lambda(int)#1}::operator()(int) const::Local::go(int)": (
        "shop::useLambda::{lambda}::operator()::Local::go"
    ),
    "shop::total(int) [clone .part.0]": "shop::total",
    "shop::name[abi:cxx11](int)": "shop::name",
    "void (*shop::pick(int))(char)": "shop::pick",
    "decltype(auto) std::__invoke<X (*)(int)>(X (*&&)(int))": "std::__invoke<T>",
    "std::function<void (int)>::operator()(int) const": "std::function<T>::operator()",
    "non-virtual thunk to shop::Cap::applied(int)": "shop::Cap::applied",
    "core::result::Result<T,E>::expect": "core::result::Result<T>::expect",
    "<core::result::Result<i32, u8>>::expect": "core::result::Result<T>::expect",
    "<ledger::money::Cents as ledger::money::Amount>::with_percent": (
        "<ledger::money::Cents as ledger::money::Amount>::with_percent"
    ),
    "<alloc::boxed::Box<dyn for<'a, 'b> core::ops::function::Fn<(&'a P<'b>,), Output = ()> + S> "
    "as core::ops::function::Fn<(&P,)>>::call": "<alloc::boxed::Box<T> as core::ops::function::Fn<T>>::call",
    "std::sys::backtrace::__rust_end_short_backtrace::<std::panicking::panic_handler::{closure#0}, !>": (
        "std::sys::backtrace::__rust_end_short_backtrace<T>"
    ),
    "core::iter::adapters::map::map_fold::{{closure}}": "core::iter::adapters::map::map_fold::{{closure}}",
    "core::fmt::num::imp::<impl core::fmt::Display for u32>::fmt": (
        "core::fmt::num::imp::<impl core::fmt::Display for u32>::fmt"
    ),
    "<[core::mem::MaybeUninit<u8>]>::get::<usize>": "<[core::mem::MaybeUninit<T>]>::get<T>",
    "main": "main",
}


@pytest.mark.parametrize("name", FORMS)
def test_every_spelling_of_a_function_has_one_form(name: str) -> None:
    """Two backends spell one function in two ways: without this they would show different frames."""
    assert normal_form(name) == FORMS[name]


@pytest.mark.parametrize("form", FORMS.values())
def test_a_form_stays_as_it_is(form: str) -> None:
    """A frame that goes through the pipeline twice must not lose parts of its name."""
    assert normal_form(form) == form


@given(st.text(alphabet="ab:<>(){}[]' ~&*,->#operatlmbd", max_size=120))
def test_any_text_has_a_form(name: str) -> None:
    """A debug file can name a function anything: a crash here would cost the whole event's frames."""
    assert len(normal_form(name)) <= 3 * len(name) + 20
