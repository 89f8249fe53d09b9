"""Lua 5.1 to 5.4 and LuaJIT: errors with their tracebacks, alone or beside the native backtrace of the same thread.

`frames` reads the levels of a traceback, `tracebacks` finds those in a text with what was said above them.
"""
