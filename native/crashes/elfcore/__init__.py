"""Linux core files: what a process was when it died, as the kernel and gdb's ``gcore`` write it.

A core is an ELF file without sections: program headers with the process's memory, and notes about its threads, its
signal and its mapped files. `reader` makes the event; every other module reads one part. Cores have gigabytes: the
mapped file is sliced where something lies, and never copied or walked as a whole.
"""
