"""Tensors from data, from a shape, and like other tensors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from refgrad import dtypes
from refgrad.attributes import device as Device
from refgrad.backends import backend_on, device_of, moved, namespace, to_host
from refgrad.errors import DeviceUnavailable
from refgrad.modes import state
from refgrad.ops.shape import clone
from refgrad.rules import cast, to_device
from refgrad.tensor import Tensor, masked_as, wrap

__all__ = [
    "arange",
    "as_tensor",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "logspace",
    "ones",
    "ones_like",
    "scalar_tensor",
    "tensor",
    "zeros",
    "zeros_like",
]

xp = namespace()  # of the host, where data is made unless a device is named


def array_device(device: Any) -> str | None:
    """The device whose arrays a tensor on `device` holds, as backends spell it; None for meta, and if none is named.

    *errors*: RuntimeError for a CUDA device other than the first that can be seen, and where there is none.
    """
    place = None if device is None else Device(device)
    if place is None or place.type != "cuda":
        return xp.DEVICE if place is not None and place.type == "cpu" else None
    found = backend_on("cuda").DEVICE
    if place.index not in (None, int(found.partition(":")[2])):
        raise DeviceUnavailable(
            f"{place} is not {found}, the one device that refgrad uses",
            f"set CUDA_VISIBLE_DEVICES={place.index} before the program starts, and ask for {found}",
        )
    return found


def _on(device: Any) -> Any:
    """The backend that makes arrays on a device."""
    return xp if array_device(device) in (None, xp.DEVICE) else backend_on("cuda")


def _mark_meta(x: Tensor) -> None:
    """Says that the tensor has no data, which operations look at from now on."""
    x._meta = state.meta = True
    state.refresh()


def _finish(data: Any, requires_grad: bool = False, device: Any = None) -> Tensor:
    place = array_device(device)
    x = wrap(data if place is None else moved(data, place))
    x._inference = state.inference
    if device is not None and Device(device).type == "meta":
        _mark_meta(x)
    if requires_grad:
        if data.dtype.kind not in "fcV":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        x._requires = True
    return x


def _array(data: Any, dtype: Any = None) -> Any:
    """A fresh array of nested sequences, numbers, arrays or tensors, in PyTorch's dtype for them."""
    if isinstance(data, Tensor):
        array = namespace(data._data).array(data._data)
    elif hasattr(data, "__array__") and not isinstance(data, (list, tuple)):
        array = xp.array(data) if hasattr(data, "dtype") else xp.asarray(data)
    elif isinstance(data, (bool, int, float, complex)):
        array = xp.asarray(data) if dtype is not None else xp.asarray(data, dtypes.of_number(data).array)
    else:
        array = xp.asarray(_plain(data)) if dtype is not None else _from_sequence(data)  # not rounded twice
    if dtype is not None:
        array = namespace(array).cast(array, dtypes.to_array(dtype))
    if dtypes._BY_ARRAY.get(array.dtype) is None:
        raise TypeError(f"can't convert array of type {array.dtype}")
    return array


def _from_sequence(data: Any) -> Any:
    leaves = _leaves(data)
    if any(isinstance(v, Tensor) for v in leaves):
        return xp.asarray(_plain(data))
    array = xp.array(data)
    if not leaves:
        return xp.cast(array, dtypes.get_default_dtype().array)
    if all(isinstance(v, (bool, int, float, complex)) for v in leaves):
        kind = array.dtype.kind
        if kind == "f":
            return xp.array(data, dtypes.get_default_dtype().array)
        if kind == "c":
            return xp.array(data, dtypes.get_default_dtype().to_complex().array)
    return array


def _leaves(data: Any) -> list[Any]:
    if isinstance(data, (list, tuple)):
        return [leaf for part in data for leaf in _leaves(part)]
    return [data]


