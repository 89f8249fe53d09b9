"""An error of JavaScript and its native cause as one stack: what is claimed to be sure is right, on known truth."""

import random
from collections.abc import Callable, Sequence

import pytest
from msgspec import Struct
from msgspec.structs import replace

import native.bridges
from native.react_native.called import called_by
from symbolicator.merge.bridges import Bridges
from symbolicator.merge.interleave import Unproven
from symbolicator.merge.splices import ENOUGH, Splice, Stacks, splice
from symbolicator.model import Caller, ExceptionValue, Frame, Stacktrace
from tests.symbolicator.calibration import SURE, Calibration

BRIDGES = Bridges([native.bridges.HERMES, native.bridges.REACT_NATIVE_ANDROID, native.bridges.REACT_NATIVE_IOS])
STACKS = 10_000
RUNNABLE = "com.facebook.jni.NativeRunnable"
ENTER = ["hermes::vm::Runtime::interpretFunctionImpl", "hermes::vm::Interpreter::interpretFunction"]
LEAVE = ["hermes::vm::Interpreter::handleCallSlowPath", "hermes::vm::NativeFunction::_nativeCall"]
HOST = ["facebook::hermes::HermesRuntimeImpl::HFContext::func", "facebook::react::__hostFunction_Prices_lookUp",
        "facebook::react::ObjCTurboModule::invokeObjCMethod", "-[NSInvocation invoke]"]  # fmt: skip
QUEUE = ["_pthread_start", "_dispatch_client_callout", "-[NSInvocation invoke]"]


class Call(Struct):
    """A frame with its number in the true order."""

    order: int
    frame: Frame


class Program:
    """What ran: calls of JavaScript and of what lies around it, each numbered as it was made."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.javascript: list[Call] = []
        self.around: list[Call] = []
        self.is_sync = chance.random() < 0.75
        self.message = "no price"

    def call(self, *names: str) -> None:
        for name in names:
            self.around.append(Call(self._next(), Frame(function=name, platform="native")))

    def java(self, *names: str) -> None:
        for name in names:
            module, _, method = name.rpartition(".")
            self.around.append(Call(self._next(), Frame(module=module, function=method, platform="java")))

    def script(self, name: str | None = None) -> None:
        number = self._next()
        frame = Frame(function=name or f"f{number}", filename="native" if name else "a.js", platform="javascript")
        self.javascript.append(Call(number, frame))

    def _next(self) -> int:
        return len(self.javascript) + len(self.around)

    def scripts(self) -> None:
        for _ in range(self.chance.randint(1, 5)):
            self.script()


def on_ios(chance: random.Random) -> Program:
    """JavaScript calls itself through native code, which its stack shows (`map`) or does not (a getter)."""
    program = Program(chance)
    if chance.random() < 0.6:
        program.message = "Prices.lookUp raised an exception: no price"
    if not program.is_sync:
        return made_promise(program, lambda: program.call(*QUEUE))
    program.call("_pthread_start", "__CFRunLoopRun", "facebook::jsi::Function::call", *ENTER)
    program.scripts()
    while chance.random() < 0.4:
        is_shown = chance.random() < 0.95
        if is_shown:
            program.script("map")
        program.call(*(LEAVE if is_shown else LEAVE[:1]), "hermes::vm::Callable::executeCall3", *ENTER)
        program.scripts()
    program.script("lookUp")
    program.call(*LEAVE, *HOST, "-[RNPrices lookUp:]")
    program.call(*chance.choices(["-[PriceTable find:]", "-[RNPrices lookUp:]", "find"], k=chance.randint(0, 3)))
    return program


def on_android(chance: random.Random) -> Program:
    """Java shows no native calls: of JavaScript's calls through native code its stack says nothing."""
    program = Program(chance)
    if not program.is_sync:
        return made_promise(program, lambda: program.java("java.lang.Thread.run", "android.os.Looper.loop"))
    program.java("java.lang.Thread.run", "android.os.Looper.loop", f"{RUNNABLE}.run")
    program.scripts()
    if chance.random() < 0.05:
        program.java("com.shop.StoreModule.each", f"{RUNNABLE}.run")
        program.scripts()
    if chance.random() < 0.4:
        program.script("map")
        program.scripts()
    program.script("lookUp")
    if chance.random() < 0.1:
        program.java("com.shop.LoggingModule.invoke")
    program.java("com.shop.PricesModule.lookUp")
    if chance.random() < 0.2:
        program.java("com.shop.PricesModuleImpl.lookUp")
    program.java(*chance.choices(["com.shop.PriceTable.find", "com.shop.PriceTable.lookUp"], k=chance.randint(0, 2)))
    return program


