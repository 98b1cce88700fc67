"""Whose arrays hold the data. Nothing outside this package names an array library.

A backend is a module of array functions (`exp`, `sum`, `matmul`, `where`, …); it is found by the type of the array.
The default backend's arrays are also what data comes from, goes to, and is counted in: the host's.
"""

from __future__ import annotations

from typing import Any

from refgrad.backends import numpy as numpy_backend
from refgrad.errors import UnsupportedArray

HOME_TYPE = numpy_backend.ARRAY_TYPES[0]
"""The type of the default backend's arrays."""
_BY_TYPE: dict[type, Any] = dict.fromkeys(numpy_backend.ARRAY_TYPES, numpy_backend)
_SCALARS = (bool, int, float, complex, type(None))
_abroad: set[str] = set()  # the devices but the host that backends have brought


def register(backend: Any, *array_types: type) -> None:
    """Makes arrays of these types be computed by `backend` (a module of array functions)."""
    _BY_TYPE.update(dict.fromkeys(array_types, backend))
    if backend.DEVICE != numpy_backend.DEVICE:
        _abroad.add(backend.DEVICE)


def namespace(*arrays: Any) -> Any:
    """The backend of the arrays: the first that is not NumPy's, else NumPy's (Python numbers go with either).

    >>> import numpy as np
    >>> namespace(np.ones(2), 3.0).__name__
    'refgrad.backends.numpy'
    """
    for x in arrays:
        backend = _BY_TYPE.get(type(x))
        if backend is None:
            if not isinstance(x, _SCALARS):
                raise UnsupportedArray(type(x))
        elif backend is not numpy_backend:
            return backend
    return numpy_backend


def of_type(kind: type) -> Any:
    """The backend of arrays of this type."""
    found = _BY_TYPE.get(kind)
    if found is None:
        raise UnsupportedArray(kind)
    return found


def backend_on(device: str) -> Any:
    """The backend whose arrays lie on a kind of device: the host's, or that of CUDA, which is imported now.

    *errors*: `DeviceUnavailable` where there is no CUDA device.
    """
    if device != "cuda":
        return numpy_backend
    from refgrad.backends import devices

    return devices.cuda()


def are_all_here() -> bool:
    """Whether every array that there can be lies on the host."""
    return not _abroad


def device_of(x: Any) -> str:
    """Where an array lies, as PyTorch spells it."""
    return numpy_backend.DEVICE if type(x) is HOME_TYPE else of_type(type(x)).DEVICE


def devices_of(arrays: Any) -> list[str]:
    """Where the arrays among these lie, each device once, in their order."""
    return list(dict.fromkeys(device_of(x) for x in arrays if hasattr(x, "dtype")))


def to_host(x: Any) -> Any:
    """The elements as an array of the host: itself, or a copy of what lies elsewhere."""
    return x if type(x) is HOME_TYPE else of_type(type(x)).to_host(x)


def beside(host: Any, x: Any) -> Any:
    """The host's array on the device of the array `x`."""
    return host if type(x) is HOME_TYPE else namespace(x).from_host(host)


def moved(x: Any, device: str) -> Any:
    """A copy of the array on a device; the array itself if it lies there."""
    if device_of(x) == device:
        return x
    here = to_host(x)
    return here if device == numpy_backend.DEVICE else backend_on(device.partition(":")[0]).from_host(here)
