"""Run by gdb itself: prints every frame of every thread as JSON, a line a thread."""

import json

import gdb

KINDS = {gdb.INLINE_FRAME: "inlined", gdb.TAILCALL_FRAME: "tail call", gdb.SIGTRAMP_FRAME: "signal"}


def told(frame):
    place = frame.find_sal()
    return {
        "function": frame.name(),
        "file": place.symtab.filename if place.symtab else None,
        "line": place.line or None,
        "kind": KINDS.get(frame.type(), "call"),
        "address": frame.pc(),
    }


def frames():
    frame = gdb.newest_frame()
    while frame:
        yield told(frame)
        frame = frame.older()


for thread in gdb.selected_inferior().threads():
    thread.switch()
    print("FRAMES", json.dumps({"thread": thread.ptid[1], "frames": list(frames())}))
