"""The kinds of row of which the derivative table in `refgrad.ops` is made.

A row types a derivative once; reverse mode, forward mode and every higher order follow from its kind. Rules are written
in refgrad's own operators and Python's arithmetic, so that they take tensors (recorded) and bare arrays (computed at
once) alike. A parameter of a rule whose name begins with an underscore is not saved: the rule sees its `shape` and
`dtype` only.
"""

from __future__ import annotations

import dis
import functools
import inspect
import types
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from refgrad.backends import HOME_TYPE, moved, namespace, of_type
from refgrad.dtypes import float32, float64

_F32, _F64 = float32.array, float64.array
UNUSED, SHAPE, VALUE = 0, 1, 2
"""What a rule looks at in one of its arguments."""


class Recorded:
    """Base of what records the operators applied to it (tensors); an operator that meets one hands itself over."""

    __slots__ = ()

    @staticmethod
    def __apply__(op: Operator, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
        raise NotImplementedError


class Meta(NamedTuple):
    """What remains of an argument whose value was not saved."""

    shape: tuple[int, ...]
    dtype: Any

    @property
    def ndim(self) -> int:
        return len(self.shape)


class Rule:
    """One function of the table, with the arguments that it looks at."""

    __slots__ = ("function", "keywords", "names", "rest")

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        parameters = inspect.signature(function).parameters.values()
        self.names = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
        self.rest = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), None)
        self.keywords = tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)

    def looks(self, position: int) -> int:
        """UNUSED, SHAPE or VALUE: what it needs of the argument at this position."""
        name = self.names[position] if position < len(self.names) else self.rest
        if name is None:
            return UNUSED
        return (SHAPE if self._mentions(name) else UNUSED) if name.startswith("_") else VALUE

    def _mentions(self, name: str) -> bool:
        code = getattr(self.function, "__code__", None)
        if code is None or name in code.co_cellvars:
            return True
        # From Python 3.13 on an instruction may load two variables, and names both.
        loaded = [i.argval for i in dis.get_instructions(code)]
        return any(name == v or (isinstance(v, tuple) and name in v) for v in loaded)

    def at_home(self) -> Rule:
        """The same rule for arrays of the default backend: each operator in it is bound there once, and not looked for
        at every call.
        """
        if not isinstance(self.function, types.FunctionType):
            return self
        known, code = self.function.__globals__, self.function.__code__
        bound = {k: known[k].bound(HOME_TYPE) for k in code.co_names if isinstance(known.get(k), Operator)}
        if not bound:
            return self
        function = types.FunctionType(
            code, {**known, **bound}, self.function.__name__, self.function.__defaults__, self.function.__closure__
        )
        function.__kwdefaults__ = self.function.__kwdefaults__
        return Rule(function)

    def bind(self, argument: int) -> Callable[[tuple[Any, ...], dict[str, Any]], Any]:
        """A call of the rule for this argument, taking the positional values and the attributes."""
        function, keywords = self.function, self.keywords
        if not keywords:
            return lambda values, attrs: function(*values)
        names = tuple(k for k in keywords if k != "argument")
        if len(names) == len(keywords):
            every = frozenset(names)
            return lambda values, attrs: (
                function(*values, **attrs)
                if attrs.keys() == every
                else function(*values, **{k: attrs[k] for k in names if k in attrs})
            )
        return lambda values, attrs: function(*values, argument=argument, **{k: attrs[k] for k in names if k in attrs})


Pulls = tuple[tuple[int, Callable[..., Any]], ...]


class Plan:
    """What an operator does for one subset of differentiated arguments."""

    __slots__ = ("arguments", "at_home", "keeps", "looks", "pulls", "result", "save", "unused", "whole")

    def __init__(self, result: int, arguments: tuple[int, ...], pulls: Pulls, at_home: Pulls) -> None:
        self.result, self.arguments = result, arguments  # what the rules need of each: UNUSED, SHAPE or VALUE
        self.pulls = pulls  # (argument, pull(g, y, xs, attrs)) for those differentiated
        self.at_home = at_home  # the same for bare arrays of the default backend
        self.keeps = VALUE in (result, *arguments)  # whether any value is saved
        self.looks = any(arguments)  # whether anything of any argument is
        self.whole = all(a == VALUE for a in arguments)  # whether all of every argument is
        self.unused = (None,) * len(arguments)
        self.save: Any = None  # how: set by what records


