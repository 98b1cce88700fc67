"""The CUDA device: whether there is one, and its backend, which is imported when it is first asked for."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
from typing import Any

from refgrad.errors import DeviceUnavailable

OLDEST = 14  # the first CuPy with bfloat16, and NumPy 2's promotion of numbers
_INSTALL = "install refgrad[cuda12] or refgrad[cuda13], whichever CUDA the driver supports (nvidia-smi says which)"


@functools.cache
def cuda() -> Any:
    """The backend of arrays on the CUDA device; there is one device, the first that CUDA_VISIBLE_DEVICES names.

    *errors*: `DeviceUnavailable` without driver, device or CuPy, or with a CuPy that does not fit them; a later call
    looks again.
    """
    cp = _cupy()
    _check_device(cp)
    return importlib.import_module("refgrad.backends.cupy")


def _cupy() -> Any:
    if importlib.util.find_spec("cupy") is None:
        raise DeviceUnavailable("CuPy is not installed", _INSTALL)
    try:
        cp = importlib.import_module("cupy")
    except Exception as error:
        raise DeviceUnavailable(f"CuPy cannot be loaded ({_first_line(error)})", _INSTALL) from error
    if int(cp.__version__.partition(".")[0]) < OLDEST:
        raise DeviceUnavailable(f"CuPy {cp.__version__} is too old", f"refgrad needs CuPy {OLDEST} or later")
    return cp


def _check_device(cp: Any) -> None:
    """Asks the driver, and computes something: a CuPy of another CUDA finds a device and cannot use it."""
    try:
        count = cp.cuda.runtime.getDeviceCount()
    except Exception as error:
        raise DeviceUnavailable(
            f"the driver does not answer ({_first_line(error)})",
            f"install an NVIDIA driver, or the CuPy of its CUDA: this one is CuPy {cp.__version__} for CUDA {_built(cp)}",
        ) from error
    if not count:
        raise DeviceUnavailable("the driver sees none", "see whether CUDA_VISIBLE_DEVICES hides it")
    try:
        works = bool((cp.arange(3) + 1 == cp.arange(1, 4)).all())
    except Exception as error:
        raise DeviceUnavailable(
            f"CuPy {cp.__version__} for CUDA {_built(cp)} cannot compute on it ({_first_line(error)})", _INSTALL
        ) from error
    if not works:
        raise DeviceUnavailable(f"CuPy {cp.__version__} computes wrongly on it", _INSTALL)


def _built(cp: Any) -> str:
    """The CUDA that CuPy was made for."""
    try:
        return spelled(cp.cuda.runtime.runtimeGetVersion())
    except Exception:  # noqa: BLE001 - it is only said beside the real error
        return "unknown"


def spelled(version: int) -> str:
    """A version of CUDA as people write it.

    >>> spelled(12090)
    '12.9'
    """
    return f"{version // 1000}.{version % 1000 // 10}"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def is_available() -> bool:
    """Whether there is a device, without an error."""
    try:
        cuda()
    except DeviceUnavailable:
        return False
    return True
