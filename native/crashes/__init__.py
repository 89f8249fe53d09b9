"""Crash reports of native programs, read into events.

`backtrace` reads text: glibc's backtraces, gdb sessions, sanitizer reports, Rust's backtraces.

Texts of runtimes have packages of their own (`go`, `python`, `dotnet`, `node`, `flutter`, `unity`), and so has the
Linux kernel (`kernel`); `lldb` reads sessions of LLDB. `log_lines` takes off what logs put in front of each line.
"""