def _named(name: str) -> Callable[..., Any]:
    return lambda xp, *xs, **attrs: getattr(xp, name)(*xs, **attrs)


class Operator:
    """A function that PyTorch documents: how to compute it, and its derivative by the kind of its row.

    Arrays are positional, metadata is keyword-only. Called with a tensor, the operator hands itself over, to be
    recorded;
    called with bare arrays it computes.
    """

    differentiable = True
    promotes: str | None = None
    _layout: tuple[int | None, int] = (None, 1)
    """Where a rule of this kind expects the result (None: nowhere), and where the arguments begin."""

    def __init__(
        self,
        name: str,
        rules: Sequence[Callable[..., Any] | float | None],
        *,
        kernel: Callable[..., Any] | str | None = None,
        node: str | Callable[..., str] | None = None,
        outputs: int = 1,
        discrete_outputs: tuple[int, ...] = (),
        view: bool = False,
        promotes: str | None = None,
        plain: Sequence[Callable[..., Any] | float | None] | None = None,
        keeps: tuple[int, ...] | None = None,
        accepts: Callable[..., None] | None = None,
    ) -> None:
        self.name = name
        self.direct = kernel if isinstance(kernel, str) else None if kernel else name  # the backends' own function
        self.kernel = kernel if callable(kernel) else _named(self.direct)
        self.rules = tuple(Rule(r) if callable(r) else r for r in rules)
        self.plain = None if plain is None else tuple(Rule(r) if callable(r) else r for r in plain)
        self.node = node or f"{''.join(part.capitalize() for part in name.split('_'))}Backward0"
        self.outputs = outputs  # 1: an array; 0: a tuple as long as the attributes say; n: a tuple of n
        self.discrete_outputs = discrete_outputs  # positions of outputs without a derivative, such as indices
        self.view = view  # the result shares the storage of the first argument
        self.keeps = keeps  # which of several outputs are saved when a rule reads `y` (None: all)
        self.accepts = accepts  # raises for dtypes of the operands that PyTorch refuses, where these are not all floats
        if promotes is not None:
            self.promotes = None if promotes == "none" else promotes
        self._plans: dict[tuple[bool, ...], Plan] = {}
        self.planned: dict[int, Plan] = {}  # the same by a bit per argument, with a leading one
        self.runs: dict[type, Callable[..., Any]] = {}  # the kernel bound to the backend of a type of array
        self.is_renamed = callable(node)  # the name of its nodes depends on the arguments
        self.is_simple = outputs == 1 and not view and not callable(node) and self.differentiable

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} operator {self.name}>"

    def __call__(self, *args: Any, **attrs: Any) -> Any:
        kind = type(args[0])
        run = self.runs.get(kind)
        if run is not None and (
            (count := len(args)) == 1
            or (count == 2 and ((other := type(args[1])) is kind or other is float or other is int))
            or all([type(x) in (kind, float, int) for x in args])  # noqa: C419 - a list is faster
        ):
            return run(*args, **attrs) if attrs else run(*args)
        for x in args:
            if isinstance(x, Recorded):
                return x.__apply__(self, args, attrs)
        if hasattr(args[0], "shape"):
            self.bound(kind)
        return self.kernel(namespace(*args), *args, **attrs)

    def bound(self, kind: type) -> Callable[..., Any]:
        """The kernel bound to the backend of arrays of this type, remembered."""
        run = self.runs.get(kind)
        if run is None:
            xp = of_type(kind)
            run = functools.partial(self.kernel, xp) if self.direct is None else getattr(xp, self.direct)
            self.runs[kind] = run
        return run

    def node_name(self, args: Sequence[Any], attrs: dict[str, Any]) -> str:
        """The name that PyTorch prints for the recorded operation, such as ``MulBackward0``."""
        return self.node if isinstance(self.node, str) else self.node(*args, **attrs)

    def promoted(self, xs: Sequence[Any], dtype: Any) -> Sequence[Any]:
        """The arguments as a recorded rule takes them: integers in the dtype of the result, with which they were joined."""
        if self.promotes is None or dtype is None or dtype.kind not in "fcV":
            return xs
        return [
            cast(x, dtype=dtype) if isinstance(x, Recorded) and x.dtype.kind in "biu" and self.is_pullable(i) else x
            for i, x in enumerate(xs)
        ]

    def is_pullable(self, argument: int) -> bool:
        """Whether there is a derivative with respect to this argument."""
        return bool(self.rules) and self.rule(argument) is not None

    def rule(self, argument: int) -> Rule | Any:
        """The rule of one argument; the last rule serves all further arguments of a variadic operator."""
        return self.rules[min(argument, len(self.rules) - 1)]

    def plan(self, needs: tuple[bool, ...]) -> Plan:
        """What must be kept of the result and the arguments to pull back to those that need it, and how."""
        found = self._plans.get(needs)
        if found is None:
            wanted = [i for i, needed in enumerate(needs) if needed and self.is_pullable(i)]
            first, lead = self._layout
            readers = [r for i in wanted for r in self._rules_of(i) if isinstance(r, Rule)]
            result = max((r.looks(first) for r in readers), default=UNUSED) if first is not None else UNUSED
            arguments = tuple(max((r.looks(lead + i) for r in readers), default=UNUSED) for i in range(len(needs)))
            at_home = tuple((i, self._pull_at_home(i)) for i in wanted)
            found = Plan(result, arguments, tuple((i, self._pull(i)) for i in wanted), at_home)
            self._plans[needs] = found
        return found

    def _rules_of(self, argument: int) -> tuple[Any, ...]:
        plain = () if self.plain is None else (self.plain[min(argument, len(self.plain) - 1)],)
        return (self.rule(argument), *plain)

    def _pull(self, argument: int) -> Callable[..., Any]:
        """pull(g, y, xs, attrs) of one argument, choosing between the rule and the plain rule by the arrays at hand."""
        rule, *plain = (self._compiled(r, argument) for r in self._rules_of(argument))
        if not plain:
            return rule
        return lambda g, y, xs, attrs: (plain[0] if _backend(g).PLAIN_RULES else rule)(g, y, xs, attrs)

    def _pull_at_home(self, argument: int) -> Callable[..., Any]:
        """The same for bare arrays of the default backend."""
        rule = self._rules_of(argument)[0]
        return self._compiled(rule.at_home() if hasattr(rule, "at_home") else rule, argument)

    def _compiled(self, rule: Any, argument: int) -> Callable[..., Any]:
        raise NotImplementedError

    def pull(self, argument: int, g: Any, y: Any, xs: Sequence[Any], attrs: dict[str, Any]) -> Any:
        """The cotangent of one argument, not yet reduced to its shape: the transposed derivative applied to `g`."""
        needs = tuple(i == argument for i in range(len(xs)))
        return self.plan(needs).pulls[0][1](g, y, xs, attrs)

    def push(self, tangents: Sequence[Any], y: Any, xs: Sequence[Any], attrs: dict[str, Any]) -> Any:
        """The tangent of the result: the derivative applied to the tangents (None: that argument is constant)."""
        raise NotImplementedError


