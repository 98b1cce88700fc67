"""A stand-in for CuPy on machines without a GPU: within `installed` it is what `import cupy` finds.

The backend of refgrad runs on it line by line as on CuPy. Its arrays hold NumPy arrays and show them to no one: they
refuse to mix with NumPy arrays, or with arrays of another device, and write down whatever crosses between host and
device. It has the names, parameters and element types that CuPy has (`cupy-14.json`), and no others.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.special

from tests.refgrad.cuda.stand_in import driver, functions
from tests.refgrad.cuda.stand_in.array import crossings, host_of, ndarray
from tests.refgrad.cuda.stand_in.driver import limits
from tests.refgrad.cuda.stand_in.functions import OFFERED, made

__all__ = ["OFFERED", "crossings", "driver", "installed", "limits", "ndarray"]

_BACKEND = "refgrad.backends.cupy"


class _Module(types.ModuleType):
    """A module whose functions are made when they are asked for."""

    def __init__(self, name: str, group: str, source: Any) -> None:
        super().__init__(name)
        self.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
        self.__path__: list[str] = []
        self._group, self._source = group, source

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = made(self._group, name, self._source)
        setattr(self, name, found)
        return found


def modules() -> dict[str, types.ModuleType]:
    """`cupy`, `cupyx` and what refgrad imports of them, by name."""
    cupy = _Module("cupy", "", np)
    cupy.__version__ = "14.2.0"
    cupy.ndarray, cupy.cuda, cupy.get_default_memory_pool = ndarray, driver.cuda(), lambda: driver.pool
    for function in (functions.array, functions.asarray, functions.asnumpy, functions.where, functions.clip):
        setattr(cupy, function.__name__, function)
    cupy.linalg, cupy.fft = _Module("cupy.linalg", "linalg", np.linalg), _Module("cupy.fft", "fft", np.fft)
    cupy.lib = types.SimpleNamespace(stride_tricks=types.SimpleNamespace(as_strided=functions.as_strided))
    for name in ("pi", "e", "inf", "nan", "newaxis", "finfo", "iinfo", "errstate"):
        if name != "errstate":
            setattr(cupy, name, getattr(np, name))
    cupy.result_type = lambda *xs: np.result_type(*map(host_of, xs))
    for name in ("uint8", "int64", "int32", "float32", "float64", "complex64", "complex128", "bool_", "dtype"):
        setattr(cupy, name, getattr(np, name))
    cupyx = _Module("cupyx", "", None)
    cupyx.scatter_add, cupyx.errstate = functions.scatter_add, lambda **_: contextlib.nullcontext()
    scipy_ = _Module("cupyx.scipy", "", None)
    scipy_.special = _Module("cupyx.scipy.special", "special", scipy.special)
    cupyx.scipy = scipy_
    return {"cupy": cupy, "cupyx": cupyx, "cupyx.scipy": scipy_, "cupyx.scipy.special": scipy_.special}


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Within it `import cupy`, and with it refgrad's CUDA device, is the stand-in; afterwards all is as before."""
    from refgrad import backends
    from refgrad.backends import devices

    ours = [name for name in sys.modules if name.partition(".")[0] in ("cupy", "cupyx") or name == _BACKEND]
    before = {name: sys.modules.pop(name) for name in ours}
    types_, abroad = dict(backends._BY_TYPE), set(backends._abroad)
    sys.modules.update(modules())
    devices.cuda.cache_clear()
    try:
        yield
    finally:
        for name in [*modules(), _BACKEND]:
            sys.modules.pop(name, None)
        sys.modules.update(before)
        devices.cuda.cache_clear()
        for registry, old in ((backends._BY_TYPE, types_), (backends._abroad, abroad)):
            registry.clear()
            registry.update(old)
        crossings.clear()
