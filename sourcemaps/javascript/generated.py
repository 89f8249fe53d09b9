"""Where the frames of an event are in generated files, as the maps of these files count: files, lines, columns.

A frame's own words are translated here and nowhere else: what React Native's module files stand for, and what engines
count columns in. The frame itself keeps them.

>>> Generated.of(event).path(Frame(filename="12.js", lineno=1, colno=5))
'index.android.bundle'
"""

from msgspec import Struct

from sourcemaps.javascript.columns import column_base, counts_code_points, utf16_column0
from sourcemaps.javascript.minified import MinifiedFile
from sourcemaps.javascript.places import Place
from sourcemaps.javascript.react_native import bundle_of, generated_file, generated_place, is_crash_frame, module_file
from sourcemaps.protocol import SourceIndex
from symbolicator.model import Event, Frame


class Generated(Struct, frozen=True):
    """What holds for all frames of one event. ``bundle``: the file that React Native's module files are pieces of."""

    bundle: str | None
    column_base: int
    counts_code_points: bool
    """Whether the generated file itself is needed to know where its columns are."""

    @staticmethod
    def of(event: Event) -> "Generated":
        """Looks once at what the whole event says."""
        return Generated(bundle_of(event), column_base(event), counts_code_points(event))

    def path(self, frame: Frame) -> str | None:
        """The generated file whose map resolves the frame."""
        return generated_file(frame, self.bundle)

    def has_line(self, frame: Frame) -> bool:
        """Whether there is anything that a map could be asked for."""
        return is_crash_frame(frame) or (frame.lineno or 0) > 0

    def has_place(self, frame: Frame) -> bool:
        """Whether the frame says a place, with its column."""
        place0 = generated_place(frame, None, of_bundle=False, column_base=self._base(frame))
        return place0 is not None or is_crash_frame(frame)

    def place(self, frame: Frame, index: SourceIndex, file: MinifiedFile | None = None) -> Place | None:
        """Where the map is to be asked; None where the frame has no place there. ``file``: the generated one."""
        own = frame.abs_path or frame.filename
        of_bundle = self.bundle is not None and (own is None or module_file(own) is not None)
        place0 = generated_place(frame, index, of_bundle=of_bundle, column_base=self._base(frame))
        if place0 is None:
            return None
        line0, column0 = place0
        wide = file.wide.on(line0) if self.counts_code_points and file and file.wide else ()
        return line0 + 1, utf16_column0(wide, column0) + 1

    def _base(self, frame: Frame) -> int:
        """Bytecode is one line: only its columns are offsets."""
        return self.column_base if frame.lineno == 1 else 1
