"""Places in generated files: as frames count (from 1), and as maps count (from 0)."""

from typing import TypeAlias

Place: TypeAlias = tuple[int, int]
"""Generated line and column, both 1-based."""

Place0: TypeAlias = tuple[int, int]
"""Line and column, both 0-based, columns in UTF-16 units."""
