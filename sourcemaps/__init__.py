"""Resolving by mapping file: JavaScript through source maps."""
