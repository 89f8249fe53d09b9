"""What Java programs leave behind: stack texts, thread dumps, fatal error logs of the JVM.

`reader` has the readers; the formats stand in `frames`, `stack_text`, `thread_dump`, `hs_err`.
"""
