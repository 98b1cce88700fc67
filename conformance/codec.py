"""Exact numbers as text: arrays, scalars and attributes, to and from JSON. NaN, infinities and -0.0 survive."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

import numpy as np

from conformance.errors import Unsupported

_LITTLE = {"bool": "|b1", "int8": "<i1", "uint8": "<u1", "int16": "<i2", "int32": "<i4", "int64": "<i8",
           "float16": "<f2", "float32": "<f4", "float64": "<f8", "complex64": "<c8", "complex128": "<c16"}  # fmt: skip
HALVES = ("float16", "bfloat16")
"""The dtypes of 16 bits."""


@cache
def numpy_dtype(name: str) -> np.dtype:
    """The NumPy dtype of this name; bfloat16 through ml_dtypes, without which it is `Unsupported`.

    >>> numpy_dtype("float32")
    dtype('float32')
    """
    if name == "bfloat16":
        try:
            import ml_dtypes
        except ModuleNotFoundError:  # an engine's environment has it where the engine has bfloat16
            raise Unsupported("bfloat16") from None
        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(_LITTLE[name])


def is_floating(dtype: np.dtype) -> bool:
    """Whether it is of real or complex numbers. (NumPy counts bfloat16, which is not its own, as neither.)

    >>> is_floating(numpy_dtype("bfloat16")), is_floating(np.dtype("int64"))
    (True, False)
    """
    return dtype.kind in "fc" or dtype.name == "bfloat16"


def encode_array(array: Any) -> dict[str, Any]:
    """The array as base64 little-endian bytes in C order, with its dtype and shape.

    >>> encode_array(np.array([-0.0, np.nan]))
    {'dtype': 'float64', 'shape': [2], 'data': 'AAAAAAAAAIAAAAAAAAD4fw=='}
    """
    array = np.asarray(array)
    name = _name(array.dtype)
    raw = array.astype(numpy_dtype(name), copy=False).tobytes()
    return {"dtype": name, "shape": list(array.shape), "data": base64.b64encode(raw).decode("ascii")}


@cache
def _name(dtype: np.dtype) -> str:
    return dtype.name  # which NumPy makes anew at every look


def decode_array(message: dict[str, Any]) -> np.ndarray:
    """The array of an encoded message, writable, exact to the bit.

    >>> decode_array(encode_array(np.array([[1.5], [-0.0]], dtype=np.float32)))
    array([[ 1.5],
           [-0. ]], dtype=float32)
    """
    raw = base64.b64decode(message["data"])
    return np.frombuffer(raw, dtype=numpy_dtype(message["dtype"])).reshape(message["shape"]).copy()


def encode_literal(value: Any) -> Any:
    """An attribute or Python number as JSON: floats in hexadecimal, slices, dtypes and arrays under a tag.

    >>> encode_literal((0.1, 2, None, slice(1, None)))
    [{'float': '0x1.999999999999ap-4'}, 2, None, {'slice': [1, None, None]}]
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, complex):
        return {"complex": [value.real.hex(), value.imag.hex()]}
    if isinstance(value, slice):
        return {"slice": [value.start, value.stop, value.step]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, tuple | list):
        return [encode_literal(v) for v in value]
    if isinstance(value, np.ndarray):
        return {"array": encode_array(value)}
    raise TypeError(f"no exact encoding for {value!r}; use numbers, strings, slices, tuples or arrays")


def decode_literal(message: Any) -> Any:
    """The inverse of `encode_literal`; sequences come back as tuples.

    >>> decode_literal(encode_literal((0.1, 2, None, slice(1, None))))
    (0.1, 2, None, slice(1, None, None))
    """
    if isinstance(message, list):
        return tuple(decode_literal(m) for m in message)
    if not isinstance(message, dict):
        return message
    ((tag, content),) = message.items()
    if tag == "float":
        return float.fromhex(content)
    if tag == "complex":
        return complex(*map(float.fromhex, content))
    if tag == "slice":
        return slice(*content)
    if tag == "ellipsis":
        return Ellipsis
    if tag == "array":
        return decode_array(content)
    raise ValueError(f"unknown literal tag {tag!r}")


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text, so that hashes are stable.

    >>> canonical_json({"b": 1, "a": [1, 2]})
    '{"a":[1,2],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
