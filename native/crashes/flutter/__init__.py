"""Stack traces of Dart and Flutter: readable ones, and those of programs built with ``--split-debug-info``."""
