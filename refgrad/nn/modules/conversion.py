"""Modules in other dtypes and on other devices: methods of `Module` that change all parameters and buffers alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad import dtypes
from refgrad.attributes import device as Device
from refgrad.modes import no_grad
from refgrad.tensor import Tensor


def convert(self: Any, function: Callable[[Tensor], Tensor]) -> Any:
    """The module, with new data in its parameters, which stay the same objects, their gradients, and its buffers."""
    with no_grad():
        for module in self.modules():
            for p in (p for p in module._parameters.values() if p is not None):
                grad, p.grad = p.grad, None
                p.data = function(p.data)
                p.grad = None if grad is None else function(grad).requires_grad_(grad.requires_grad)
            module._buffers.update({n: None if b is None else function(b) for n, b in module._buffers.items()})
    return self


def to(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The module, with its floating-point members in another dtype, or all of them on another device."""
    dtype, device = kwargs.get("dtype"), kwargs.get("device")
    for a in args:
        if isinstance(a, (dtypes.dtype, Tensor)):
            dtype = getattr(a, "dtype", a)
        elif isinstance(a, (str, Device, int)):
            device = a
    if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
        raise TypeError(f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}")
    return self._apply(lambda x: x.to(dtype=dtype if x.is_floating_point() or x.is_complex() else None, device=device))


def to_type(self: Any, dst_type: dtypes.dtype) -> Any:
    """The module with all its members in another dtype."""
    return self._apply(lambda x: x.to(dst_type))


def _in(dtype: dtypes.dtype) -> Callable[[Any], Any]:
    def changed(self: Any) -> Any:
        return self._apply(lambda x: x.to(dtype) if x.is_floating_point() else x)

    changed.__name__ = dtype.name
    changed.__doc__ = f"The module with its floating-point members in {dtype.name}."
    return changed


to_float, to_double, to_half = _in(dtypes.float32), _in(dtypes.float64), _in(dtypes.float16)
to_bfloat16 = _in(dtypes.bfloat16)


def to_cuda(self: Any, device: Any = None) -> Any:
    """The module, on a CUDA device."""
    return self.to("cuda" if device is None else device)


def to_cpu(self: Any) -> Any:
    """The module, on the CPU."""
    return self.to("cpu")
