"""The call forms that PyTorch's functions share: dimensions, operands, `out=`, results with named fields."""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Callable
from typing import Any

from refgrad.backends import beside
from refgrad.modes import state
from refgrad.rules import Operator
from refgrad.tensor import Tensor, wrap

_NONE: dict[str, Any] = {}
NUMBERS = (bool, int, float, complex)


def checked(x: Any, name: str, position: str = "input") -> Any:
    """`x`, if it is a tensor; PyTorch's TypeError if not."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{name}(): argument '{position}' must be Tensor, not {type(x).__name__}")
    return x


def operand(x: Any) -> Any:
    """A tensor or a number, as an operator takes it: scalars of the array library become numbers."""
    if isinstance(x, (Tensor, *NUMBERS)):
        return x
    if hasattr(x, "item") and hasattr(x, "dtype"):
        return x.item() if not getattr(x, "shape", ()) else wrap(x)
    raise TypeError(f"unsupported operand: expected a Tensor or a number, not {type(x).__name__}")


def placed(host: Any, like: Tensor) -> Tensor:
    """An array of the host as a tensor on the device of another."""
    return wrap(beside(host, like._data))


def number_for(x: Tensor, value: Any) -> Any:
    """The number in the category of the dtype of `x`, so that it does not promote."""
    if isinstance(value, complex) and not x.dtype.is_complex:
        raise RuntimeError(f"value cannot be converted to type {x.dtype} without overflow")
    if x.dtype.is_floating_point or x.dtype.is_complex:
        return value
    return bool(value) if x.dtype.name == "bool" else int(value)


def one_dim(dim: int, ndim: int) -> int:
    """A dimension counted from the front."""
    limit = max(ndim, 1)
    if not -limit <= dim < limit:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-limit}, {limit - 1}], but got {dim})")
    return dim % limit


def dims(dim: Any, x: Tensor) -> tuple[int, ...] | None:
    """Dimensions counted from the front, as a tuple; None for all of them."""
    if dim is None:
        return None
    ndim = len(x._data.shape) if x._level is None else x.ndim
    found = (dim,) if isinstance(dim, int) else tuple(dim)
    if not ndim:
        for d in found:
            one_dim(d, ndim)
        return ()
    return tuple(one_dim(d, ndim) for d in found) or None


def sizes(args: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given one by one or as one sequence."""
    if len(args) == 1 and not isinstance(args[0], int) and not isinstance(args[0], Tensor):
        args = tuple(args[0])
    return tuple(map(int, args))


def one_by_one(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For functions whose sizes may be given one by one: lets the whole sequence be given by its keyword too."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def public(input: Tensor, *args: Any, **named: Any) -> Any:
            return function(input, named.pop(name), **named) if name in named else function(input, *args, **named)

        return public

    return decorate


def with_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, also taking `out=`: the tensor to write the result into."""
    if getattr(function, "takes_out", False):
        return function

    @functools.wraps(function)
    def public(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        if out is None:
            return function(*args, **kwargs)
        given = [a for a in (*args, *kwargs.values(), out) if isinstance(a, Tensor)]
        if state.grad and not state.inference and any(a.requires_grad for a in given):
            raise RuntimeError(
                f"{function.__name__}(): functions with out=... arguments don't support automatic differentiation, "
                "but one of the arguments requires grad."
            )
        result = function(*args, **kwargs)
        if any(r._level is not None for r in (result if isinstance(result, tuple) else (result,))):
            raise RuntimeError(f"vmap: {function.__name__}(): batches cannot be written to out=")
        if isinstance(out, (tuple, list)):
            for o, r in zip(out, result, strict=True):
                _fill_out(o, r)
            return result
        _fill_out(out, result)
        return out

    return public


def _fill_out(out: Tensor, result: Tensor) -> None:
    from refgrad.inplace import write

    if out._data.shape != result._data.shape:
        out._data = result._data.astype(out._data.dtype)
        out._cell[0] += 1
    else:
        write(out, result._data)


@functools.cache
def fields(name: str, *names: str) -> type:
    """The type of a result with several named parts."""
    made = namedtuple(name, names)  # noqa: PYI024, the names come from the caller
    made.__repr__ = lambda self: (
        f"torch.return_types.{name}(\n" + ",\n".join(f"{k}={getattr(self, k)!r}" for k in names) + ")"
    )
    return made


def unary(op: Operator, name: str | None = None) -> Callable[..., Any]:
    """The public function of an operator of one tensor."""
    apply, public = Tensor.__apply__, name or op.name

    def function(input: Any, *, out: Any = None) -> Any:
        if not isinstance(input, Tensor):
            checked(input, public)
        return apply(op, (input,), _NONE) if out is None else written(input, out=out)

    function.__name__ = public
    function.takes_out = True

    def bare(input: Any) -> Any:
        return apply(op, (input,), _NONE)

    bare.__name__ = public
    written = with_out(bare)
    return function


def binary(op: Operator, name: str | None = None) -> Callable[..., Any]:
    """The public function of an operator of two operands."""
    public = name or op.name

    def function(input: Any, other: Any) -> Any:
        return op(operand(input), operand(other))

    function.__name__ = public
    return function


def plain(op: Operator) -> Callable[..., Any]:
    """The public function of an operator whose attributes PyTorch names alike."""

    def function(*args: Any, **attrs: Any) -> Any:
        return op(*args, **attrs)

    function.__name__ = op.name
    return function
