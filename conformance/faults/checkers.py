"""The same faults through the gradient checkers that people have: PyTorch's gradcheck and gradgradcheck, HIPS autograd's and JAX's.

refgrad with a fault in it is made a function of PyTorch, of HIPS autograd, or of JAX, whose derivative is that of refgrad,
and the derivative of that likewise, so that the checkers themselves judge it, as they are called by default, on the inputs
of the operator's own cases. An input on which a checker objects to refgrad without a fault does not count.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from conformance.cases import MUST, Case
from conformance.faults.adapters import make_engine
from conformance.faults.registry import find
from conformance.program import Program, Ref, Statement

SLOW, FAST, TWICE, HIPS = "gradcheck", "gradcheck, fast", "gradcheck and gradgradcheck", "autograd check_grads"
JAX = "jax check_grads"
_NEEDS = {SLOW: "torch", FAST: "torch", TWICE: "torch", HIPS: "autograd"}
_INPUTS = 4  # of the operator's cases, for each fault

Function = Callable[..., Any]


def available() -> tuple[str, ...]:
    """The checkers that are installed in this Python; JAX lives in one of its own."""
    return tuple(c for c, needed in _NEEDS.items() if importlib.util.find_spec(needed) is not None)


def inputs_for(cases: Iterable[Case], patterns: Sequence[str]) -> list[Case]:
    """Some of the cases whose inputs a checker gets: gradients in float64 of the operators that the patterns name."""
    operators = {p.split("/")[1] for p in patterns if p.startswith("op/")}
    fitting = [
        c
        for c in cases
        if c.dtype == "float64"
        and c.level == MUST
        and (c.facets or {}).get("operator") in operators
        and (c.facets or {}).get("group") == "vjp"
        and c.program is not None
        and _is_plain(c.program)
    ]
    return fitting[:: max(1, len(fitting) // _INPUTS)][:_INPUTS]


def _is_plain(program: Program) -> bool:
    """Whether it is leaves, operators and one gradient, of few enough elements for differences of each."""
    leaves = [s.args[0] for s in program.statements if s.do == "leaf"]
    kinds = {s.do for s in program.statements}
    return kinds <= {"leaf", "op", "grad", "read"} and all(0 < np.size(x) <= 12 for x in leaves)


class Asked:
    """A case as checkers see it: a function of the engine's tensors, and where to evaluate it."""

    def __init__(self, engine: Any, program: Program) -> None:
        self._engine = engine
        self._grad = next(s for s in program.statements if s.do == "grad")
        self._before = program.statements[: program.statements.index(self._grad)]
        wanted = self._grad.args[1]
        self._names = [r.name for r in (wanted if isinstance(wanted, tuple) else (wanted,))]
        leaves = {s.out[0]: np.asarray(s.args[0]) for s in self._before if s.do == "leaf"}
        self.inputs = [leaves[name] for name in self._names]

    def __call__(self, *xs: Any) -> tuple[Any, ...]:
        """The results, of tensors of the engine."""
        values: dict[str, Any] = dict(zip(self._names, xs, strict=True))
        for s in self._before:
            if s.do == "leaf" and s.out[0] not in values:
                values[s.out[0]] = self._engine.leaf(np.array(s.args[0]), False)
            elif s.do == "op":
                found = self._operator(s)(*(_value(values, a) for a in s.args), **s.kw)
                values.update(zip(s.out, found if len(s.out) > 1 else (found,), strict=True))
        outputs = _value(values, self._grad.args[0])
        return outputs if isinstance(outputs, tuple) else (outputs,)

    def _operator(self, s: Statement) -> Function:
        return self._engine.operator(s.name)


def _value(values: Mapping[str, Any], operand: Any) -> Any:
    if isinstance(operand, tuple):
        return tuple(_value(values, o) for o in operand)
    return values[operand.name] if isinstance(operand, Ref) else operand


def objections_with(fault: str, programs: Sequence[Any], checkers: Sequence[str]) -> dict[str, list[bool]]:
    """Plants a fault, if one is named, for good, and asks the checkers about each program, which is JSON."""
    engine = make_engine("refgrad")
    if fault:
        engine = find(fault).after(engine)
    return objections(engine, [Program.from_json(p) for p in programs], checkers)


