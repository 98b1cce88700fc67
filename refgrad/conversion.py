"""Methods that lead out of tensors, to numbers, lists, arrays, copies and pickles, and those on dtype, layout and memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad import creation, dtypes, views
from refgrad.api import shape, splitting
from refgrad.attributes import CPU
from refgrad.attributes import device as Device
from refgrad.backends import device_of, namespace, to_host
from refgrad.rules import cast
from refgrad.tangents import alias
from refgrad.tensor import Tensor, wrap


def item(self: Tensor) -> Any:
    """The one element as a Python number."""
    if self._level is not None:
        raise RuntimeError(
            "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a "
            "Tensor, please try to "
            "rewrite what you're doing with other operations. If error is occurring somewhere inside PyTorch "
            "internals, please file a bug report."
        )
    if self._data.size != 1:
        raise RuntimeError(f"a Tensor with {self._data.size} elements cannot be converted to Scalar")
    if self._meta:
        raise RuntimeError("Tensor.item() cannot be called on meta tensors")
    data = to_host(self._data)
    return data.item() if data.dtype.kind != "V" else float(data.astype("float32").item())


def tolist(self: Tensor) -> Any:
    """The elements as nested lists, or a number."""
    data = to_host(self._data)
    return data.astype("float32").tolist() if data.dtype.kind == "V" else data.tolist()


def numpy(self: Tensor, *, force: bool = False) -> Any:
    """The array that holds the elements: memory is shared. With `force`, or where balls are computed, a copy may be."""
    if self.requires_grad and not force:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    if device_of(self._data) != CPU.type and not force:
        raise TypeError(
            f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host "
            "memory first."
        )
    return to_host(self._data)


def __array__(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:  # noqa: N807 - mounted under this name
    data = numpy(self)
    if dtype is None:
        return data.copy() if copy else data
    return data.astype(dtype)


def _truth(self: Tensor) -> bool:
    if self._level is not None:
        raise RuntimeError(
            "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't "
            "support that yet, please shout over at https://github.com/pytorch/functorch/issues/257 ."
        )
    if self._data.size != 1:
        if self._data.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
    return bool(to_host(self._data).reshape(())[()])


def __len__(self: Tensor) -> int:  # noqa: N807 - mounted under this name
    if not self.ndim:
        raise TypeError("len() of a 0-d tensor")
    return self.shape[0]


def __iter__(self: Tensor) -> Any:  # noqa: N807 - mounted under this name
    if not self.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(splitting.unbind(self, 0))


def __contains__(self: Tensor, element: Any) -> bool:  # noqa: N807 - mounted under this name
    return bool((self == element).any())


def __deepcopy__(self: Tensor, memo: dict[int, Any]) -> Tensor:  # noqa: N807 - mounted under this name
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment. "
            "If you were attempting "
            "to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see "
            "https://github.com/pytorch/pytorch/pull/103001"
        )
    import copy

    y = wrap(self._data.copy(), type(self))
    memo[id(self)] = y
    y._requires = self._requires
    y.__dict__.update({k: copy.deepcopy(v, memo) for k, v in self.__dict__.items() if not k.startswith("_")})
    if self._grad is not None:
        y._grad = copy.deepcopy(self._grad, memo)
    return y


def _rebuilt(cls: type, data: Any, requires_grad: bool, rest: dict[str, Any]) -> Tensor:
    x = wrap(data, cls)
    x._requires = requires_grad
    x.__dict__.update(rest)
    return x


def __reduce_ex__(self: Tensor, protocol: int) -> Any:  # noqa: N807 - PyTorch's signature; mounted under this name
    if not self.is_leaf:
        raise RuntimeError("Only Tensors created explicitly by the user (graph leaves) can be pickled; detach() first.")
    rest = {k: v for k, v in self.__dict__.items() if not k.startswith("_")}
    return _rebuilt, (type(self), self._data, self.requires_grad, rest)


def to(self: Tensor, *args: Any, dtype: Any = None, device: Any = None, copy: bool = False, **_: Any) -> Tensor:
    """This tensor in another dtype or on another device: itself if nothing changes."""  # noqa: D404 - a method gives this tensor back
    for a in args:
        if isinstance(a, dtypes.dtype):
            dtype = a
        elif isinstance(a, Tensor):
            dtype, device = a.dtype, a.device
        elif isinstance(a, (str, Device)) or (isinstance(a, int) and not isinstance(a, bool)):
            device = a
    y = self if dtype is None or self.dtype == dtype else cast(self, dtype=dtypes.to_array(dtype))
    if device is not None and (Device(device).type != self.device.type or Device(device).type == "cuda"):
        y = creation.on_device(y, device)
    return shape.clone(self) if copy and y is self else y


def cpu(self: Tensor, memory_format: Any = None) -> Tensor:
    """This tensor on the CPU: itself if it lies there."""  # noqa: D404 - a method gives this tensor back
    return to(self, "cpu")


def cuda(self: Tensor, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Tensor:
    """This tensor on a CUDA device: itself if it lies there."""  # noqa: D404 - a method gives this tensor back
    return to(self, device="cuda" if device is None else device)


def _to_dtype(dtype: dtypes.dtype) -> Callable[[Tensor], Tensor]:
    return lambda self, **_: shape.to_dtype(self, dtype)


def type_(self: Tensor, dtype: Any = None, **_: Any) -> Any:
    """This tensor in another dtype; without one, the name of its type."""  # noqa: D404 - a method gives this tensor back
    if dtype is None:
        name = self.dtype.name
        library = "torch.cuda" if self.device.type == "cuda" else "torch"
        return f"{library}.{_TITLES.get(name, name.title())}Tensor"
    return shape.to_dtype(self, dtype)


_TITLES = {"float32": "Float", "float64": "Double", "int64": "Long"}


def size(self: Tensor, dim: int | None = None) -> Any:
    """The shape, or its entry for one dimension."""
    return self.shape if dim is None else self.shape[dim]


def stride(self: Tensor, dim: int | None = None) -> Any:
    """The steps in memory from element to element along each dimension."""
    steps = views.strides(self._data)
    return steps if dim is None else steps[dim]


def storage_offset(self: Tensor) -> int:
    """How many elements of the storage come before the first."""
    return views.storage_offset(self._data)


class _Storage:
    """What tensors on the same memory share."""

    def __init__(self, x: Tensor) -> None:
        self._address, self._nbytes = namespace(x._data).storage(x._data)

    def data_ptr(self) -> int:
        """The address of its first byte."""
        return self._address

    def nbytes(self) -> int:
        """Its length in bytes."""
        return self._nbytes

    size = nbytes
    __len__ = nbytes


def is_contiguous(self: Tensor, *, memory_format: Any = None) -> bool:
    """Whether the elements lie in row-major order."""
    return self._data.flags.c_contiguous if hasattr(self._data, "flags") else True


def new_tensor(
    self: Tensor,
    data: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A leaf with a copy of the data, in this tensor's dtype."""
    device = self.device if device is None else device
    if isinstance(data, Tensor):
        data = to_host(data._data)
        return creation.tensor(data, dtype=dtype or dtypes.of(data.dtype), device=device, requires_grad=requires_grad)
    return creation.tensor(data, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


def _new(make: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def new(self: Tensor, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
        if self.device.type == "cuda":
            options.setdefault("device", self.device)
        return make(*size, dtype=self.dtype if dtype is None else dtype, **options)

    return new


def as_subclass(self: Tensor, cls: type[Any]) -> Any:
    """The same elements at the same place in the graph, as an instance of the class."""
    return alias(self, cls)


def _numel(self: Tensor) -> int:
    n = 1
    for k in self.shape:
        n *= k
    return n
