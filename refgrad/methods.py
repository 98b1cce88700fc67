"""Mounts the public functions on the tensor: operators of Python, methods, methods that modify in place."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from refgrad import creation, dtypes
from refgrad.api import arithmetic, comparison, indexing, linalg, names, reduction, shape
from refgrad.api import complex as complex_
from refgrad.api.forms import operand, sizes, with_out
from refgrad.backends import namespace
from refgrad.backward import backward_of
from refgrad.inplace import in_place, write
from refgrad.modes import state
from refgrad.ops import arithmetic as ops
from refgrad.ops import shape as shape_ops
from refgrad.ops.comparison import bitwise_and, bitwise_not, bitwise_or, bitwise_xor, eq, ge, gt, le, lt, ne
from refgrad.printing import tensor_text
from refgrad.record import alias, apply
from refgrad.rules import cast, where
from refgrad.tensor import CPU, META, Tensor, wrap
from refgrad.tensor import device as Device

_NONE: dict[str, Any] = {}
_OPERANDS = frozenset({Tensor, float, int, bool, complex})

# --- Python's operators -----------------------------------------------------------------------------------------------


def _binary(op: Any) -> Callable[..., Any]:
    def forward(self: Tensor, other: Any) -> Any:
        if type(other) in _OPERANDS:
            return apply(op, (self, other), _NONE)
        other = _convertible(other)
        return NotImplemented if other is None else apply(op, (self, other), _NONE)

    return forward


def _reflected(op: Any) -> Callable[..., Any]:
    def backward(self: Tensor, other: Any) -> Any:
        if type(other) in _OPERANDS:
            return apply(op, (other, self), _NONE)
        other = _convertible(other)
        return NotImplemented if other is None else apply(op, (other, self), _NONE)

    return backward


def _convertible(x: Any) -> Any:
    try:
        return operand(x)
    except TypeError:
        return None


for _name, _op in {
    "add": ops.add,
    "sub": ops.sub,
    "mul": ops.mul,
    "truediv": ops.div,
    "pow": ops.pow,
    "mod": ops.remainder,
    "floordiv": ops.floor_divide,
    "and": bitwise_and,
    "or": bitwise_or,
    "xor": bitwise_xor,
}.items():
    setattr(Tensor, f"__{_name}__", _binary(_op))
    setattr(Tensor, f"__r{_name}__", _reflected(_op))
for _name, _op in {"eq": eq, "ne": ne, "lt": lt, "le": le, "gt": gt, "ge": ge}.items():
    setattr(Tensor, f"__{_name}__", _binary(_op))
Tensor.__neg__ = lambda self: apply(ops.neg, (self,), _NONE)
Tensor.__pos__ = lambda self: self
Tensor.__abs__ = lambda self: apply(ops.abs, (self,), _NONE)
Tensor.__invert__ = lambda self: bitwise_not(self)
Tensor.__matmul__ = lambda self, other: linalg.matmul(self, other)
Tensor.__rmatmul__ = lambda self, other: linalg.matmul(other, self)
Tensor.__getitem__ = indexing.getitem
Tensor.__setitem__ = indexing.setitem

# --- functions as methods ---------------------------------------------------------------------------------------------

CHAPTERS = (arithmetic, comparison, reduction, shape, indexing, linalg, complex_)
_NOT_METHODS = {
    "cat",
    "concat",
    "concatenate",
    "stack",
    "hstack",
    "vstack",
    "dstack",
    "row_stack",
    "column_stack",
    "meshgrid",
    "complex",
    "polar",
    "broadcast_tensors",
    "broadcast_shapes",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "to_dtype",
    "where",
    "real",
    "imag",
    "setitem",
    "getitem",
    "one_hot",
    "copied",
    "fill",
    "rsub",
    "is_complex",
    "is_floating_point",
}


def public_functions(chapter: Any) -> dict[str, Callable[..., Any]]:
    """The functions that a chapter of the api defines."""
    return {
        name: f
        for name, f in vars(chapter).items()
        if callable(f) and not name.startswith("_") and not isinstance(f, type)
        and (getattr(f, "__module__", None) in (chapter.__name__, "refgrad.api.forms")) and name not in _FORMS
    }  # fmt: skip


_FORMS = {"binary", "unary", "operand", "dims", "one_dim", "sizes", "fields", "plain", "with_out", "checked"}
FUNCTIONS = {name: f for chapter in CHAPTERS for name, f in public_functions(chapter).items()}
for _name, _f in FUNCTIONS.items():
    if _name not in _NOT_METHODS:
        setattr(Tensor, _name, _f)

# --- in place ---------------------------------------------------------------------------------------------------------

IN_PLACE = (
    "add sub mul div pow neg abs exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh "
    "acosh atanh "
    "sigmoid reciprocal square sqrt rsqrt sign floor ceil trunc frac round clamp clamp_min clamp_max clip lerp "
    "addcmul addcdiv "
    "nan_to_num remainder fmod floor_divide atan2 copysign hypot subtract multiply divide true_divide negative "
    "absolute fix "
    "eq ne lt le gt ge logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor bitwise_not "
    "masked_fill masked_scatter scatter scatter_add index_add index_copy index_fill index_put triu tril addmm addmv "
    "addr baddbmm "
    "float_power sgn conj_physical arcsin arccos arctan arctan2 arcsinh arccosh arctanh"
).split()


def _in_place(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def modify(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return in_place(self, lambda x: function(x, *args, **kwargs))

    modify.__name__ = name
    return modify


for _name in IN_PLACE:
    setattr(Tensor, f"{_name}_", _in_place(FUNCTIONS[_name], f"{_name}_"))
for _name, _f in {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "truediv": "div",
    "pow": "pow",
    "mod": "remainder",
    "floordiv": "floor_divide",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
}.items():
    setattr(Tensor, f"__i{_name}__", _in_place(FUNCTIONS[_f], f"__i{_name}__"))
del _name, _op, _f


def fill_(self: Tensor, value: Any) -> Tensor:
    """This tensor, filled with one value."""  # noqa: D404 - a method gives this tensor back
    return in_place(self, lambda x: ops.fill(x, value))


def zero_(self: Tensor) -> Tensor:
    """This tensor, filled with zeros."""  # noqa: D404 - a method gives this tensor back
    return in_place(self, lambda x: ops.fill(x, 0))


def copy_(self: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    """This tensor, with the elements of the source, cast and broadcast."""  # noqa: D404 - a method gives this tensor back
    source = src if isinstance(src, Tensor) else creation.tensor(src)
    return in_place(self, lambda x: indexing.copied(x, shape.to_dtype(source, self.dtype)))


def set_(self: Tensor, source: Tensor) -> Tensor:
    """This tensor, with the storage of the source."""  # noqa: D404 - a method gives this tensor back
    if self.requires_grad and self.is_leaf and state.grad:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
    self._data = source._data
    self._cell[0] += 1
    return self


def _randomised(draw: Callable[..., Any]) -> Callable[..., Any]:
    def modify(self: Tensor, *args: Any, generator: Any = None, **kwargs: Any) -> Tensor:
        data = draw((generator or creation.default_generator)._random, tuple(self.shape), *args, **kwargs)
        return in_place(self, lambda x: indexing.copied(x, wrap(namespace().asarray(data).astype(self._data.dtype))))

    return modify


def _view_in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    def modify(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        y = function(alias(self) if self.requires_grad else wrap(self._data), *args, **kwargs)
        self._data, self._edge = y._data, y._edge
        if self._edge is not None:
            self._requires = False
        return self

    return modify


def apply_(self: Tensor, function: Callable[[float], float]) -> Tensor:
    """This tensor, each element replaced by the function of it."""  # noqa: D404 - a method gives this tensor back
    write(self, namespace().asarray([function(v) for v in self._data.reshape(-1).tolist()]).reshape(self._data.shape))
    return self


# --- out of tensors ---------------------------------------------------------------------------------------------------


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
    return self._data.item() if self._data.dtype.kind != "V" else float(self._data.astype("float32").item())


def tolist(self: Tensor) -> Any:
    """The elements as nested lists, or a number."""
    return self._data.astype("float32").tolist() if self._data.dtype.kind == "V" else self._data.tolist()


def numpy(self: Tensor, *, force: bool = False) -> Any:
    """The array that holds the elements: memory is shared."""
    if self.requires_grad and not force:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    return self._data


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
    return bool(self._data.reshape(())[()])


def __len__(self: Tensor) -> int:  # noqa: N807 - mounted under this name
    if not self.ndim:
        raise TypeError("len() of a 0-d tensor")
    return self.shape[0]


def __iter__(self: Tensor) -> Any:  # noqa: N807 - mounted under this name
    if not self.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(shape.unbind(self, 0))


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


# --- shape, dtype, memory ---------------------------------------------------------------------------------------------


def to(self: Tensor, *args: Any, dtype: Any = None, device: Any = None, copy: bool = False, **_: Any) -> Tensor:
    """This tensor in another dtype or on another device: itself if nothing changes."""  # noqa: D404 - a method gives this tensor back
    for a in args:
        if isinstance(a, dtypes.dtype):
            dtype = a
        elif isinstance(a, Tensor):
            dtype, device = a.dtype, a.device
        elif isinstance(a, (str, Device)):
            device = a
    target = self.device if device is None else Device(device)
    if target.type == "cuda":
        raise RuntimeError("refgrad was not built with CUDA: no CUDA device")
    if (dtype is None or self.dtype == dtype) and target.type == self.device.type:
        return shape.clone(self) if copy else self
    y = cast(self, dtype=dtypes.to_array(self.dtype if dtype is None else dtype))
    if target.type == "meta":
        creation._mark_meta(y)
    return y


def _to_dtype(dtype: dtypes.dtype) -> Callable[[Tensor], Tensor]:
    return lambda self, **_: shape.to_dtype(self, dtype)


def type_(self: Tensor, dtype: Any = None, **_: Any) -> Any:
    """This tensor in another dtype; without one, the name of its type."""  # noqa: D404 - a method gives this tensor back
    if dtype is None:
        name = self.dtype.name
        return f"torch.{_TITLES.get(name, name.title())}Tensor"
    return shape.to_dtype(self, dtype)


_TITLES = {"float32": "Float", "float64": "Double", "int64": "Long"}


def size(self: Tensor, dim: int | None = None) -> Any:
    """The shape, or its entry for one dimension."""
    return self.shape if dim is None else self.shape[dim]


def stride(self: Tensor, dim: int | None = None) -> Any:
    """The steps in memory from element to element along each dimension."""
    data = self._data
    steps = tuple(s // data.itemsize for s in data.strides)
    return steps if dim is None else steps[dim]


def storage_offset(self: Tensor) -> int:
    """How many elements of the storage come before the first."""
    owner = _owner(self._data)
    return (_address(self._data) - _address(owner)) // self._data.itemsize


def _owner(data: Any) -> Any:
    while getattr(data, "base", None) is not None and hasattr(data.base, "__array_interface__"):
        data = data.base
    return data


def _address(data: Any) -> int:
    return data.__array_interface__["data"][0]


class _Storage:
    """What tensors on the same memory share."""

    def __init__(self, x: Tensor) -> None:
        self._owner = _owner(x._data)

    def data_ptr(self) -> int:
        """The address of its first byte."""
        return _address(self._owner)

    def nbytes(self) -> int:
        """Its length in bytes."""
        return self._owner.nbytes

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
    if isinstance(data, Tensor):
        data = data._data
        return creation.tensor(data, dtype=dtype or dtypes.of(data.dtype), requires_grad=requires_grad)
    return creation.tensor(data, dtype=dtype or self.dtype, requires_grad=requires_grad)


def _new(make: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def new(self: Tensor, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
        return make(*size, dtype=self.dtype if dtype is None else dtype, **options)

    return new


def as_subclass(self: Tensor, cls: type[Any]) -> Any:
    """The same elements at the same place in the graph, as an instance of the class."""
    return alias(self, cls)


def map_method(self: Tensor, *args: Any) -> Any:
    """PyTorch's `where` as a method: the condition comes second."""
    return where(args[0], self, operand(args[1]))


