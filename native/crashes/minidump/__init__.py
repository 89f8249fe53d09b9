"""Minidumps of Windows, Breakpad and Crashpad: the core reads the file, and here it becomes an event.

Threads come with their registers and the memory of their stack; an unwinder walks them. Stacks that the client walked
itself stay as they are.
"""
