"""The loops written in C: the library that the build made of a source file, and arrays in a form that it reads."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from geodata.errors import AtlasError

#: How libraries end here; `hatch_build.py` names them in the same way.
SUFFIX = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")


def load_library(source: Path) -> ctypes.CDLL:
    """Load the library that stands beside a C file.

    Raises
    ------
    AtlasError
        When the build did not make it, or for another system.
    """
    library = source.with_suffix(SUFFIX)
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        msg = f"{library.name} is missing or not made for this system ({error}); 'make setup' compiles {source.name}."
        raise AtlasError(msg) from None


def address(array: npt.NDArray[Any], kind: type[np.generic]) -> int:
    """Give where an array's elements begin, once it is certain that C reads them as they are.

    Raises
    ------
    TypeError
        When the elements are of another type, or not one behind the other.
    """
    if array.dtype != kind or not array.flags.c_contiguous:
        msg = f"expected contiguous {np.dtype(kind)}, got {array.dtype} of shape {array.shape}, {array.strides} apart"
        raise TypeError(msg)
    return array.ctypes.data


#: Fields of a C structure in its order, with what each holds: a numpy type stands for an array of it, `Any` for one of
#: any type, a ctypes type for itself.
Layout = tuple[tuple[str, Any], ...]


def fields_of(layout: Layout) -> list[tuple[str, Any]]:
    """Give the fields as ctypes names them; arrays become addresses."""
    return [(name, kind if hasattr(kind, "from_buffer") else ctypes.c_void_p) for name, kind in layout]


class Structure(ctypes.Structure):
    """A structure whose fields are numbers, structures, and arrays, which it keeps alive; not given is 0 or null."""

    layout: ClassVar[Layout] = ()

    def __init__(self, **values: Any) -> None:
        kinds = dict(self.layout)
        super().__init__(**{name: _field(value, kinds[name]) for name, value in values.items()})
        self._kept = values


def _field(value: Any, kind: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    return address(value, value.dtype.type if kind is Any else kind)
