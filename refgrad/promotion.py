"""Computing an operator on arrays with PyTorch's promotion of dtypes, and with its errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refgrad import dtypes
from refgrad.backends import namespace
from refgrad.rules import Operator, to_device

F32 = dtypes.float32.array


def as_documented(error: Exception, arrays: Sequence[Any]) -> Exception:
    """The array library's error as PyTorch's, where that is a RuntimeError: shapes that do not go together, signs of bools."""
    shapes = [x.shape for x in arrays if hasattr(x, "shape")]
    if "zero-size array" in str(error):
        return IndexError(f"Expected reduction dim to have non-zero size: {error}")
    if "boolean subtract" in str(error) or "boolean negative" in str(error):
        return RuntimeError(f"A bool tensor does not take this operation: {error}")
    if not any(word in str(error) for word in _MISFITS):
        return error
    return RuntimeError(f"The sizes of the tensors {shapes} must match: {error}")


_MISFITS = ("broadcast", "mismatch", "cannot reshape", "must match", "not aligned", "more dimensions")


def compute(op: Operator, arrays: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """The kernel's result on promoted arguments, or PyTorch's error."""
    try:
        return _computed(op, arrays, attrs)
    except (ValueError, TypeError) as error:
        raise as_documented(error, arrays) from error


def _computed(op: Operator, arrays: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """The kernel's result on promoted arguments; half precision is computed in float32 and rounded once."""
    tensors = [x for x in arrays if hasattr(x, "dtype")]
    if any(type(x.dtype).__module__.startswith("refgrad") for x in tensors):
        return op.kernel(namespace(*arrays), *arrays, **attrs)
    target = None
    if op.accepts is not None:
        op.accepts(op.name, [getattr(x, "dtype", None) for x in arrays])
    if op.promotes is not None:
        target = promoted(arrays)
        if op.promotes == "float" and target.category < dtypes.FLOATING:
            target = dtypes.get_default_dtype()
        target = target.array
        arrays = [_cast(x, target) if hasattr(x, "dtype") else _number(x, target) for x in arrays]
    halves = {x.dtype for x in arrays if hasattr(x, "dtype")} & dtypes.HALF
    xp = namespace(*arrays)
    if not halves or op.view or op is to_device:  # what only moves elements rounds nothing
        return op.kernel(xp, *arrays, **attrs)
    low = attrs.get("dtype")  # a cast asks for its result's dtype
    if low is None:
        low = target if target in dtypes.HALF else next(iter(halves))
    wide = [_cast(x, F32) if hasattr(x, "dtype") and x.dtype in dtypes.HALF else x for x in arrays]
    y = op.kernel(xp, *wide, **attrs)
    return tuple(_rounded(xp, p, low) for p in y) if isinstance(y, tuple) else _rounded(xp, y, low)


def _rounded(xp: Any, y: Any, low: Any) -> Any:
    y = xp.asarray(y)
    return y.astype(low) if y.dtype is F32 or y.dtype == F32 else y


def _cast(x: Any, dtype: Any) -> Any:
    return x if x.dtype == dtype or x.dtype.kind == "O" else namespace(x).cast(x, dtype)


def _number(x: Any, dtype: Any) -> Any:
    """A number as the array library takes it beside arrays of `dtype`."""
    if isinstance(x, bool) and dtype.kind != "b":
        return int(x)
    return float(x) if isinstance(x, int) and dtype.kind in "fV" else x


def promoted(values: Sequence[Any]) -> dtypes.dtype:
    """The dtype that PyTorch computes in for these arrays and numbers."""
    arrays = [x for x in values if hasattr(x, "dtype")]
    return dtypes.result_type(
        [dtypes.of(x.dtype) for x in arrays if x.shape],
        [dtypes.of(x.dtype) for x in arrays if not x.shape],
        [x for x in values if isinstance(x, (bool, int, float, complex))],
    )
