"""Golden renderings of hand-made events; ``SYMBOLICATOR_UPDATE_GOLDEN=1`` writes them anew, for a person to look at."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from symbolicator import plugins
from symbolicator.merge import merge
from symbolicator.model import (
    AsyncCall,
    Caller,
    Event,
    ExceptionValue,
    Fold,
    Frame,
    FrameData,
    FrameStatus,
    Mechanism,
    MergedFrame,
    MergedTrace,
    Problem,
    Seam,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.model.addresses import AbsoluteAddress, ReportedAddress
from symbolicator.render import Options, plain, render

GOLDEN = Path(__file__).parent / "golden"

CHECKOUT = """\
import { euros } from "./money.js";
import { CheckoutError } from "./errors.js";

/** Charges a cart. */
export function charge(cart, country) {
  try {
    return euros(cart.total(country));
  } catch (error) {
    throw new CheckoutError(cart.customer, error);
  }
}

export function settle(cart, country) {
\tconst charged = charge(cart, country);
\treturn { customer: cart.customer, charged };
}
""".splitlines()

PRICING = """\
const prices = new Map(catalogue.map(({ sku, ...price }) => [sku, price]));

export function findPrice(sku) {
  const price = prices.get(sku);
  return price.saleCents ?? price.cents;
}
""".splitlines()

ORDER = """\
inline int netPrice(const Article* article, int count) {
    return article->cents * count;
}

