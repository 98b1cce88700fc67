"""Operators on tensors of several devices: what PyTorch moves by itself, and its error for all else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refgrad.backends import device_of, devices_of
from refgrad.rules import Operator, to_device
from refgrad.tensor import Tensor

_INDEXED_FROM_THE_HOST = frozenset({"index", "index_put"})
"""Operators that take positions of the host for a tensor of the device, as PyTorch's indexing does."""


def on_one_device(op: Operator, args: Sequence[Any], arrays: Sequence[Any]) -> tuple[Any, ...] | None:
    """The arguments with those moved that may be: single numbers of the host, recorded; positions of the host. None
    where nothing must be.

    *errors*: PyTorch's RuntimeError where the arguments lie on several devices.
    """
    if op is to_device:
        return None
    found = devices_of(arrays)
    if len(found) < 2:
        return None
    target = next(d for d in found if d != "cpu")
    return tuple(
        a if not hasattr(x, "dtype") or device_of(x) == target else _moved(op, i, a, x, found, target)
        for i, (a, x) in enumerate(zip(args, arrays, strict=True))
    )


def _moved(op: Operator, i: int, a: Any, x: Any, found: list[str], target: str) -> Any:
    device = device_of(x)
    is_position = i > 0 and op.name in _INDEXED_FROM_THE_HOST and x.dtype.kind in "biu"
    if not isinstance(a, Tensor) or device != "cpu" or not (is_position or not x.shape):
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, "
            f"{' and '.join(sorted(found, reverse=True))}! Move them with .to({target!r}) first."
        )
    return to_device(a, source=device, target=target)
