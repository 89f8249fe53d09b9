"""Resolving by address: ELF files, and the crash reports of native programs."""
