"""Oopses, warnings and KASAN reports of the Linux kernel, as dmesg, the console and pstore have them."""
