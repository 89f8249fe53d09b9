"""The stacks of CPython 3.11 to 3.14 in a core: what each thread's interpreter was running.

The interpreter keeps its frames in its own memory, beside the native stack. From ``_PyRuntime`` the way goes by
interpreters and threads to frames and code objects (`runtime`, `walk`); where each structure has what, differs from
version to version (`layouts`). Nothing of the interpreter's files is needed. Every pointer is one of a hostile file:
it is read within the core's memory, and every list ends.
"""