def _plain(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        return [_plain(part) for part in data]
    return to_host(data._data) if isinstance(data, Tensor) else data


def tensor(
    data: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A leaf with a copy of the data.

    >>> tensor([1.0, 2.0], requires_grad=True)
    tensor([1., 2.], requires_grad=True)
    """
    if isinstance(data, Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
    return _finish(_array(data, dtype), requires_grad, device)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """The data as a tensor, sharing memory and history where no conversion is needed."""
    if isinstance(data, Tensor):
        x = data if dtype is None or data.dtype == dtype else cast(data, dtype=dtypes.to_array(dtype))
        return x if device is None else on_device(x, device)
    if hasattr(data, "dtype") and hasattr(data, "__array__"):
        array = xp.asarray(data)
        return _finish(array if dtype is None else xp.asarray(array, dtypes.to_array(dtype)), device=device)
    return _finish(_array(data, dtype), device=device)


def on_device(x: Tensor, device: Any) -> Tensor:
    """The tensor on a device, recorded if it is copied there; itself if it lies there."""
    place = array_device(device)
    if place is None:
        y = clone(x)
        _mark_meta(y)
        return y
    here = device_of(x._data)
    return x if here == place else to_device(x, source=here, target=place)


def from_numpy(ndarray: Any) -> Tensor:
    """A tensor that shares memory with the array."""
    return _finish(ndarray)


def asarray(
    obj: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool | None = None,
) -> Tensor:
    """The object as a tensor; `requires_grad=False` detaches it, otherwise its history stays."""
    x = as_tensor(obj, dtype, device)
    if copy:
        x = clone(x)
    if requires_grad is False and x.requires_grad:
        y = wrap(x._data)
        y._cell = x._cell
        return y
    if requires_grad and not x.requires_grad:
        x.requires_grad_()
    return x


scalar_tensor = tensor


def _shape(size: Sequence[Any]) -> tuple[int, ...]:
    if len(size) == 1 and isinstance(size[0], (tuple, list)):
        size = size[0]
    return tuple(int(n) for n in size)


def _dtype(dtype: Any) -> Any:
    return dtypes.get_default_dtype().array if dtype is None else dtypes.to_array(dtype)


def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    """A tensor of zeros."""
    return _finish(_on(device).zeros(_shape(size or _.get("size", size)), _dtype(dtype)), requires_grad, device)


def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    """A tensor of ones."""
    return _finish(_on(device).ones(_shape(size or _.get("size", size)), _dtype(dtype)), requires_grad, device)


empty = zeros


def full(
    size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any
) -> Tensor:
    """A tensor filled with one value."""
    if isinstance(fill_value, Tensor):
        fill_value = fill_value.item()
    array = dtypes.of_number(fill_value).array if dtype is None else dtypes.to_array(dtype)
    return _finish(_on(device).full(_shape((size,)), fill_value, array), requires_grad, device)


def eye(
    n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any
) -> Tensor:
    """The identity matrix."""
    return _finish(xp.eye(n, m, dtype=_dtype(dtype)), requires_grad, device)


def arange(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **_: Any,
) -> Tensor:
    """Numbers from `start` up to, but without, `end`."""
    if end is None:
        start, end = 0, start
    start, end, step = (v.item() if isinstance(v, Tensor) else v for v in (start, end, step))
    whole = all(isinstance(v, int) for v in (start, end, step))
    array = (dtypes.int64.array if whole else _dtype(None)) if dtype is None else dtypes.to_array(dtype)
    return _finish(xp.arange(start, end, step).astype(array), requires_grad, device)


def linspace(
    start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any
) -> Tensor:
    """`steps` numbers from `start` to `end`, both included."""
    start, end = (v.item() if isinstance(v, Tensor) else v for v in (start, end))
    return _finish(xp.linspace(start, end, steps).astype(_dtype(dtype)), requires_grad, device)


def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` powers of the base, with exponents from `start` to `end`."""
    return _finish(xp.logspace(start, end, steps, base=base).astype(_dtype(dtype)), requires_grad, device)


# --- like another tensor ----------------------------------------------------------------------------------------------


def _like(fill: Any) -> Any:
    def like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
        array = input._data.dtype if dtype is None else dtypes.to_array(dtype)
        backend = namespace(input._data) if device is None else _on(device)
        data = backend.full(tuple(input.shape), fill, array) if fill else backend.zeros(tuple(input.shape), array)
        return masked_as(input, _finish(data, requires_grad, device))

    return like


zeros_like, ones_like = _like(0), _like(1)

empty_like = zeros_like

zeros_like.__name__, ones_like.__name__ = "zeros_like", "ones_like"


def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, **options: Any) -> Tensor:
    """A tensor of the same shape and dtype, filled with one value."""
    options.setdefault("device", input.device)
    return full(tuple(input.shape), fill_value, dtype=input.dtype if dtype is None else dtype, **options)