class Elementwise(Operator):
    """Each element of the result depends on one element of each argument; a rule gives that partial derivative.

    A rule takes the result and the arguments. It may be a number, for a constant partial, or give booleans: where
    false,
    the derivative is zero whatever the cotangent holds.
    """

    _layout = (0, 1)
    promotes = "args"

    def _compiled(self, rule: Any, argument: int) -> Callable[..., Any]:
        if not isinstance(rule, Rule):
            return _times(rule)
        if not rule.keywords:
            return _weighted(rule.function, unary=len(rule.names) == 2 and not rule.rest)
        call = rule.bind(argument)
        return lambda g, y, xs, attrs: _scaled(g, call((y, *xs), attrs), conjugate=True)

    def push(self, tangents: Sequence[Any], y: Any, xs: Sequence[Any], attrs: dict[str, Any]) -> Any:
        terms = []
        for i, t in enumerate(tangents):
            if t is None:
                continue
            rule = self.rule(i)
            if self.plain is not None and _backend(t).PLAIN_RULES:
                rule = self._rules_of(i)[-1]
            if rule is not None:
                partial = rule.bind(i)((y, *xs), attrs) if isinstance(rule, Rule) else rule
                if len(xs) > 1 and isinstance(rule, Rule) and _is_shorter(partial, t):
                    partial = rule.bind(i)((y, *_lengthened(xs, t)), attrs)
                terms.append(_scaled(t, partial))
        return _total(terms)


