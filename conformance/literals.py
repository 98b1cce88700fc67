"""Values as Python source that evaluates to exactly the same value, as readable as that allows."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import numpy as np

from conformance.codec import numpy_dtype

_ROUND = (
    10  # characters: a decimal this short is what somebody typed; a longer one is noise that hexadecimal says better
)
_LISTED = 128  # elements: beyond that nobody reads the numbers, and bytes are shorter


def number(value: complex) -> str:
    """A Python number as source: decimal when that is short, `fromhex` otherwise, `inf` and `nan` by name.

    >>> number(-0.0), number(0.1 + 0.2), number(True), number(float("-inf"))
    ('-0.0', 'fromhex("0x1.3333333333334p-2")', 'True', '-inf')
    """
    if isinstance(value, complex):
        return f"complex({number(value.real)}, {number(value.imag)})"
    if not isinstance(value, float):
        return repr(value)
    if not math.isfinite(value) or len(repr(value)) <= _ROUND:
        return repr(value)
    digits, _, exponent = value.hex().partition("p")
    return f'fromhex("{digits.rstrip("0")}p{exponent}")'


def literal(value: Any) -> str:
    """An attribute as source: numbers, strings, slices, tuples of these; arrays through NumPy.

    >>> literal((1, 2.5, None, "sum"))
    '(1, 2.5, None, "sum")'
    """
    if isinstance(value, tuple):
        inner = ", ".join(literal(v) for v in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, np.ndarray):
        return f'np.array({nested(value)}, dtype="{value.dtype.name}")'
    return number(value)


def index(value: Any) -> str:
    """What stands between the brackets of `x[...]`.

    >>> index((slice(1, None), None, Ellipsis, 0, slice(None, None, 2)))
    '1:, None, ..., 0, ::2'
    """
    if isinstance(value, tuple) and value:
        return ", ".join(map(index, value)) + ("," if len(value) == 1 else "")
    if isinstance(value, slice):
        ends = ["" if v is None else str(v) for v in (value.start, value.stop)]
        return ":".join(ends) + ("" if value.step is None else f":{value.step}")
    return "..." if value is Ellipsis else literal(value)


def nested(array: np.ndarray) -> str:
    """The elements as nested lists of exact numbers.

    >>> nested(np.array([[1.5, -0.0]]))
    '[[1.5, -0.0]]'
    """
    if array.ndim == 0:
        return number(_python(array))
    return "[" + ", ".join(nested(row) for row in array) + "]"


def tensor(array: np.ndarray, namespace: str = "torch", *, requires_grad: bool = False) -> str:
    """A call that makes this tensor: readable up to 128 elements, from its bytes beyond.

    >>> tensor(np.array([2.0, -3.0]), requires_grad=True)
    'torch.tensor([2.0, -3.0], dtype=torch.float64, requires_grad=True)'
    >>> tensor(np.zeros((0, 3), dtype=np.float32))
    'torch.empty((0, 3), dtype=torch.float32)'
    """
    options = f"dtype={namespace}.{array.dtype.name}" + (", requires_grad=True" if requires_grad else "")
    if array.size == 0:
        return f"{namespace}.empty({array.shape}, {options})"
    if array.size <= _LISTED:
        return f"{namespace}.tensor({nested(array)}, {options})"
    grad = ".requires_grad_()" if requires_grad else ""
    if array.dtype.name == "bfloat16":  # NumPy has no such dtype, and float32 holds all its values
        return f"{tensor(array.astype(np.float32), namespace)}.to({namespace}.bfloat16){grad}"
    raw = base64.b64encode(np.ascontiguousarray(array, dtype=numpy_dtype(array.dtype.name)).tobytes()).decode("ascii")
    values = f'np.frombuffer(base64.b64decode("{raw}"), dtype="{array.dtype.name}")'
    return f"{namespace}.from_numpy({values}.reshape({array.shape}).copy()){grad}"


def _python(element: Any) -> complex:
    """The element as a Python number: the shortest decimal that the dtype rounds back to it, where there is one."""
    if element.dtype.kind in "bi" or element.dtype.name.startswith(("uint", "complex")):
        return element.item()
    short = float(str(element))
    return short if element.dtype.type(short) == element else float(element)