inline int grossPrice(const Line& line) {
    return netPrice(line.article, line.count) * 119 / 100;
}
""".splitlines()


def source(frame: Frame, lines: list[str]) -> Frame:
    """The frame with five lines of context on each side, as the pipeline leaves it."""
    line0 = (frame.lineno or 1) - 1
    return replace(
        frame,
        pre_context=tuple(lines[max(0, line0 - 5) : line0]),
        context_line=lines[line0],
        post_context=tuple(lines[line0 + 1 : line0 + 6]),
    )


MAP_DATA = FrameData(
    status=FrameStatus.SYMBOLICATED, resolved_with="url", sourcemap="dist/shop.min.js.map", evidence="source map"
)


def at(place: str) -> Frame:
    """A frame at ``file:line:column``."""
    filename, line, column = place.rsplit(":", 2)
    return Frame(filename=filename, lineno=int(line), colno=int(column))


def js(function: str | None, place: str, *, own: bool = True, index: int = 0) -> Frame:
    data = replace(MAP_DATA, original_index=index) if own else FrameData(status=FrameStatus.AS_IS)
    return replace(at(place), function=function, in_app=own, data=data)


def javascript() -> Event:
    """An error with a cause that shares the outer part of its stack, through express and Node."""
    outer = (
        js("process.processTicksAndRejections", "node:internal/process/task_queues:105:5", own=False),
        js("asyncRunEntryPoint", "node:internal/modules/run_main:117:5", own=False),
        js("ModuleJob.run", "node:internal/modules/esm/module_job:325:25", own=False),
        js("Layer.handle", "/srv/shop/node_modules/express/lib/router/layer.js:95:5", own=False),
        js("next", "/srv/shop/node_modules/express/lib/router/route.js:149:13", own=False),
        js("Route.dispatch", "/srv/shop/node_modules/express/lib/router/route.js:119:3", own=False),
        js("Layer.handle", "/srv/shop/node_modules/express/lib/router/layer.js:95:5", own=False),
        js(None, "src/main.js:16:45", index=7),
        Frame(function="Array.map", in_app=False, data=FrameData(status=FrameStatus.AS_IS)),
        js(None, "src/main.js:16:59", index=9),
        source(js("settle", "src/checkout.js:14:18", index=10), CHECKOUT),
    )
    raised = (*outer, source(js("charge", "src/checkout.js:9:11", index=11), CHECKOUT))
    cause = (
        *outer,
        source(js("charge", "src/checkout.js:7:23", index=11), CHECKOUT),
        js("Cart.total", "src/cart.js:31:24", index=12),
        source(js("findPrice", "src/pricing.js:5:16", index=13), PRICING),
    )
    raw = Stacktrace(
        frames=tuple(
            Frame(function=name, filename="shop.min.js", lineno=1, colno=800 + number)
            for number, name in enumerate("abcdefghijkl")
        )
    )
    values = (
        ExceptionValue(
            type="TypeError",
            value="Cannot read properties of undefined (reading 'saleCents')",
            mechanism=Mechanism(exception_id=1, parent_id=0, source="cause"),
            stacktrace=Stacktrace(frames=cause),
        ),
        ExceptionValue(
            type="CheckoutError",
            value="cannot settle the cart of grace",
            mechanism=Mechanism(type="onerror", handled=False, exception_id=0),
            stacktrace=Stacktrace(frames=raised),
            raw_stacktrace=raw,
        ),
    )
    return Event(
        platform="javascript",
        release="shop@1.2.3",
        environment="production",
        contexts={"runtime": {"name": "node", "version": "v22.1.0"}},
        exception=Values(values=values),
    )


SHOP = AbsoluteAddress(0x55E7BB245000)
LIBC = AbsoluteAddress(0x7F3B8001E000)
ACCUMULATE = (
    "int std::accumulate<__gnu_cxx::__normal_iterator<shop::Line const*, std::vector<shop::Line> >, int, "
    "shop::AddGross>(__gnu_cxx::__normal_iterator<shop::Line const*, std::vector<shop::Line> >, int, shop::AddGross)"
)


def cpp(function: str, place: str, *, inlined: bool, own: bool = True) -> Frame:
    data = FrameData(status=FrameStatus.SYMBOLICATED, evidence="debug info", resolved_with="build-id", inlined=inlined)
    return replace(
        at(place),
        function=function,
        package="/srv/shop/bin/shop",
        instruction_addr=ReportedAddress(0x55E7BB248578),
        image_addr=SHOP,
        in_app=own,
        lang="cpp",
        data=data,
    )


def libc(offset: int, function: str | None, data: FrameData) -> Frame:
    return Frame(
        function=function,
        package="/lib/x86_64-linux-gnu/libc.so.6",
        instruction_addr=ReportedAddress(LIBC + offset),
        image_addr=LIBC,
        in_app=False,
        data=data,
    )


def native_inlines() -> Event:
    """An optimised C++ crash: the failing line is three inlined calls deep."""
    table = FrameData(
        status=FrameStatus.SYMBOLICATED, evidence="symbol table", resolved_with="name", function_offset=0x85
    )
    handler = cpp("crash::(anonymous namespace)::report(int, siginfo_t*, void*)", "src/crash.cpp:23:32", inlined=False)
    handler = replace(handler, data=replace(handler.data or table, machinery="signal handling"))
    frames = (
        libc(0x27305, "__libc_start_main", table),
        libc(0x2724A, "__libc_start_call_main", replace(table, function_offset=0x7A)),
        cpp("main", "src/main.cpp:22:31", inlined=False),
        cpp("shop::Cart::total() const", "src/cart.cpp:11:12", inlined=False),
        cpp(ACCUMULATE, "/usr/include/c++/12/bits/stl_numeric.h:169:22", inlined=True, own=False),
        cpp("shop::AddGross::operator()(int, shop::Line const&) const", "src/order.h:37:78", inlined=True),
        source(cpp("shop::grossPrice(shop::Line const&)", "src/order.h:6:20", inlined=True), ORDER),
        source(cpp("shop::netPrice(shop::Article const*, int)", "src/order.h:2:21", inlined=True), ORDER),
        libc(0x3C050, "__restore_rt", replace(table, function_offset=0, machinery="signal handling")),
        handler,
    )
    return Event(
        platform="native",
        release="shop@4.0.1",
        exception=Values(values=(ExceptionValue(type="SIGSEGV", value="signal 11, address 0x8", thread_id=0),)),
        threads=Values(values=(Thread(id=0, name="main", crashed=True, stacktrace=Stacktrace(frames=frames)),)),
    )


def embedded_python() -> Event:
    """A C extension fails below Python: the same thread as the machine and as the interpreter see it."""
    as_is = FrameData(status=FrameStatus.AS_IS)
    native = (
        cpp("main", "src/main.c:3:5", inlined=False),
        cpp("PyEval_EvalCode", "Python/ceval.c:1134:21", inlined=False, own=False),
        cpp("_PyEval_EvalFrameDefault", "Python/ceval.c:5376:10", inlined=False, own=False),
        cpp("shop_charge", "src/_charge.c:12:5", inlined=False),
    )
    interpreter = tuple(
        replace(
            at(place),
            function=function,
            platform="python",
            in_app=True,
            data=replace(as_is, is_entry=place.startswith("shop.py:9")),
        )
        for function, place in (("<module>", "shop.py:9:1"), ("Cart.charge", "shop.py:5:9"))
    )
    stuck = Thread(id=3, name="poll", state="waiting", vm_stacktrace=Stacktrace(frames=interpreter[:1]))
    thread = Thread(
        id=1,
        name="MainThread",
        crashed=True,
        stacktrace=Stacktrace(frames=native),
        vm_stacktrace=Stacktrace(frames=interpreter),
    )
    failure = ExceptionValue(type="SIGSEGV", value="SEGV_MAPERR at 0x8", thread_id=1)
    return Event(platform="native", exception=Values(values=(failure,)), threads=Values(values=(thread, stuck)))


def unresolved() -> Event:
    """Nothing fits: each frame keeps its raw form and refers to what is in the way."""
    no_map = Problem(
        type="js_no_source",
        message="No source map was found for https://cdn.shop.example/app.3f9c.min.js.",
        remedy="Build with source maps and pass the folder that has app.3f9c.min.js.map with --artifacts; the nearest "
        "file is dist/app.77aa.min.js.map, of another build.",
        url="app.3f9c.min.js",
    )
    no_debug = Problem(
        type="native_missing_dsym",
        message="No debug file with build id c24359bb7b9cf3a7 was found for libpay.so.",
        remedy="Pass the unstripped libpay.so or its .debug file with --artifacts.",
        image_path="/opt/libpay.so",
    )
    missing = FrameData(status=FrameStatus.MISSING, problem=no_map.id)
    native = FrameData(status=FrameStatus.MISSING, problem=no_debug.id)
    url = "https://cdn.shop.example/app.3f9c.min.js"
    pay = AbsoluteAddress(0x7F0000000000)
    frames = (
        Frame(function="t", filename=url, lineno=1, colno=90, data=missing, in_app=True),
        Frame(filename=url, lineno=1, colno=2345, data=missing, in_app=True),
        Frame(function="Object.emit", filename=url, lineno=1, colno=98, data=missing, in_app=True),
        Frame(
            package="/opt/libpay.so",
            platform="native",
            instruction_addr=ReportedAddress(pay + 0x1234),
            image_addr=pay,
            data=native,
            lang="cpp",
        ),
        Frame(
            package="/opt/libpay.so",
            platform="native",
            instruction_addr=ReportedAddress(pay + 0x99),
            image_addr=pay,
            function="pay_begin",
            data=replace(native, function_offset=0x12),
        ),
        Frame(
            platform="native",
            instruction_addr=ReportedAddress(0x55D0),
            data=FrameData(status=FrameStatus.UNKNOWN_IMAGE),
        ),
    )
    return Event(
        platform="javascript",
        exception=Values(values=(ExceptionValue(type="Error", value="payment failed"),)),
        stacktrace=Stacktrace(frames=frames),
        errors=(
            Problem(type="clock_drift", message="The clock of the device was 3 days ahead."),
            no_map,
            no_debug,
        ),
        merged=MergedTrace(
            frames=tuple(MergedFrame(stack="stacktrace", index=index, segment=index // 3) for index in range(6)),
            seams=(
                Seam(
                    before=3,
                    relation="R1",
                    rule="node-napi",
                    evidence="napi_call_function in the native stack",
                    confidence=0.93,
                ),
            ),
        ),
    )


def thirty_threads() -> Event:
    """An ANR-like report: many workers in the same place, one that waits elsewhere."""
    done = FrameData(status=FrameStatus.SYMBOLICATED, evidence="symbol table")
    wait = (
        libc(0x8830, "start_thread", done),
        libc(0x9130, "worker_loop", done),
        libc(0x9234, "pthread_cond_wait", done),
        libc(0x88C0, "__futex_wait", done),
    )
    crashed = (
        libc(0x27305, "__libc_start_main", done),
        cpp("main", "src/main.cpp:9:3", inlined=False),
        cpp("shop::Cart::lock()", "src/cart.cpp:40:9", inlined=False),
    )
    workers = [
        Thread(id=100 + number, name=f"worker-{number}", state="waiting", stacktrace=Stacktrace(frames=wait))
        for number in range(28)
    ]
    logger = Thread(
        id=200,
        name="logger",
        stacktrace=Stacktrace(frames=(wait[0], cpp("flush()", "src/log.cpp:3:1", inlined=False))),
    )
    main = Thread(id=7, name="main", crashed=True, current=True, stacktrace=Stacktrace(frames=crashed))
    return Event(
        platform="native",
        title="Application not responding",
        threads=Values(values=(*workers[:3], main, *workers[3:], logger)),
    )


def hostile() -> Event:
    """Text that tries to move the cursor, change colours, reorder or hide what stands there."""
    evil = "\x1b[2J\x1b]0;owned\x07\u202etxt.exe\u202c\u200b\r\nfake line"
    frame = Frame(
        function=f"f{evil}" + "\u0301" * 50,
        filename=f"a{evil}.js",
        lineno=3,
        colno=2,
        in_app=True,
        pre_context=("\x1b[31mred", "ok"),
        context_line="\tlet 数 = '\x9b31m" + "x" * 300 + "\u2066';",
        post_context=("\ud800",),
        data=FrameData(status=FrameStatus.MISSING, problem=f"{evil}:u"),
    )
    return Event(
        release=evil,
        environment="prod\x00",
        exception=Values(
            values=(
                ExceptionValue(
                    type=f"E{evil}",
                    value="first\n\tsecond \x1b[1A\n" + "long " * 60 + "\n" * 40 + "end" + "z" * 5000,
                    stacktrace=Stacktrace(frames=(frame,)),
                ),
            )
        ),
        errors=(Problem(type=evil, message=evil, remedy=evil, url="u"),),
    )


def recursion() -> Event:
    """A stack overflow: the same two calls ten thousand times."""
    pair = (
        js("visit", "src/tree.js:12:3"),
        js("visitChildren", "src/tree.js:20:9"),
    )
    frames = (js("main", "src/main.js:1:1"), *(pair * 5000))
    return Event(
        platform="javascript",
        exception=Values(
            values=(
                ExceptionValue(
                    type="RangeError",
                    value="Maximum call stack size exceeded",
                    stacktrace=Stacktrace(frames=frames),
                ),
            )
        ),
    )


def asynchronous() -> Event:
    """Awaited calls, and a bridge whose machinery the merge has folded."""
    resumed = replace(MAP_DATA, async_call=AsyncCall(rule="v8-async"))
    frames = (
        replace(js("Shop.open", "src/shop.js:80:5"), data=resumed),
        replace(js("Shop.place", "src/shop.js:63:11"), data=resumed),
        js("invokeBridge", "bridge.js:1:1", own=False),
        js("callNative", "bridge.js:2:1", own=False),
        js("reserve", "src/stock.js:9:15"),
    )
    return Event(
        platform="javascript",
        exception=Values(
            values=(ExceptionValue(type="Error", value="out of stock", stacktrace=Stacktrace(frames=frames)),)
        ),
        merged=MergedTrace(
            frames=tuple(MergedFrame(stack="exception/0", index=index, segment=0) for index in range(5)),
            seams=(Seam(before=2, relation="R2", rule="v8-async", evidence="", confidence=1.0, label="awaited"),),
            folds=(Fold(start=2, count=2, label="the React Native bridge"),),
        ),
    )


def asked_for() -> Event:
    """A call of a native module that failed, of which only the name is known: what asked for it has no frames."""
    frames = tuple(
        Frame(function=name, filename="src/pay.mm", lineno=7) for name in ("runQueue", "-[RNPayments charge:]", "add")
    )
    caller = Caller(asked_for="Payments.charge", kind="async", rule="react-native-turbo-module")
    thread = Thread(id=1, crashed=True, stacktrace=Stacktrace(frames=frames), caller=caller)
    return Event(platform="native", threads=Values(values=(thread,)))


CASES: list[tuple[str, Callable[[], Event], Options]] = [
    ("javascript-cause", javascript, Options()),
    ("javascript-explain", javascript, Options(explain=True, reader="V8 stack text", notes=("12 files in dist",))),
    ("javascript-all-frames", javascript, Options(fold=False)),
    ("javascript-narrow", javascript, Options(width=48)),
    ("native-inlines", native_inlines, Options()),
    ("native-narrow", native_inlines, Options(width=60)),
    ("unresolved", unresolved, Options()),
    ("thirty-threads", thirty_threads, Options()),
    ("thirty-threads-all", thirty_threads, Options(threads=True)),
    ("hostile", hostile, Options()),
    ("recursion", recursion, Options()),
    ("async-and-folds", asynchronous, Options()),
    ("asked-for", asked_for, Options()),
    ("embedded-python", embedded_python, Options(threads=True)),
    ("empty", Event, Options()),
]


@pytest.mark.parametrize(("name", "event", "options"), CASES, ids=[case[0] for case in CASES])
def test_rendering_is_what_we_looked_at(name: str, event: Callable[[], Event], options: Options) -> None:
    """People read this at 3 a.m.: no line of it changes without somebody having looked."""
    shown = event()
    text = "\n".join(plain(render(shown if shown.merged else merge(shown, plugins.bridges), options))) + "\n"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("SYMBOLICATOR_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