class Linear(Operator):
    """Linear in each argument by itself; a rule is the transpose in one argument, and forward mode is the operator
    itself.

    A rule takes the cotangent and the arguments, these already conjugated.
    """

    def _compiled(self, rule: Any, argument: int) -> Callable[..., Any]:
        if not isinstance(rule, Rule):
            return _times(rule)
        call, function = rule.bind(argument), rule.function
        if len(rule.names) == 1 and not rule.rest:
            return lambda g, y, xs, attrs: call((g,), attrs)
        if not rule.keywords:
            return lambda g, y, xs, attrs: function(g, *[_conjugated(x) for x in xs])
        return lambda g, y, xs, attrs: call((g, *[_conjugated(x) for x in xs]), attrs)

    def push(self, tangents: Sequence[Any], y: Any, xs: Sequence[Any], attrs: dict[str, Any]) -> Any:
        moved = [self(*xs[:i], t, *xs[i + 1 :], **attrs) for i, t in enumerate(tangents) if t is not None]
        return _total(moved)


class Structural(Linear):
    """Linear in all its differentiable arguments together (`cat`, `where`): forward mode is the operator on the
    tangents.
    """

    def push(self, tangents: Sequence[Any], y: Any, xs: Sequence[Any], attrs: dict[str, Any]) -> Any:
        moved = [
            t if t is not None else x if not self.is_pullable(i) or x is None else _zero(x)
            for i, (t, x) in enumerate(zip(tangents, xs, strict=True))
        ]
        return self(*moved, **attrs)


