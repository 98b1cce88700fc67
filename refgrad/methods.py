"""Mounts the public functions on the tensor: operators of Python, methods, methods that modify in place."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from refgrad import creation, dtypes, random
from refgrad.api import arithmetic, comparison, indexing, linalg, names, positions, reduction, scaling, shape, splitting
from refgrad.api import complex as complex_
from refgrad.api.forms import operand, sizes, with_out
from refgrad.api.naming import recorded_as
from refgrad.attributes import CPU, META
from refgrad.backends import namespace
from refgrad.conversion import (
    __array__,
    __contains__,
    __deepcopy__,
    __iter__,
    __len__,
    __reduce_ex__,
    _new,
    _numel,
    _Storage,
    _to_dtype,
    _truth,
    as_subclass,
    cpu,
    cuda,
    is_contiguous,
    item,
    new_tensor,
    numpy,
    size,
    storage_offset,
    stride,
    to,
    tolist,
    type_,
)
from refgrad.dispatch import PUBLIC
from refgrad.gradients import backward_of
from refgrad.ops import arithmetic as ops
from refgrad.ops import shape as shape_ops
from refgrad.ops.comparison import bitwise_and, bitwise_not, bitwise_or, bitwise_xor, eq, ge, gt, le, lt, ne
from refgrad.printing import tensor_text
from refgrad.record import apply
from refgrad.rules import where
from refgrad.tensor import Tensor
from refgrad.writing import _in_place, _randomised, _view_in_place, apply_, copy_, fill_, set_, zero_

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

Tensor.__rsub__ = lambda self, other: (
    arithmetic.rsub(self, other) if isinstance(other, Tensor) else apply(ops.rsub, (self, other), _NONE)
)

_quotient = recorded_as("MulBackward0")(arithmetic.div)  # of tensors without 1 / x, whose square may overflow

Tensor.__rdiv__ = Tensor.__rtruediv__ = lambda self, other: (
    _quotient(other, self) if isinstance(other, Tensor) else apply(ops.reciprocal, (self,), _NONE) * other
)

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

CHAPTERS = (arithmetic, scaling, comparison, reduction, shape, splitting, indexing, positions, linalg, complex_)

_NOT_METHODS = {
    "complex",
    "polar",
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


_FORMS = {
    "binary",
    "unary",
    "operand",
    "number_for",
    "dims",
    "one_dim",
    "sizes",
    "fields",
    "plain",
    "with_out",
    "checked",
}

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
    "nan_to_num remainder fmod fmax fmin deg2rad rad2deg floor_divide atan2 copysign hypot subtract multiply divide true_divide negative "
    "absolute fix "
    "eq ne lt le gt ge logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor bitwise_not "
    "masked_fill masked_scatter put scatter scatter_add index_add index_copy index_fill index_put triu tril addmm addmv "
    "addr baddbmm "
    "float_power ldexp nextafter sgn conj_physical arcsin arccos arctan arctan2 arcsinh arccosh arctanh"
).split()

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
    "data_ptr": lambda self: namespace(self._data).address(self._data),
    "untyped_storage": lambda self: _Storage(self),
    "storage": lambda self: _Storage(self),
    "is_floating_point": lambda self: self.dtype.is_floating_point,
    "is_complex": lambda self: self.dtype.is_complex,
    "is_signed": lambda self: self.dtype.is_signed,
    "is_conj": lambda self: False,
    "is_neg": lambda self: False,
    "cpu": cpu,
    "cuda": cuda,
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
    "swapdims_": _view_in_place(shape.transpose),
    "as_strided_": _view_in_place(shape.as_strided),
    "bernoulli": random.bernoulli,
    "T": property(lambda self: shape_ops.permute(self, dims=tuple(reversed(range(self.ndim))))),
    "mT": property(lambda self: shape_ops.mT(self)),
    "H": property(shape.adjoint),
    "mH": property(shape.adjoint),
    "real": property(complex_.real, lambda self, v: copy_(complex_.real(self), v)),
    "imag": property(complex_.imag, lambda self, v: copy_(complex_.imag(self), v)),
    "is_cuda": property(lambda self: self.device.type == "cuda"),
    "is_sparse": False,
    "is_quantized": False,
    "is_meta": property(lambda self: self._meta),
    "is_cpu": property(lambda self: self.device.type == "cpu"),
    "get_device": lambda self: -1 if self.device.index is None else self.device.index,
    "layout": "torch.strided",
    "is_nested": False,
    "itemsize": property(lambda self: self._data.itemsize),
    "nbytes": property(lambda self: self._data.nbytes),
    "is_shared": lambda self: False,
    "pin_memory": _pinned,
    "__dlpack_device__": lambda self: (2, 0) if self.device.type == "cuda" else (1, 0),
    "add": FUNCTIONS["add"],
}

for _key, _value in {**names.METHODS, **_MOUNTED}.items():
    setattr(Tensor, _key, _value)

for _key in names.IN_PLACE:
    setattr(Tensor, f"{_key}_", _in_place(names.METHODS[_key], f"{_key}_"))

del _key, _value

Tensor.__hash__ = object.__hash__

_ALSO_FUNCTIONS = (
    "abs acos acosh addmv arccos arccosh arcsin arcsinh arctan arctanh as_strided asin asinh atan atanh ceil clamp clamp_max "
    "clamp_min clip conj_physical cos cosh deg2rad detach erf erfc exp exp2 expm1 fill fix floor frac index_put ldexp log "
    "log10 log1p log2 logit nan_to_num neg negative rad2deg reciprocal relu round rsqrt sigmoid sin sinc sinh sqrt square "
    "tan tanh trunc xlogy zero"
).split()
"""What PyTorch's main namespace has in place too, as in ``torch.zero_(x)``."""

TORCH_FUNCTIONS = {f"{name}_": getattr(Tensor, f"{name}_") for name in _ALSO_FUNCTIONS} | {
    name: with_out(f)
    for name, f in {**FUNCTIONS, **names.TORCH}.items()
    if name not in {"getitem", "setitem", "copied", "to_dtype"}
}

PUBLIC.update(TORCH_FUNCTIONS)

__all__ = ["CPU", "META", "sizes"]