def objections(engine: Any, programs: Sequence[Program], checkers: Sequence[str]) -> dict[str, list[bool]]:
    """For every checker, whether it objects to each program; *errors* count as objections, since people would see them."""
    asked = [Asked(engine, program) for program in programs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {checker: [not _accepts(checker, engine, a) for a in asked] for checker in checkers}


def _accepts(checker: str, engine: Any, asked: Asked) -> bool:
    with suppress(Exception):
        if checker == JAX:
            return _by_jax(engine, asked)
        return _by_autograd(engine, asked) if checker == HIPS else _by_pytorch(engine, asked, checker)
    return False


def _pulled(engine: Any, function: Function, count: int) -> Function:
    """The gradients of a function as a function of its arguments and the cotangents."""

    def pull(*args: Any) -> tuple[Any, ...]:
        xs, gs = args[:count], args[count:]
        grad = engine.torch.autograd.grad
        return grad(function(*xs), xs, gs, create_graph=True, allow_unused=True, materialize_grads=True)

    return pull


def _evaluated(engine: Any, function: Function, arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    found = function(*(engine.leaf(np.array(a), True) for a in arrays))
    return tuple(np.array(engine.read(y)) for y in found)


# PyTorch


def _by_pytorch(engine: Any, asked: Asked, checker: str) -> bool:
    import torch

    torch.manual_seed(0)
    function = _torch_function(torch, engine, asked)
    inputs = tuple(torch.tensor(x, requires_grad=True) for x in asked.inputs)
    if checker != TWICE:
        return torch.autograd.gradcheck(function, inputs, fast_mode=checker == FAST)
    return torch.autograd.gradcheck(function, inputs) and torch.autograd.gradgradcheck(function, inputs)


def _torch_function(torch: Any, engine: Any, function: Function) -> Function:
    class Bridge(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *xs: Any) -> Any:
            ctx.save_for_backward(*xs)
            return tuple(torch.from_numpy(y) for y in _evaluated(engine, function, [x.numpy() for x in xs]))

        @staticmethod
        def backward(ctx: Any, *gs: Any) -> Any:
            xs = ctx.saved_tensors
            return _torch_function(torch, engine, _pulled(engine, function, len(xs)))(*xs, *gs)

    return Bridge.apply


# HIPS autograd


def _by_autograd(engine: Any, asked: Asked) -> bool:
    from autograd.test_util import check_grads

    np.random.seed(0)  # noqa: NPY002 - the checker draws its directions from there
    check_grads(_autograd_function(engine, asked, len(asked.inputs)), modes=["rev"], order=2)(*asked.inputs)
    return True


def _autograd_function(engine: Any, function: Function, count: int) -> Function:
    """Several results in a vector, since the checker takes functions of one."""
    from autograd.extend import defvjp, primitive

    def joined(*xs: Any) -> tuple[Any, ...]:
        ys = function(*xs)
        return (ys[0] if len(ys) == 1 else engine.torch.cat([y.reshape(-1) for y in ys]),)

    run = primitive(lambda *xs: _evaluated(engine, joined, xs)[0])
    pull = _pulled(engine, joined, count)

    def pulled_to(i: int) -> Function:
        def back(*args: Any) -> Any:  # made when it is needed, since it has a derivative in turn
            return _autograd_function(engine, lambda *inner: (pull(*inner)[i],), count + 1)(*args)

        return lambda _result, *xs: lambda g: back(*xs, g)

    defvjp(run, *map(pulled_to, range(count)))
    return run


# JAX


def _by_jax(engine: Any, asked: Asked) -> bool:
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    results = _evaluated(engine, asked, asked.inputs)
    function = _jax_function(jax, engine, asked, results)
    check_grads(function, [jax.numpy.asarray(x) for x in asked.inputs], order=2, modes=["rev"])
    return True


def _jax_function(jax: Any, engine: Any, function: Function, like: Sequence[Any]) -> Function:
    """With results of the shapes and dtypes of these; cotangents are conjugated, since JAX documents the transpose."""
    from jax.extend.core import Primitive  # of its own, since a callback would be compiled each time

    primitive, results = Primitive("refgrad"), [jax.core.ShapedArray(y.shape, y.dtype) for y in like]
    primitive.multiple_results = True
    primitive.def_abstract_eval(lambda *_: results)
    primitive.def_impl(lambda *xs: [*map(jax.numpy.asarray, _evaluated(engine, function, xs))])
    run = jax.custom_vjp(lambda *xs: tuple(primitive.bind(*xs)))

    def back(xs: Sequence[Any], gs: Sequence[Any]) -> tuple[Any, ...]:
        pull = _jax_function(jax, engine, _pulled(engine, function, len(xs)), xs)
        return tuple(map(conj, pull(*xs, *map(conj, gs))))

    def conj(z: Any) -> Any:
        return jax.numpy.conj(z) if jax.numpy.iscomplexobj(z) else z

    run.defvjp(lambda *xs: (run(*xs), xs), back)
    return run