def made_promise(program: Program, on_queue: Callable[[], None]) -> Program:
    """JavaScript made a promise and went on; the method failed later, on its queue. What JavaScript shows differs."""
    shows = program.chance.random()
    program.scripts()
    if shows < 0.5:
        program.script("lookUp")
        for name in ("Promise", "fn"):
            program.script(name)
    elif shows < 0.6:
        program.script("then")
    on_queue()
    is_java = program.around[0].frame.platform == "java"
    program.java(f"{RUNNABLE}.run", "com.shop.PricesModule.lookUp") if is_java else program.call("-[RNPrices lookUp:]")
    program.message = "no price"
    return program


def damaged(program: Program) -> tuple[list[Call], list[Call]]:
    """What reaches us: frames lost and inlined, names stripped or obfuscated, stacks cut at their oldest end."""
    chance = program.chance
    around = [call for call in program.around if chance.random() > 0.015]
    around = [
        Call(call.order, replace(call.frame, function="a" if call.frame.module else None))
        if chance.random() < 0.03
        else call
        for call in around
    ]
    javascript = [call for call in program.javascript if call.frame.filename != "native" or chance.random() > 0.02]
    if around and chance.random() < 0.08:
        del around[: chance.randrange(len(around))]
    if javascript and chance.random() < 0.08:
        del javascript[: chance.randrange(len(javascript))]
    return around, javascript


def spliced(around: Sequence[Call], javascript: Sequence[Call], message: str) -> Splice | Unproven:
    parent, cause = (tuple(call.frame for call in calls) for calls in (javascript, around))
    error = ExceptionValue(type="Error", value=message, stacktrace=Stacktrace(frames=parent))
    return splice(Stacks(parent, cause, called_by(error, "cause"), "javascript"), BRIDGES)


def is_right(found: Splice, program: Program, around: Sequence[Call], javascript: Sequence[Call]) -> bool:
    """Whether all calls are in the order in which they were made, and what is called one stack was one."""
    calls = [call for run in found.runs for call in (javascript if run.is_runtime else around)[run.start : run.end]]
    if not program.is_sync:
        return found.relation == "R2"
    if found.confidence < SURE:
        calls = [call for call in calls if call.frame.function and not BRIDGES.match(call.frame)]
    order = [call.order for call in calls]
    return found.relation == "R3" and order == sorted(order)


def calibrated(seed: int) -> Calibration:
    """Errors and their causes, damaged at random, put together. What was called asynchronously cannot be sure."""
    chance = random.Random(seed)
    counted = Calibration()
    for number in range(STACKS):
        program = (on_ios if number % 2 else on_android)(chance)
        around, javascript = damaged(program)
        if not around or not javascript:
            continue
        counted.stacks += 1
        found = spliced(around, javascript, program.message)
        if isinstance(found, Splice):
            assert found.confidence >= ENOUGH
            counted.count(found.confidence, is_right=is_right(found, program, around, javascript))
    return counted


def test_what_is_claimed_to_be_sure_is_right() -> None:
    """An engineer who reads of a call that never was made will not believe the next trace.

    Of what is claimed less surely the program's own calls count: the engine's may lie on the wrong side of the seam.
    """
    counted = calibrated(6)
    assert counted.right / counted.sure >= 0.995
    assert counted.likely_right / (counted.merged - counted.sure) >= 0.9
    assert counted.merged / counted.stacks >= 0.8
    assert counted.sure / counted.stacks >= 0.57


@pytest.mark.parametrize("make", [on_ios, on_android])
def test_stacks_that_are_whole_are_one_exactly(make: Callable[[random.Random], Program]) -> None:
    """Without damage the few that are refused are those whose JavaScript was entered in ways that it does not show."""
    chance = random.Random(7)
    done = refused = 0
    for _ in range(300):
        program = make(chance)
        if not program.is_sync:
            continue
        found = spliced(program.around, program.javascript, program.message)
        done += 1
        refused += isinstance(found, Unproven) or found.confidence < SURE
        assert isinstance(found, Unproven) or is_right(found, program, program.around, program.javascript)
    assert refused / done < 0.2


def stacks(cause: Sequence[Frame], caller: Caller, *names: str) -> Stacks:
    parent = [Frame(function=name, filename="native", platform="javascript") for name in ("f", *names)]
    return Stacks(parent, cause, caller, "javascript")


def java(*calls: str) -> list[Frame]:
    split = [call.rpartition(".") for call in calls]
    return [Frame(module=module, function=method, platform="java") for module, _, method in split]


