"""Programs made up at random that go to and fro between Ruby and C until C fails: their order is what they wrote."""

import random
import shutil
import subprocess
from itertools import groupby
from pathlib import Path

import pytest

from native.crashes.ruby.reader import READER
from symbolicator import plugins
from symbolicator.merge import merge
from symbolicator.model import Event
from symbolicator.model.edit import stacks_of

SOURCE = Path(__file__).resolve().parents[4] / "fixtures/merge-ruby/src/relay.c"
PROGRAMS = 12
WAYS = (
    "NEXT", "[1].map { NEXT }", "{ a: 1 }.each { NEXT }", "[1, 2].inject { NEXT }", "[2, 1].sort { NEXT }",
    "1.tap { NEXT }", "loop { NEXT }", "instance_eval { NEXT }", "begin; raise 'x'; rescue; NEXT; end",
    "begin; 1; ensure; NEXT; end", "catch(:x) { NEXT }", "Relay.call(self, :NEXT)", "Relay.each([1]) { NEXT }",
    "Relay.guard(-> { NEXT })", "send(:NEXT)", "method(:NEXT).to_proc.call", "[self].each(&:NEXT)",
    "[1].each_slice(1) { NEXT }", "'a'.gsub(/a/) { NEXT }",
    "Class.new { define_method(:initialize) { |shop| shop.NEXT } }.new(self)", "Hash.new { NEXT }[1]",
    "[1].lazy.map { NEXT }.first",
    "o, s = Object.new, self; o.define_singleton_method(:method_missing) { |*| s.NEXT }; o.sell",
    "o, s = Object.new, self; o.define_singleton_method(:coerce) { |_| s.NEXT }; 1 + o",
    'o, s = Object.new, self; o.define_singleton_method(:to_s) { s.NEXT }; "#{o}"',
)  # fmt: skip
"""How one method may come to call the next."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Ruby finds the extension of the fixture."""
    if not (shutil.which("ruby") and shutil.which("gcc")):
        pytest.skip("ruby and gcc are not installed")
    folder = tmp_path_factory.mktemp("ruby")
    flags = "puts RbConfig::CONFIG.values_at('rubyhdrdir', 'rubyarchhdrdir').map { |path| \"-I#{path}\" }"
    include = subprocess.run(["ruby", "-e", flags], capture_output=True, text=True, check=True).stdout.split()
    command = ["gcc", "-g", "-O1", "-fPIC", "-shared", *include, str(SOURCE), "-o", str(folder / "relay.so")]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("ruby's headers are not installed")
    return folder


def script(chance: random.Random) -> str:
    """A class whose methods say that they were entered; the last one makes C read from where nothing is."""
    last = chance.randint(2, 7)
    steps = [chance.choice(WAYS).replace("NEXT", f"step_{number + 1}") for number in range(last)]
    methods = [
        f"  def step_{number}(*)\n    Relay.entered 'step_{number}'\n    {body}\n  end"
        for number, body in enumerate([*steps, "Relay.read(8)"])
    ]
    return "\n".join(["require './relay'", "class Shop", *methods, "end", "Shop.new.step_0", ""])


def merged_names(event: Event) -> list[str]:
    assert event.merged is not None
    assert event.merged.apart == ()
    stacks = {name: stack.frames for name, stack in stacks_of(event)}
    return [stacks[frame.stack][frame.index].function or "" for frame in event.merged.frames]


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_the_order_is_the_one_that_the_program_wrote(folder: Path, seed: int) -> None:
    """Each way of calling is another path through the interpreter: one that is missed shifts all that follows."""
    (folder / "shop.rb").write_text(script(random.Random(seed)))
    said = subprocess.run(
        ["ruby", "shop.rb"], cwd=folder, capture_output=True, text=True, errors="replace", timeout=30, check=False
    ).stderr.splitlines()
    entered = [line.removeprefix("entered ") for line in said if line.startswith("entered ")]
    report = "\n".join(line for line in said if not line.startswith("entered "))
    event = merge(READER.read(report.encode()), plugins.bridges)
    ran = [name for name, _ in groupby(name for name in merged_names(event) if name in entered)]
    assert ran == entered
    assert entered[-1] == "relay_read"
