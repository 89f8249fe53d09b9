"""Names that IL2CPP generates: what they say of a method, and what only seems so."""

import pytest
from msgspec.structs import replace

from native.il2cpp.names import Method, as_written, generated_of, key_of, method_key, method_of, parse
from native.il2cpp.signatures import parse_signature
from symbolicator.model import Frame, FrameData

HASH = "_m0A1B2C3D4E5F60718293A4B5C6D7E8F901234567"
TYPE = "_t337D40B4F0C87DA190B55BF225ADB716F4ADCA13"


@pytest.mark.parametrize(
    ("stem", "shown", "method"),
    [
        ("Player_TakeDamage", "Player_TakeDamage", Method("Player", "TakeDamage")),
        ("U3CStartU3Ed__5_MoveNext", "<Start>d__5_MoveNext", Method(None, "Start")),
        ("U3CU3Ec_U3CTotalU3Eb__1_0", "<>c_<Total>b__1_0", Method(None, "Total.<lambda>")),
        (
            "U3CU3Ec__DisplayClass3_0_U3CTotalU3Eb__0",
            "<>c__DisplayClass3_0_<Total>b__0",
            Method(None, "Total.<lambda>"),
        ),
        ("Cart_U3CTotalU3Eg__SumU7C3_0", "Cart_<Total>g__Sum|3_0", Method("Cart", "Total.Sum")),
        ("List_1_Add", "List_1_Add", Method("List_1", "Add")),
        ("Socket_get_IsOpen", "Socket_get_IsOpen", None),
        ("Player__ctor", "Player__ctor", None),
        ("Foo_System_IDisposable_Dispose", "Foo_System_IDisposable_Dispose", None),
        ("GPU2D_Draw", "GPU2D_Draw", Method("GPU2D", "Draw")),
    ],
)
def test_a_name_is_parted_where_only_one_place_can_part_it(stem: str, shown: str, method: Method | None) -> None:
    """A class that does not exist, shown because an underline looked like a dot, is searched for in vain."""
    generated = parse(stem + HASH)
    assert generated
    assert (generated.stem, generated.shown, method_of(generated)) == (stem, shown, method)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        (f"EventFunction_1_Invoke{HASH}_gshared", "EventFunction_1_Invoke"),
        (f"Pool_1_Get_TisBullet{TYPE}{HASH}_fshared", "Pool_1_Get"),
        (f"Execute_Run_TisRuntimeObject_TisIl2CppFullySharedGenericAny{HASH}_gshared_inline", "Execute_Run"),
        (f"Player_Jump{HASH}(Player_t*, MethodInfo const*)", "Player_Jump"),
        (f"::Player_Jump{HASH}", "Player_Jump"),
        (f"Player_Jump{HASH}.cold", "Player_Jump"),
        (f"Trial_Tissue{HASH}", "Trial_Tissue"),
    ],
)
def test_what_is_appended_to_a_name_is_no_part_of_it(name: str, stem: str) -> None:
    """Generic arguments, sharing and compilers' parts would make one method look like many."""
    generated = parse(name)
    assert generated
    assert generated.stem == stem


@pytest.mark.parametrize(
    "name",
    [
        "Player_Jump",
        "Player_Jump_m1A2B",
        f"Player_Jump{HASH.lower()}",
        f"ReversePInvokeWrapper_Player_Jump{HASH}",
        f"RuntimeInvoker_TrueVoid{TYPE}",
        f"shop::Player_Jump{HASH}",
        HASH,
        "",
        None,
    ],
)
def test_other_functions_are_no_methods(name: str | None) -> None:
    """A function of C++ that is shown as C# is looked for in the wrong sources."""
    assert parse(name) is None


def test_the_nearest_symbols_name_is_no_method() -> None:
    """In a stripped library it is whatever lies before: another method's lines would be shown."""
    frame = Frame(function=f"Player_Jump{HASH}")
    assert generated_of(frame)
    assert generated_of(replace(frame, data=FrameData(symbol_distance=64))) is None


