"""Kinds of address, told apart by type so that none is used for another.

A report holds what the machine recorded (`ReportedAddress`): absolute or relative to an image, and often a return
address, one past the call. Debug files are asked with a `LookupAddress`. The one place that turns the first into the
last is `native.addresses`.
"""

from typing import NewType

ReportedAddress = NewType("ReportedAddress", int)
"""As the report has it: absolute, or image-relative where the frame's ``addr_mode`` says so; maybe a return address."""

AbsoluteAddress = NewType("AbsoluteAddress", int)
"""In the crashed process's address space."""

RelativeAddress = NewType("RelativeAddress", int)
"""Relative to the address that the image is loaded at (its lowest loadable segment)."""

LookupAddress = NewType("LookupAddress", int)
"""Image-relative and inside the instruction of interest: return addresses are already adjusted."""

FunctionId = NewType("FunctionId", int)
"""A function inside its image: for .NET the row of the method in the assembly's table, with or without the table's
number 0x06 above it. Written like an address."""
