"""Whose arrays hold the data. Nothing outside this package names an array library.

A backend is a module of array functions (`exp`, `sum`, `matmul`, `where`, …); it is found by the type of the array.
"""

from __future__ import annotations

from typing import Any

from refgrad.backends import numpy as numpy_backend
from refgrad.errors import UnsupportedArray

HOME_TYPE = numpy_backend.ARRAY_TYPES[0]
"""The type of the default backend's arrays."""
_BY_TYPE: dict[type, Any] = dict.fromkeys(numpy_backend.ARRAY_TYPES, numpy_backend)
_SCALARS = (bool, int, float, complex, type(None))


def register(backend: Any, *array_types: type) -> None:
    """Makes arrays of these types be computed by `backend` (a module of array functions)."""
    _BY_TYPE.update(dict.fromkeys(array_types, backend))


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