CHAIN = ("java.lang.Thread.run", f"{RUNNABLE}.run", "com.shop.PricesModule.lookUp", "com.shop.PriceTable.find")
RUNNING = Caller(asked_for="lookUp", kind="sync")


def test_a_method_that_native_code_calls_and_javascript_shows_is_one_call() -> None:
    """The most frequent case, React Native's own message names no module: it would never be merged."""
    found = splice(stacks(java(*CHAIN), RUNNING), BRIDGES)
    assert isinstance(found, Splice)
    assert [(run.is_runtime, run.start, run.end) for run in found.runs] == [(False, 0, 2), (True, 0, 1), (False, 2, 4)]
    assert (found.relation, found.rule, found.confidence) == ("R3", "react-native-android-runnable", 0.95)


def test_the_message_alone_proves_less() -> None:
    """Some builds give promises that are rejected the same message: the method may have run later."""
    found = splice(stacks(java(*CHAIN), Caller(asked_for="Prices.lookUp")), BRIDGES)
    assert isinstance(found, Splice)
    assert (found.relation, found.confidence) == ("R3", 0.8)


@pytest.mark.parametrize(
    ("chain", "caller", "reason"),
    [
        (CHAIN, Caller(), "neither"),
        (CHAIN, Caller(asked_for="Orders.lookUp"), "none of its frames"),
        (CHAIN, Caller(kind="async"), "ran asynchronously"),
        ((*CHAIN, "com.shop.PricesModule.lookUp"), Caller(asked_for="Prices.lookUp"), "more than one"),
        ((*CHAIN, f"{RUNNABLE}.run", "com.shop.A.each"), RUNNING, "had called back"),
        ((f"{RUNNABLE}.run", "com.shop.A.each", *CHAIN[1:]), RUNNING, "several times"),
    ],
)
def test_without_proof_the_stacks_stay_apart_with_the_reason(
    chain: tuple[str, ...], caller: Caller, reason: str
) -> None:
    """Frames that are put together by guess send the reader to a caller that never called."""
    found = splice(stacks(java(*chain), caller), BRIDGES)
    assert isinstance(found, Unproven)
    assert reason in found.reason


def test_what_was_called_asynchronously_is_no_one_stack() -> None:
    """JavaScript had gone on: a seam that calls it one stack would send the reader to a wait that was none."""
    found = splice(stacks(java(*CHAIN), Caller(asked_for="Prices.lookUp", kind="async")), BRIDGES)
    assert isinstance(found, Splice)
    assert (found.relation, found.confidence) == ("R2", 0.8)


def test_a_getter_enters_the_engine_without_a_call_of_its_own() -> None:
    """JavaScript's stack does not show it: counted as one entry, the parts of JavaScript would be swapped."""
    names = [*ENTER, LEAVE[0], "hermes::vm::Callable::executeCall0", *ENTER, *LEAVE, "-[RNPrices lookUp:]"]
    cause = [Frame(function=name, platform="native") for name in names]
    found = splice(stacks(cause, Caller(asked_for="Prices.lookUp")), BRIDGES)
    assert isinstance(found, Splice)
    assert found.confidence < SURE


ERROR = Stacktrace(frames=(Frame(function="f", filename="a.js"),))


def error(*newest: str, message: str = "no price") -> ExceptionValue:
    frames = tuple(Frame(function=name, filename="native") for name in newest)
    return ExceptionValue(value=message, stacktrace=Stacktrace(frames=(*ERROR.frames, *frames)))


@pytest.mark.parametrize(
    ("raised", "source", "asked_for", "kind"),
    [
        (error(), "cause", None, None),
        (error("lookUp"), "cause", "lookUp", "sync"),
        (error(message="Prices.lookUp raised an exception: no price"), "cause", "Prices.lookUp", None),
        (error("lookUp", message="Exception in HostFunction: Prices.lookUp raised an exception: "), "cause",
         "Prices.lookUp", "sync"),
        (error("map", message="Prices.lookUp raised an exception: no price"), "cause", None, None),
        (error("charge", "Promise", "fn"), "cause", "charge", "async"),
        (error("fn"), "cause", None, "async"),
        (error("lookUp"), "nativeStackAndroid", None, "async"),
        (ExceptionValue(value="x." * 100_000), None, None, None),
    ],
)  # fmt: skip
def test_what_javascript_had_called_is_told_by_its_error(
    raised: ExceptionValue, source: str | None, asked_for: str | None, kind: str | None
) -> None:
    """A promise that was taken for a call that waited would be shown as one stack."""
    found = called_by(raised, source)
    assert (found.asked_for, found.kind) == (asked_for, kind)
