"""Crashes that Swift's own runtime prints: `native.crashes.swift.reader`."""
