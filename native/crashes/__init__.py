"""Crash reports of native programs, read into events.

`backtrace` reads text: glibc's backtraces, gdb sessions, sanitizer reports, Rust's backtraces.
"""