def test_a_thunk_is_known_as_glue() -> None:
    """It calls the method of the same name, which would then be there twice."""
    thunk = parse(f"Vector3_get_magnitude{HASH}_AdjustorThunk")
    assert thunk
    assert thunk.is_thunk


@pytest.mark.parametrize(
    ("printed", "stem"),
    [
        ("Shop.Cart.Total", "Cart_Total"),
        ("Shop.Checkout+<PayAsync>d__4.MoveNext", "U3CPayAsyncU3Ed__4_MoveNext"),
        ("Shop.Cart+<>c__DisplayClass3_0.<Total>b__0", "U3CU3Ec__DisplayClass3_0_U3CTotalU3Eb__0"),
        ("Shop.Cart+<>c.<.ctor>b__0_0", "U3CU3Ec_U3C_ctorU3Eb__0_0"),
        ("System.Linq.Enumerable.Sum[TSource]", "Enumerable_Sum"),
        ("UnityEngine.Events.UnityEvent:Invoke", "UnityEvent_Invoke"),
        ("Shop.Box`1[T].First[U]", "Box_1_First"),
        ("Shop.Player..ctor", "Player__ctor"),
        ("Shop.Cart.Total(Int32 discount)", "Cart_Total"),
        ("Shop.Größe.Maß", "GrUF6UDFe_MaUDF"),
        ("Total", None),
        ("", None),
    ],
)
def test_what_il2cpp_makes_of_a_method(printed: str, stem: str | None) -> None:
    """The frame of C# and the native one would not find each other."""
    assert method_key(printed) == (f"il2cpp:{stem}" if stem else None)


def test_frames_say_their_method_however_they_are_printed() -> None:
    """Readers show state machines by the method that they run; what IL2CPP compiled is the machine."""
    read = Frame(module="Shop.Checkout", function="PayAsync", raw_function="Shop.Checkout+<PayAsync>d__4.MoveNext")
    sent = Frame(module="Shop.Checkout+<PayAsync>d__4", function="MoveNext")
    assert key_of(read) == key_of(sent) == "il2cpp:U3CPayAsyncU3Ed__4_MoveNext"
    assert (as_written(sent).module, as_written(sent).function) == ("Shop.Checkout", "PayAsync")


@pytest.mark.parametrize(
    ("text", "module", "function", "key"),
    [
        ("System.Void Shop.Player::Jump(System.Int32)", "Shop.Player", "Jump", "Player_Jump"),
        (
            "System.Boolean Shop.Player/<Start>d__5::MoveNext()", "Shop.Player", "Start", "U3CStartU3Ed__5_MoveNext",
        ),
        (
            "System.Void System.Collections.Generic.List`1<System.Object>::Add(!0)",
            "System.Collections.Generic.List`1", "Add", "List_1_Add",
        ),
        (
            "System.Boolean Shop.Map`2/Walk<A,B>::MoveNext()", "Shop.Map`2+Walk", "MoveNext", "Walk_MoveNext",
        ),
        (
            "System.Int32 modreq(X) Shop.Player::Get<System.Object>(T)", "Shop.Player", "Get", "Player_Get",
        ),
        ("System.Void Shop.Player::.ctor()", "Shop.Player", ".ctor", "Player__ctor"),
    ],
)  # fmt: skip
def test_signatures_say_class_and_method(text: str, module: str, function: str, key: str) -> None:
    """A method map that is read wrongly names classes that are not there."""
    signature = parse_signature(text)
    assert signature
    assert (signature.method, signature.key) == (Method(module, function), f"il2cpp:{key}")


@pytest.mark.parametrize("text", ["", "::", "::(", "Shop.Player.Jump()", "void f(int)", "A::" + "<" * 9000])
def test_other_texts_are_no_signatures(text: str) -> None:
    """Comments of any kind stand above functions."""
    assert parse_signature(text) is None
