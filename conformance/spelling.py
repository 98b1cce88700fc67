"""How PyTorch code spells each kind of statement, one source line per step. Scripts are put together in `printing`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.errors import SuiteFault
from conformance.expressions import bracketed, call, expression, given, operand
from conformance.literals import tensor
from conformance.operators import specs
from conformance.program import Program, Ref, Statement


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
    return frozenset(_SPELLINGS) | _OF_FUNCTIONS


# operands and calls


def _block(s: Statement, scope: Scope) -> list[str]:
    return ["    " + line for line in lines(s.body, scope)] or ["    pass"]


def _effect(s: Statement, scope: Scope, expression: str) -> list[str]:
    """The expression; assigned only if its name is read later, since it works by its effect."""
    return [f"{s.out[0]} = {expression}" if s.out and s.out[0] in scope.used else expression]


# operators


def _op(s: Statement, _scope: Scope) -> list[str]:
    several = len(s.out) == 1 and s.name in specs() and specs()[s.name].outputs is None
    return [f"{', '.join(s.out)}{',' if several else ''} = {expression(s.name, s.args, given(s))}"]


def _inplace(s: Statement, scope: Scope) -> list[str]:
    target = operand(s.args[0])
    if s.name != "setitem":
        return _effect(s, scope, call(f"{target}.{s.name}", s.args[1:], s.kw))
    alias = [f"{s.out[0]} = {target}"] if s.out and s.out[0] in scope.used else []
    return [f"{target}[{bracketed(s.kw['index'])}] = {operand(s.args[1])}", *alias]


# gradients


def _backward(s: Statement, _scope: Scope) -> list[str]:
    roots, cotangents = s.args[0], s.kw.get("grad_tensors")
    options = {k: v for k, v in s.kw.items() if k != "grad_tensors"}
    given = [] if cotangents is None else [cotangents]
    if isinstance(roots, tuple) or isinstance(cotangents, tuple):
        return [call("torch.autograd.backward", [roots, *given], options)]
    return [call(f"{operand(roots)}.backward", given, options)]


def _grad(s: Statement, _scope: Scope) -> list[str]:
    given = [] if s.kw.get("grad_outputs") is None else [s.kw["grad_outputs"]]
    options = {k: v for k, v in s.kw.items() if k != "grad_outputs"}
    targets = ", ".join(s.out) + ("," if len(s.out) == 1 else "")
    return [f"{targets} = {call('torch.autograd.grad', [*s.args, *given], options)}"]


# blocks


_OF_FUNCTIONS = frozenset({"function", "parameter", "result"})  # spelled with the statement whose body they are in


def _jvp(s: Statement, scope: Scope) -> list[str]:
    if s.name == "func":
        name, count = f"function_{s.out[0]}", len(s.body[-1].args)
        targets = f"{_tuple(s.out[:count])}, {_tuple(s.out[count:])}"
        return [*_of_tensors(name, s, scope), f"{targets} = {call('torch.func.jvp', (Ref(name), *s.args), {})}"]
    forward = "torch.autograd.forward_ad"
    parameters = [inner.out[0] for inner in s.body if inner.do == "parameter"]
    duals = zip(parameters, s.args[0], s.args[1], strict=True)
    results = s.body[-1].args
    pairs = zip(s.out[: len(results)], s.out[len(results) :], results, strict=True)
    return [
        f"with {forward}.dual_level():",
        *(f"    {name} = {call(f'{forward}.make_dual', (x, t), {})}" for name, x, t in duals),
        *("    " + line for line in lines((inner for inner in s.body if inner.do not in _OF_FUNCTIONS), scope)),
        *(f"    {y}, {t} = {call(f'{forward}.unpack_dual', (result,), {})}" for y, t, result in pairs),
    ]


def _vjp(s: Statement, scope: Scope) -> list[str]:
    name, pull_back, count = f"function_{s.out[0]}", f"pull_back_{s.out[0]}", len(s.body[-1].args)
    return [
        *_of_tensors(name, s, scope),
        f"{_tuple(s.out[:count])}, {pull_back} = {call('torch.func.vjp', (Ref(name), *s.args[0]), {})}",
        f"{_tuple(s.out[count:])} = {call(pull_back, (s.args[1],), {})}",
    ]


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _of_tensors(name: str, s: Statement, scope: Scope) -> list[str]:
    """The body as a function whose result is a tuple, however many there are."""
    *body, last = _function(name, s, scope)
    return [*body, f"{last}," if len(s.body[-1].args) == 1 else last]


def _function(
    name: str, s: Statement, scope: Scope, *, first: Sequence[str] = (), last: Sequence[str] = ()
) -> list[str]:
    """The body of a statement as a function; `first` are parameters before its own, `last` lines before its result."""
    parameters = [*first, *(inner.out[0] for inner in s.body if inner.do == "parameter")]
    results = s.body[-1].args
    inner = [*lines((i for i in s.body if i.do not in _OF_FUNCTIONS), scope), *last]
    if results:
        inner.append(f"return {', '.join(map(operand, results))}")
    return [f"def {name}({', '.join(parameters)}):", *("    " + line for line in inner or ["pass"])]


def _hook(method: str) -> Callable[[Statement, Scope], list[str]]:
    def spelling(s: Statement, scope: Scope) -> list[str]:
        name = f"hook_{s.out[0]}"
        return [*_function(name, s, scope), *_effect(s, scope, f"{operand(s.args[0])}.{method}({name})")]

    return spelling


def _custom(s: Statement, scope: Scope) -> list[str]:
    """A subclass of Function, which is what PyTorch calls a function with a rule of its own."""
    forward, rule = s.body
    kept = ", ".join(s.kept)
    save, load = [f"ctx.save_for_backward({kept})"] * bool(kept), [f"({kept},) = ctx.saved_tensors"] * bool(kept)
    backward = _function("backward", rule, scope, first=["ctx"])
    methods = [
        "@staticmethod",
        *_function("forward", forward, scope, first=["ctx"], last=save),
        "@staticmethod",
        *(backward[:1] + ["    " + line for line in load] + backward[1:]),
    ]
    return [
        "class Rule(torch.autograd.Function):",
        *("    " + line for line in methods),
        f"{', '.join(s.out)} = {call('Rule.apply', s.args, {})}",
    ]


def _zero_grad(s: Statement, _scope: Scope) -> list[str]:
    return [f"torch.optim.SGD([{', '.join(map(operand, s.args))}], lr=0.0).{call('zero_grad', (), s.kw)}"]


def _mode(s: Statement, scope: Scope) -> list[str]:
    return [f"with {call(f'torch.{s.name}', s.args, s.kw)}:", *_block(s, scope)]


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
    names = [operand(a) for a in s.args]
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
    "version": "{}._version",
    "stride": "{}.stride()",
    "is_inference": "{}.is_inference()",
    "python": "{}.tolist()",
}

_SPELLINGS: Mapping[str, Callable[[Statement, Scope], list[str]]] = {
    "leaf": lambda s, _: [f"{s.out[0]} = {tensor(s.args[0], requires_grad=s.kw['requires_grad'])}"],
    "op": _op,
    "view": _op,
    "inplace": _inplace,
    "detach": lambda s, _: [f"{s.out[0]} = {operand(s.args[0])}.detach()"],
    "detach_": lambda s, scope: _effect(s, scope, f"{operand(s.args[0])}.detach_()"),
    "backward": _backward,
    "grad": _grad,
    "get_grad": lambda s, _: [f"{s.out[0]} = {operand(s.args[0])}.grad"],
    "set_grad": lambda s, _: [f"{operand(s.args[0])}.grad = {operand(s.args[1])}"],
    "set_requires_grad": lambda s, _: [f"{operand(s.args[0])}.requires_grad = {operand(s.args[1])}"],
    "requires_grad_": lambda s, scope: _effect(s, scope, call(f"{operand(s.args[0])}.requires_grad_", s.args[1:], {})),
    "retain_grad": lambda s, _: [f"{operand(s.args[0])}.retain_grad()"],
    "jvp": _jvp,
    "vjp": _vjp,
    "hook": _hook("register_hook"),
    "post_hook": _hook("register_post_accumulate_grad_hook"),
    "remove_hook": lambda s, _: [f"{operand(s.args[0])}.remove()"],
    "custom": _custom,
    "zero_grad": _zero_grad,
    "mode": _mode,
    "raises": _raises,
    "warns": _warns,
    "read": _read,
}
