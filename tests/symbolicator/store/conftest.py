"""The toy artifacts of the store tests."""

import importlib.util
import sys
from pathlib import Path

_PATH = Path(__file__).with_name("store_kit.py")
_SPEC = importlib.util.spec_from_file_location("store_kit", _PATH)
assert _SPEC
assert _SPEC.loader
_MODULE = importlib.util.module_from_spec(_SPEC)
sys.modules["store_kit"] = _MODULE
_SPEC.loader.exec_module(_MODULE)
