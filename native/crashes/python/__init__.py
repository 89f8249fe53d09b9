"""Python: tracebacks with their causes and groups, dumps of faulthandler, dumps of py-spy.

`tracebacks` reads what the interpreter prints of an exception, `chains` makes exceptions of it; `faults` what
faulthandler prints when the process dies; `pyspy` what a sampler saw of a process that hangs.
"""
