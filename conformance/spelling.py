"""How PyTorch code spells each kind of statement, one source line per step. Scripts are put together in `printing`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.errors import SuiteFault
from conformance.literals import index, literal, tensor
from conformance.operators import specs
from conformance.program import Program, Ref, Statement

_INFIX = {"add": "+", "sub": "-", "mul": "*", "matmul": "@", "pow": "**", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_METHODS = frozenset({"view", "expand", "to", "repeat", "type_as", "expand_as", "view_as", "contiguous", "unfold"})
"""What PyTorch offers on tensors only."""


@dataclass(frozen=True)
class Scope:
    """What the spelling of a statement depends on beyond itself: which names are read, and comments by read."""

    used: frozenset[str]
    notes: Mapping[str, str]

    @classmethod
    def of(cls, program: Program, notes: Mapping[str, str] | None = None) -> Scope:
        """The scope of a whole program."""
        return cls(frozenset(name for s in program.walk() for name in s.references()), notes or {})


def lines(statements: Iterable[Statement], scope: Scope) -> Iterator[str]:
    """The source lines of some statements, those of their blocks indented."""
    for s in statements:
        spelling = _SPELLINGS.get(s.do)
        if spelling is None:
            raise SuiteFault(f"no spelling for a statement {s.do!r}; add it to conformance/spelling.py")
        yield from spelling(s, scope)


def spelled() -> frozenset[str]:
    """The kinds of statement that can be spelled."""
    return frozenset(_SPELLINGS) | _OF_JVP


# operands and calls


def _operand(value: Any) -> str:
    if isinstance(value, Ref):
        return value.name
    if isinstance(value, tuple):
        inner = ", ".join(map(_operand, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return literal(value)


def _factor(value: Any) -> str:
    """An operand of an infix operator; negative numbers in parentheses, since ** binds tighter than their sign."""
    text = _operand(value)
    return f"({text})" if text.startswith("-") else text


def _keyword(name: str, value: Any) -> str:
    if "dtype" in name and isinstance(value, str):
        return f"{name}=torch.{value}"
    return f"{name}={_operand(value)}"


def _call(function: str, args: Iterable[Any], kw: Mapping[str, Any]) -> str:
    return f"{function}({', '.join([*map(_operand, args), *(_keyword(k, v) for k, v in kw.items())])})"


def _block(s: Statement, scope: Scope) -> list[str]:
    return ["    " + line for line in lines(s.body, scope)] or ["    pass"]


def _effect(s: Statement, scope: Scope, expression: str) -> list[str]:
    """The expression; assigned only if its name is read later, since it works by its effect."""
    return [f"{s.out[0]} = {expression}" if s.out and s.out[0] in scope.used else expression]


# operators


def _op(s: Statement, _scope: Scope) -> list[str]:
    several = len(s.out) == 1 and s.name in specs() and specs()[s.name].outputs is None
    return [f"{', '.join(s.out)}{',' if several else ''} = {_expression(s.name, s.args, _given(s))}"]


def _given(s: Statement) -> dict[str, Any]:
    """The attributes that are not at their default; of `nn.functional` all, where our defaults can differ."""
    known = s.name in specs() and not s.name.startswith("nn.functional.")
    defaults = specs()[s.name].attributes if known else {}
    return {k: v for k, v in s.kw.items() if k not in defaults or (type(v), v) != (type(defaults[k]), defaults[k])}


def _expression(name: str, args: Sequence[Any], kw: Mapping[str, Any]) -> str:
    """The call as people write it: infix where Python has a sign for it."""
    if name in ("add", "sub") and "alpha" in kw:
        return f"{_factor(args[0])} {_INFIX[name]} {_operand(kw['alpha'])} * {_factor(args[1])}"
    if name in _INFIX and not kw:
        return f"{_factor(args[0])} {_INFIX[name]} {_factor(args[1])}"
    if name == "div" and not kw:
        return f"{_factor(args[0])} / {_factor(args[1])}"
    if name == "neg":
        return f"-{_factor(args[0])}"
    if name == "getitem":
        return f"{_operand(args[0])}[{index(kw['index'])}]"
    if name in _METHODS:
        return _call(f"{_operand(args[0])}.{name}", args[1:], kw)
    return _call(f"torch.{name}", args, kw)


def _inplace(s: Statement, scope: Scope) -> list[str]:
    target = _operand(s.args[0])
    if s.name != "setitem":
        return _effect(s, scope, _call(f"{target}.{s.name}", s.args[1:], s.kw))
    alias = [f"{s.out[0]} = {target}"] if s.out and s.out[0] in scope.used else []
    return [f"{target}[{index(s.kw['index'])}] = {_operand(s.args[1])}", *alias]


# gradients


def _backward(s: Statement, _scope: Scope) -> list[str]:
    roots, cotangents = s.args[0], s.kw.get("grad_tensors")
    options = {k: v for k, v in s.kw.items() if k != "grad_tensors"}
    given = [] if cotangents is None else [cotangents]
    if isinstance(roots, tuple) or isinstance(cotangents, tuple):
        return [_call("torch.autograd.backward", [roots, *given], options)]
    return [_call(f"{_operand(roots)}.backward", given, options)]


def _grad(s: Statement, _scope: Scope) -> list[str]:
    given = [] if s.kw.get("grad_outputs") is None else [s.kw["grad_outputs"]]
    options = {k: v for k, v in s.kw.items() if k != "grad_outputs"}
    targets = ", ".join(s.out) + ("," if len(s.out) == 1 else "")
    return [f"{targets} = {_call('torch.autograd.grad', [*s.args, *given], options)}"]


# blocks


_OF_JVP = frozenset({"parameter", "result"})  # spelled with the statement whose body they are in


def _jvp(s: Statement, scope: Scope) -> list[str]:
    forward = "torch.autograd.forward_ad"
    parameters = [inner.out[0] for inner in s.body if inner.do == "parameter"]
    duals = zip(parameters, s.args[0], s.args[1], strict=True)
    results = s.body[-1].args
    pairs = zip(s.out[: len(results)], s.out[len(results) :], results, strict=True)
    return [
        f"with {forward}.dual_level():",
        *(f"    {name} = {_call(f'{forward}.make_dual', (x, t), {})}" for name, x, t in duals),
        *("    " + line for line in lines((inner for inner in s.body if inner.do not in _OF_JVP), scope)),
        *(f"    {y}, {t} = {_call(f'{forward}.unpack_dual', (result,), {})}" for y, t, result in pairs),
    ]


def _mode(s: Statement, scope: Scope) -> list[str]:
    return [f"with {_call(f'torch.{s.name}', s.args, s.kw)}:", *_block(s, scope)]


def _raises(s: Statement, scope: Scope) -> list[str]:
    (name,) = s.out
    return [
        "try:",
        *_block(s, scope),
        "except Exception as error:",
        _shown(name, "    ", ["type(error).__name__", "error"], scope, "raised"),
        "else:",
        f'    print("{name}:", "nothing was raised")',
    ]


def _warns(s: Statement, scope: Scope) -> list[str]:
    (name,) = s.out
    return [
        f"with warnings.catch_warnings(record=True) as {name}:",
        '    warnings.simplefilter("always")',
        *_block(s, scope),
        _shown(name, "", [f"[(w.category.__name__, str(w.message)) for w in {name}]"], scope, "warned"),
    ]


# observations


def _read(s: Statement, scope: Scope) -> list[str]:
    names = [_operand(a) for a in s.args]
    expression = _READS.get(s.name, f"{{}}.{s.name}").format(*names)
    label = expression if s.name in ("value", "is_grad_enabled") else f"{s.name} of {', '.join(names)}"
    return [_shown(s.out[0], "", [expression], scope, label)]


def _shown(name: str, indent: str, values: Iterable[str], scope: Scope, label: str) -> str:
    note = f"  # {scope.notes[name]}" if name in scope.notes else ""
    return f'{indent}print("{name}: {label}:", {", ".join(values)}){note}'


_READS: Mapping[str, str] = {
    "value": "{}",
    "grad_fn": "{0}.grad_fn and {0}.grad_fn.name()",
    "shape": "tuple({}.shape)",
    "repr": "repr({})",
    "is_none": "{} is None",
    "same": "{} is {}",
    "shares_storage": "{}.data_ptr() == {}.data_ptr()",
    "is_grad_enabled": "torch.is_grad_enabled()",
    "python": "{}.tolist()",
}

_SPELLINGS: Mapping[str, Callable[[Statement, Scope], list[str]]] = {
    "leaf": lambda s, _: [f"{s.out[0]} = {tensor(s.args[0], requires_grad=s.kw['requires_grad'])}"],
    "op": _op,
    "inplace": _inplace,
    "detach": lambda s, _: [f"{s.out[0]} = {_operand(s.args[0])}.detach()"],
    "detach_": lambda s, scope: _effect(s, scope, f"{_operand(s.args[0])}.detach_()"),
    "backward": _backward,
    "grad": _grad,
    "get_grad": lambda s, _: [f"{s.out[0]} = {_operand(s.args[0])}.grad"],
    "set_grad": lambda s, _: [f"{_operand(s.args[0])}.grad = {_operand(s.args[1])}"],
    "set_requires_grad": lambda s, _: [f"{_operand(s.args[0])}.requires_grad = {_operand(s.args[1])}"],
    "requires_grad_": lambda s, scope: _effect(
        s, scope, _call(f"{_operand(s.args[0])}.requires_grad_", s.args[1:], {})
    ),
    "retain_grad": lambda s, _: [f"{_operand(s.args[0])}.retain_grad()"],
    "jvp": _jvp,
    "mode": _mode,
    "raises": _raises,
    "warns": _warns,
    "read": _read,
}
