"""Readers that belong to no language."""