def _pinned(self: Tensor) -> Tensor:
    return self


_MOUNTED: dict[str, Any] = {
    "fill_": fill_,
    "zero_": zero_,
    "copy_": copy_,
    "set_": set_,
    "apply_": apply_,
    "item": item,
    "tolist": tolist,
    "numpy": numpy,
    "__array__": __array__,
    "__bool__": _truth,
    "__float__": lambda self: float(item(self)),
    "__int__": lambda self: int(item(self)),
    "__complex__": lambda self: complex(item(self)),
    "__index__": lambda self: operator.index(item(self)),
    "__len__": __len__,
    "__iter__": __iter__,
    "__contains__": __contains__,
    "__deepcopy__": __deepcopy__,
    "__reduce_ex__": __reduce_ex__,
    "to": to,
    "type": type_,
    "size": size,
    "stride": stride,
    "storage_offset": storage_offset,
    "is_contiguous": is_contiguous,
    "new_tensor": new_tensor,
    "as_subclass": as_subclass,
    "where": map_method,
    "backward": backward_of,
    "__repr__": tensor_text,
    "numel": lambda self: _numel(self),
    "nelement": lambda self: _numel(self),
    "dim": lambda self: self.ndim,
    "ndimension": lambda self: self.ndim,
    "element_size": lambda self: self._data.itemsize,
    "data_ptr": lambda self: _address(self._data),
    "untyped_storage": lambda self: _Storage(self),
    "storage": lambda self: _Storage(self),
    "is_floating_point": lambda self: self.dtype.is_floating_point,
    "is_complex": lambda self: self.dtype.is_complex,
    "is_signed": lambda self: self.dtype.is_signed,
    "is_conj": lambda self: False,
    "is_neg": lambda self: False,
    "cpu": _pinned,
    "type_as": lambda self, other: shape.to_dtype(self, other.dtype),
    "half": _to_dtype(dtypes.float16),
    "float": _to_dtype(dtypes.float32),
    "double": _to_dtype(dtypes.float64),
    "bfloat16": _to_dtype(dtypes.bfloat16),
    "long": _to_dtype(dtypes.int64),
    "int": _to_dtype(dtypes.int32),
    "short": _to_dtype(dtypes.int16),
    "char": _to_dtype(dtypes.int8),
    "byte": _to_dtype(dtypes.uint8),
    "bool": _to_dtype(dtypes.bool),
    "cfloat": _to_dtype(dtypes.complex64),
    "cdouble": _to_dtype(dtypes.complex128),
    "new_zeros": _new(creation.zeros),
    "new_ones": _new(creation.ones),
    "new_empty": _new(creation.empty),
    "new_full": _new(creation.full),
    "__format__": lambda self, spec: (
        format(item(self), spec) if not self.ndim and self._level is None else object.__format__(self, spec)
    ),
    "normal_": _randomised(lambda r, s, mean=0.0, std=1.0: r.standard_normal(s) * std + mean),
    "uniform_": _randomised(
        lambda r, s, a=0.0, b=1.0, **k: r.random(s) * (k.get("to", b) - k.get("from", a)) + k.get("from", a)
    ),
    "bernoulli_": _randomised(lambda r, s, p=0.5: r.random(s) < (p._data if isinstance(p, Tensor) else p)),
    "exponential_": _randomised(lambda r, s, lambd=1.0: r.exponential(1 / lambd, s)),
    "random_": _randomised(lambda r, s, a=0, b=2**24: r.integers(a, b, s)),
    "t_": _view_in_place(shape.t),
    "transpose_": _view_in_place(shape.transpose),
    "squeeze_": _view_in_place(shape.squeeze),
    "unsqueeze_": _view_in_place(shape.unsqueeze),
    "swapaxes_": _view_in_place(shape.transpose),
    "bernoulli": creation.bernoulli,
    "T": property(lambda self: shape_ops.t(self)),
    "mT": property(lambda self: shape_ops.mT(self)),
    "H": property(shape.adjoint),
    "mH": property(shape.adjoint),
    "real": property(complex_.real, lambda self, v: copy_(complex_.real(self), v)),
    "imag": property(complex_.imag, lambda self, v: copy_(complex_.imag(self), v)),
    "is_cuda": False,
    "is_sparse": False,
    "is_quantized": False,
    "is_meta": property(lambda self: self._meta),
    "is_cpu": property(lambda self: not self._meta),
    "layout": "torch.strided",
    "is_nested": False,
    "itemsize": property(lambda self: self._data.itemsize),
    "nbytes": property(lambda self: self._data.nbytes),
    "is_shared": lambda self: False,
    "pin_memory": _pinned,
    "__dlpack_device__": lambda self: (1, 0),
    "add": FUNCTIONS["add"],
}


def _numel(self: Tensor) -> int:
    n = 1
    for k in self.shape:
        n *= k
    return n


for _key, _value in {**names.METHODS, **_MOUNTED}.items():
    setattr(Tensor, _key, _value)
for _key in names.IN_PLACE:
    setattr(Tensor, f"{_key}_", _in_place(names.METHODS[_key], f"{_key}_"))
del _key, _value
Tensor.__hash__ = object.__hash__
TORCH_FUNCTIONS = {
    name: with_out(f)
    for name, f in {**FUNCTIONS, **names.TORCH}.items()
    if name not in {"getitem", "setitem", "copied", "to_dtype"}
}
__all__ = ["CPU", "META", "sizes"]
