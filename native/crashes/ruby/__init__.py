"""Ruby: the interpreter's crash reports, and exceptions with their causes.

`bug_report` reads the sections of a crash report, `control_frames` makes Ruby's stack of two of them, `native_frames`
C's; `errors` reads what Ruby, rake, Rails and loggers print of an exception, `chains` makes exceptions of it.
"""
