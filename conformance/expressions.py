"""How PyTorch code spells operands, calls and operators. Statements are put together in `spelling`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from conformance.literals import index, literal
from conformance.operators import specs
from conformance.operators.spec import VARIADIC
from conformance.program import Ref, Statement

_INFIX = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "matmul": "@",
    "pow": "**",
    "div": "/",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
}
_METHODS = frozenset(
    "view expand to repeat type_as expand_as view_as reshape_as sum_to_size contiguous unfold __radd__ __rsub__ __rmul__ __rdiv__ "
    "__rpow__ __rmod__ __rmatmul__".split()
)
"""What PyTorch offers on tensors only."""
_OTHER_DEFAULTS = ("nn.functional.", "native_", "stft")
"""Beginnings of the names of operators that PyTorch gives other defaults, or none."""


def operand(value: Any) -> str:
    """A name, a literal, or a tuple of these."""
    if isinstance(value, Ref):
        return value.name
    if isinstance(value, tuple):
        inner = ", ".join(map(operand, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return literal(value)


def _factor(value: Any) -> str:
    """An operand of an infix operator; negative numbers in parentheses, since ** binds tighter than their sign."""
    text = operand(value)
    return f"({text})" if text.startswith("-") else text


def _keyword(name: str, value: Any) -> str:
    if "dtype" in name and isinstance(value, str):
        return f"{name}=torch.{value}"
    return f"{name}={operand(value)}"


def call(function: str, args: Iterable[Any], kw: Mapping[str, Any]) -> str:
    """A call with these arguments."""
    return f"{function}({', '.join([*map(operand, args), *(_keyword(k, v) for k, v in kw.items())])})"


def given(s: Statement) -> dict[str, Any]:
    """The attributes that are not at their default; all of what PyTorch gives other defaults, or none."""
    known = s.name in specs() and not s.name.startswith(_OTHER_DEFAULTS)
    defaults = specs()[s.name].attributes if known else {}
    return {k: v for k, v in s.kw.items() if k not in defaults or (type(v), v) != (type(defaults[k]), defaults[k])}


def expression(name: str, args: Sequence[Any], kw: Mapping[str, Any]) -> str:
    """An operator as people write it: infix where Python has a sign for it."""
    if name in ("add", "sub") and "alpha" in kw:
        return f"{_factor(args[0])} {_INFIX[name]} {operand(kw['alpha'])} * {_factor(args[1])}"
    if name in _INFIX and not kw:
        return f"{_factor(args[0])} {_INFIX[name]} {_factor(args[1])}"
    if name in _SYNTAX:
        return _SYNTAX[name](args, kw)
    if name in VARIADIC:
        return call(f"torch.{name}", args[0], kw)
    if name in _METHODS:
        return call(f"{operand(args[0])}.{name}", args[1:], kw)
    return call(f"torch.{name}", args, kw)


def bracketed(value: Any) -> str:
    """What stands between the brackets of an indexing."""
    return value.name if isinstance(value, Ref) else index(value)


def along(dim: int, part: slice) -> tuple[Any, ...]:
    """The index that takes a part of one dimension.

    >>> along(1, slice(2)), along(-1, slice(2))
    ((slice(None, None, None), slice(None, 2, None)), (Ellipsis, slice(None, 2, None)))
    """
    whole = slice(None)
    return (Ellipsis, part, *(whole,) * (-1 - dim)) if dim < 0 else (*(whole,) * dim, part)


def _sliced(args: Sequence[Any], kw: Mapping[str, Any]) -> str:
    return f"{operand(args[0])}[{bracketed(along(kw.get('dim', 0), slice(kw.get('start'), kw.get('end'), kw.get('step'))))}]"


_SYNTAX: Mapping[str, Callable[[Sequence[Any], Mapping[str, Any]], str]] = {
    "neg": lambda args, _: f"-{_factor(args[0])}",
    "getitem": lambda args, kw: f"{operand(args[0])}[{bracketed(kw['index'])}]",
    "slice": _sliced,
    "zero_": lambda args, _: f"{operand(args[0])}.clone().zero_()",
    "einsum": lambda args, kw: call("torch.einsum", [kw["equation"], *args[0]], {}),
    "index_put": lambda args, kw: call("torch.index_put", [args[0], (args[1],), args[2]], kw),
    "polygamma": lambda args, kw: call("torch.polygamma", [kw["n"], *args], {}),
    "special.polygamma": lambda args, kw: call("torch.special.polygamma", [kw["n"], *args], {}),
    **{name: lambda args, _, name=name: f"{operand(args[0])}.{name}" for name in ("H", "T", "mH", "mT")},
}
"""What PyTorch spells otherwise than as a call of a function with these arguments."""