class General(Operator):
    """Both modes are written out: a pull-back for each argument, taking the cotangent, the result and the arguments,
    and one push-forward, taking the tangents (None: constant), the result and the arguments.
    """

    _layout = (1, 2)

    def __init__(
        self,
        name: str,
        rules: Any,
        *,
        push: Callable[..., Any],
        plain_push: Callable[..., Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name, rules, **options)
        self.push_rule = Rule(push)
        self.plain_push_rule = Rule(plain_push) if plain_push is not None else None

    def _compiled(self, rule: Any, argument: int) -> Callable[..., Any]:
        if not isinstance(rule, Rule):
            return _times(rule)
        call = rule.bind(argument)
        return lambda g, y, xs, attrs: call((g, y, *xs), attrs)

    def push(self, tangents: Sequence[Any], y: Any, xs: Sequence[Any], attrs: dict[str, Any]) -> Any:
        rule = self.push_rule
        if self.plain_push_rule is not None and _backend(xs).PLAIN_RULES:
            rule = self.plain_push_rule
        return rule.bind(0)((tangents, y, *xs), attrs)


class Constant(Operator):
    """Piecewise constant, with the documented derivative zero: the result is recorded and pulls back zeros."""

    promotes = "args"

    def is_pullable(self, argument: int) -> bool:
        return True

    def _rules_of(self, argument: int) -> tuple[Any, ...]:
        return (None,)

    def _compiled(self, rule: Any, argument: int) -> Callable[..., Any]:
        return lambda g, y, xs, attrs: zeros_like(g)

    def push(self, tangents: Sequence[Any], y: Any, xs: Sequence[Any], attrs: dict[str, Any]) -> Any:
        return zeros_like(y)


class Discrete(Operator):
    """Gives booleans or indices: nothing to differentiate, so the result never requires grad."""

    differentiable = False
    promotes = "args"

    def is_pullable(self, argument: int) -> bool:
        return False


def elementwise(name: str, *partials: Any, **options: Any) -> Elementwise:
    """A row whose rules are the partial derivatives, such as ``elementwise("exp", lambda y, _x: y)``."""
    return Elementwise(name, partials, **options)


def linear(name: str, *transposes: Any, **options: Any) -> Linear:
    """A row whose rules are the transposes in each argument, such as ``linear("matmul", lambda g, _a, b: g @ b.mT,
    …)``.
    """
    return Linear(name, transposes, **options)


def structural(name: str, *transposes: Any, **options: Any) -> Structural:
    """A row that is linear in all arguments together, such as `cat`; a transpose of None marks a condition or an
    index.
    """
    return Structural(name, transposes, **options)


def general(name: str, *pulls: Any, push: Callable[..., Any], **options: Any) -> General:
    """A row with both modes written out; a pull of None says that the argument has no derivative."""
    return General(name, pulls, push=push, **options)


def constant(name: str, **options: Any) -> Constant:
    """A row of zero derivative, said aloud."""
    return Constant(name, (), **options)


def discrete(name: str, **options: Any) -> Discrete:
    """A row without a derivative: comparisons, indices, counts."""
    return Discrete(name, (), **options)


# The rows that the kinds themselves rest on; the chapters of refgrad.ops re-export them.

where = structural(
    "where",
    None,
    lambda g, c, _a, _b: where(c, g, 0.0),
    lambda g, c, _a, _b: where(c, 0.0, g),
    node="WhereBackward0",
    promotes="args",
)
zeros_like = discrete("zeros_like", promotes="none")
zeros = discrete(
    "zeros", kernel=lambda xp, x, *, shape: xp.zeros(shape, x.dtype), promotes="none"
)  # of the dtype of `x`
expand = structural(
    "expand",
    lambda g, _x: sum_to(g, shape=_x.shape),
    kernel="broadcast_to",
    view=True,
)
sum_to = structural(
    "sum_to",
    lambda g, _x: (
        expand(g, shape=_x.shape)
        if g.ndim == len(_x.shape)
        else expand(reshape(g, shape=(1,) * (len(_x.shape) - g.ndim) + tuple(g.shape)), shape=_x.shape)
    ),
    node="SumBackward1",
)
reshape = structural(
    "reshape",
    lambda g, _x: reshape(g, shape=_x.shape),
    kernel="reshape",
    node="ViewBackward0",
    view=True,
)
conj = structural("conj", lambda g: conj(g), node="ConjBackward0")
cast = structural(
    "cast",
    lambda g, _x: cast(g, dtype=_x.dtype),
    kernel=lambda xp, x, *, dtype: xp.cast(x, dtype),
    node="ToCopyBackward0",
)
to_device = structural(  # `source` and `target` are devices, as the backends spell them
    "to_device",
    lambda g, *, source, target: to_device(g, source=target, target=source),
    kernel=lambda xp, x, *, source, target: moved(x, target),
    node="ToCopyBackward0",
)


def conform(c: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """`c` reduced to an argument: summed where that was broadcast, its real part if that is real, cast to its dtype."""
    if c.shape != shape:
        try:
            c = sum_to(c, shape=shape) if _is_broadcast(shape, c.shape) else expand(c, shape=shape)
        except ValueError as error:
            raise RuntimeError(
                f"invalid gradient: got {list(c.shape)} but expected shape compatible with {list(shape)}"
            ) from error
    return c if c.dtype is dtype or c.dtype == dtype else cast(c, dtype=dtype)


def _is_broadcast(small: Sequence[int], large: Sequence[int]) -> bool:
    """Whether `small` broadcasts to `large`: the other way round a rule gave a cotangent that stands for equal ones."""
    lead = len(large) - len(small)
    if lead < 0:
        return False
    for n, m in zip(small, large[lead:]):  # noqa: B905, SIM110 - as many; a generator would take longer
        if n not in (1, m):
            return False
    return True


def _conjugated(x: Any) -> Any:
    """The one place where a factor is conjugated: real ones, and what was not saved, stay as they are."""
    dtype = getattr(x, "dtype", None)
    if dtype is _F64 or dtype is _F32 or x is None or isinstance(x, Meta):
        return x
    if isinstance(x, (bool, int, float, complex)):
        return x.conjugate()
    return conj(x) if dtype.kind == "c" else x


def _scaled(g: Any, factor: Any, *, conjugate: bool = False) -> Any:
    """`g` times the partial derivative; booleans select, so that nothing of `g` passes where they are false."""
    if isinstance(factor, (bool, int, float, complex)):
        return g if factor == 1 else g * (factor.conjugate() if conjugate else factor)
    kind = factor.dtype.kind
    if kind == "b":
        return where(factor, g, 0.0)
    return g * conj(factor) if conjugate and kind == "c" else g * factor


def _is_shorter(factor: Any, g: Any) -> bool:
    """Whether a partial derivative has fewer digits than what it is multiplied by: it was made of shorter operands alone."""
    dtype = getattr(factor, "dtype", None)
    return dtype is not None and dtype.kind in "fV" and dtype.itemsize < g.dtype.itemsize >> (g.dtype.kind == "c")


def _lengthened(xs: Sequence[Any], g: Any) -> list[Any]:
    """Operands in the dtype of a cotangent or tangent, but for those that hold as many digits already."""
    dtype = getattr(g.dtype, "array", g.dtype)
    return [cast(x, dtype=dtype) if not isinstance(x, Meta) and _is_shorter(x, g) else x for x in xs]


def _weighted(partial: Callable[..., Any], *, unary: bool) -> Callable[..., Any]:
    """The pull of an elementwise rule without attributes; real factors, the common case, take the straight road."""

    def pull(g: Any, y: Any, xs: Sequence[Any], attrs: dict[str, Any]) -> Any:
        factor = partial(y, xs[0]) if unary else partial(y, *xs)
        if type(factor) is not float:
            dtype = getattr(factor, "dtype", None)
            if dtype is not _F64 and (dtype is not _F32 or g.dtype is not _F32):
                if not unary and _is_shorter(factor, g):
                    factor = partial(y, *_lengthened(xs, g))
                return _scaled(g, factor, conjugate=True)
        return g * factor

    return pull


def _times(number: float) -> Callable[..., Any]:
    if number == 0:
        return lambda g, y, xs, attrs: zeros_like(g)
    return (lambda g, y, xs, attrs: g) if number == 1 else (lambda g, y, xs, attrs: g * number)


def _total(terms: Sequence[Any]) -> Any:
    if not terms:
        return None
    if isinstance(terms[0], (tuple, list)):
        return tuple(_total([p for p in parts if p is not None]) for parts in zip(*terms, strict=True))
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _zero(x: Any) -> Any:
    return 0.0 if isinstance(x, (bool, int, float, complex)) else zeros_like(x)


def of_host(host: Any, x: Any) -> Any:
    """An array of the host, as a rule combines it with `x`, tensor or bare array: where that is."""
    return _backend(x).from_host(host)


def _backend(x: Any) -> Any:
    if isinstance(x, (tuple, list)):
        return _backend(next((p for p in x if p is not None), 0.0))
    return x.__backend__() if isinstance(x, Recorded) else namespace(x)
