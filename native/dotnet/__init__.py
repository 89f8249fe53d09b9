"""Frames of .NET, which are found by method and IL offset and not by address."""
