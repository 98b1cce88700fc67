"""The base class of engines that transform functions: vjp of a function at inputs with cotangents, and stop_gradient.

A program is replayed as a function of the tensors that it differentiates; `.grad`, flags and in-place operators are
never emulated, since the suite would then judge the emulation.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from conformance.codec import encode_literal
from conformance.engines.base import CONFESSION, Engine, confession, describe_error
from conformance.errors import Unsupported
from conformance.program import Program, Ref, Statement

_CORE = frozenset({"leaf", "operator", "read", "backward", "grad", "func"})


class FunctionalEngine(Engine):
    """Three methods make an adapter: `leaf`, `read`, `vjp`."""

    lacks: ClassVar[re.Pattern[str]] = CONFESSION
    """The words of the engine's errors that say that something is not there."""

    @abstractmethod
    def leaf(self, array: Any) -> Any:
        """The engine's array with the values and dtype of a NumPy array."""

    @abstractmethod
    def vjp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> Sequence[Any]:
        """The cotangents of the inputs (None: no path). `function` takes the inputs and gives a tuple of outputs."""

    def jvp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], tangents: Sequence[Any]
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        """The outputs of a function and their derivatives along tangents of its inputs."""
        raise Unsupported("forward-mode")

    def stop_gradient(self, value: Any) -> Any:
        """The same value, constant to differentiation."""
        raise Unsupported("detach")

    def custom(self, forward: Callable[..., Any], rule: Callable[..., tuple[Any, ...]], inputs: Any) -> tuple[Any, ...]:
        """The results of a function with a rule of its own. `forward` gives the results and what to save; `rule` takes
        that and the results' cotangents and gives one gradient, or None, for each input.
        """
        raise Unsupported("custom-rules")

    def ones_like(self, value: Any) -> Any:
        """Ones of the shape and dtype of a value: the implicit cotangent of a scalar."""
        array = self.read(value)
        if array.size != 1:
            raise Unsupported("errors")
        return self.leaf(np.ones_like(array))

    def run(self, program: Program) -> dict[str, Any]:
        for feature in sorted(program.features - _CORE - frozenset(self.features)):
            return {"status": "unsupported", "feature": feature}
        try:
            observations = _Replay(self, program).observe()
        except Unsupported as needed:
            return {"status": "unsupported", "feature": needed.feature}
        except Exception as error:  # noqa: BLE001 - whatever the engine raises is an observation
            if lacking := confession(error, self.lacks):
                return {"status": "unsupported", "feature": lacking}
            return {"status": "error", "error": describe_error(error), "statement": 0}
        return {"status": "done", "observations": observations}


class _Replay:
    """A program as a family of functions: its statements up to one point, of the values of chosen names."""

    def __init__(self, engine: FunctionalEngine, program: Program) -> None:
        self.engine = engine
        self.statements = tuple(_flatten(program.statements))
        self.arrays = {s.out[0]: s.args[0] for s in program.walk() if s.do == "leaf"}  # those within functions too
        self.leaves = {name: engine.leaf(array) for name, array in self.arrays.items()}
        self.ones: dict[str, Any] = {}

    def observe(self) -> dict[str, Any]:
        values = self.evaluate(len(self.statements), {})
        observations = {}
        for s, _ in self.statements:
            if s.do == "read":
                observations[s.out[0]] = self._observation(s, [values[a.name] for a in s.args])
        return observations

    def evaluate(self, end: int, replaced: Mapping[str, Any], wanted: Sequence[str] | None = None) -> dict[str, Any]:
        """The value of every name that the first `end` statements assign, with some of them replaced.

        Where only some are wanted, statements that these do not need are left out: gradients among them would be
        computed again for each one that comes later.
        """
        values = dict(replaced)
        gradients: dict[str, Any] = {}
        chosen = range(end) if wanted is None else self._needed(end, wanted, replaced)
        for position in chosen:
            s, tracked = self.statements[position]
            if s.do == "read" or (s.out and all(name in replaced for name in s.out)):
                continue
            if s.do == "backward":
                self._backward(position, s, values, replaced, gradients)
                continue
            results = self._step(position, s, values, replaced, gradients)
            if not tracked:
                results = tuple(self.engine.stop_gradient(r) for r in results)
            values.update((n, r) for n, r in zip(s.out, results, strict=True) if n not in replaced)
        return values

    def _needed(self, end: int, wanted: Sequence[str], replaced: Mapping[str, Any]) -> list[int]:
        """The places of the statements from which these names are computed, where some names need none."""
        found, pending, reads_grad = [], set(wanted) - replaced.keys(), False
        for position in reversed(range(end)):
            s, _ = self.statements[position]
            if reads_grad if s.do == "backward" else pending & set(s.out):
                found.append(position)
                pending |= set(_references(s)) - replaced.keys()
                reads_grad = reads_grad or s.do == "get_grad"
        return found[::-1]

    def _step(
        self,
        position: int,
        s: Statement,
        values: dict[str, Any],
        replaced: Mapping[str, Any],
        gradients: dict[str, Any],
    ) -> tuple[Any, ...]:
        engine = self.engine
        args = [_value(a, values) for a in s.args]
        if s.do == "leaf":
            return (self.leaves[s.out[0]],)
        if s.do == "op":
            result = engine.operator(s.name)(*args, **{k: _value(v, values) for k, v in s.kw.items()})
            return tuple(result) if len(s.out) > 1 else (result,)
        if s.do == "detach":
            return (engine.stop_gradient(args[0]),)
        if s.do == "custom":
            return tuple(self._custom(s, args, values))
        if s.do in ("jvp", "vjp"):
            return self._transformed(s, args[0], args[1], values)
        if s.do == "grad":
            return self._each_gradient(position, _names(s.args[0]), _names(s.args[1]), s.kw, values, replaced)
        if s.do == "get_grad":
            return (gradients.get(s.args[0].name),)
        raise Unsupported(s.feature)

    def _custom(self, s: Statement, inputs: Sequence[Any], values: Mapping[str, Any]) -> Any:
        """The results of a custom rule: its two bodies as functions of what they are given, without side effects."""
        forward, rule = s.body

        def primal(*xs: Any) -> tuple[Any, Any]:
            inner = self._body(forward, xs, values)
            return tuple(_value(r, inner) for r in forward.body[-1].args), tuple(inner[name] for name in s.kept)

        def pull_back(saved: Any, cotangents: Any) -> tuple[Any, ...]:
            inner = self._body(rule, cotangents, {**values, **dict(zip(s.kept, saved, strict=True))})
            return tuple(_value(r, inner) for r in rule.body[-1].args)

        return self.engine.custom(primal, pull_back, inputs)

    def _transformed(self, s: Statement, primals: Any, along: Any, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The outputs of the body, and its tangents or the cotangents of its inputs."""

        def function(*xs: Any) -> tuple[Any, ...]:
            inner = self._body(s, xs, values)
            return tuple(_value(r, inner) for r in s.body[-1].args)

        if s.do == "jvp":
            outputs, derivatives = self.engine.jvp(function, primals, along)
        else:
            outputs, derivatives = function(*primals), self.engine.vjp(function, primals, along)
        return (*outputs, *derivatives)

    def _body(self, function: Statement, args: Sequence[Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a function's body at some arguments, among those around it."""
        parameters = [i.out[0] for i in function.body if i.do == "parameter"]
        inner = {**values, **dict(zip(parameters, args, strict=True))}
        for position, s in enumerate(i for i in function.body if i.do not in ("parameter", "result")):
            inner.update(zip(s.out, self._step(position, s, inner, {}, {}), strict=True))
        return inner

    def _gradients(
        self,
        position: int,
        outputs: Sequence[str],
        inputs: Sequence[str],
        kw: Mapping[str, Any],
        values: Mapping[str, Any],
        replaced: Mapping[str, Any],
    ) -> tuple[Any, ...]:
        """The pull-back of the outputs to the inputs, the statements before `position` being the function."""
        if kw.get("is_grads_batched"):
            raise Unsupported("batched-gradients")

        def function(*xs: Any) -> tuple[Any, ...]:
            inner = self.evaluate(position, {**replaced, **dict(zip(inputs, xs, strict=True))}, outputs)
            return tuple(inner[name] for name in outputs)

        given = kw.get("grad_outputs", kw.get("grad_tensors"))
        given = given if isinstance(given, tuple) else (given,) * (1 if given is not None else len(outputs))
        cotangents = [
            self._one(o, values[o]) if c is None else _value(c, values) for o, c in zip(outputs, given, strict=True)
        ]
        found = self.engine.vjp(function, [values[i] for i in inputs], cotangents)
        if kw.get("materialize_grads"):
            return tuple(self._zeros(i) if g is None else g for i, g in zip(inputs, found, strict=True))
        return tuple(found)

    def _zeros(self, name: str) -> Any:
        """Zeros of the shape of a leaf, for a gradient that has no path."""
        if name not in self.arrays:
            raise Unsupported("materialized-gradients")
        return self.engine.leaf(np.zeros_like(self.arrays[name]))

    def _each_gradient(
        self, position: int, outputs: Sequence[str], inputs: Sequence[str], *rest: Any
    ) -> tuple[Any, ...]:
        """One pull-back for all distinct leaves; one for each input where some are computed, since a value put in the
        place of a computed tensor cuts it from its ancestors.
        """
        if len(set(inputs)) == len(inputs) and self.leaves.keys() >= set(inputs):
            return self._gradients(position, outputs, inputs, *rest)
        return tuple(self._gradients(position, outputs, [name], *rest)[0] for name in inputs)

    def _one(self, name: str, value: Any) -> Any:
        """The implicit cotangent of a scalar, made when the value was first seen, outside every transformation."""
        if name not in self.ones:
            self.ones[name] = self.engine.ones_like(value)
        return self.ones[name]

    def _backward(
        self,
        position: int,
        s: Statement,
        values: dict[str, Any],
        replaced: Mapping[str, Any],
        gradients: dict[str, Any],
    ) -> None:
        """One backward is one pull-back to the leaves; a second one into the same leaf would need accumulation."""
        if set(s.kw) - {"grad_tensors", "inputs"}:
            raise Unsupported("retain-graph")
        roots = _names(s.args[0])
        leaves = [n for n in self._reached(position, roots) if n in self.leaves]
        if "inputs" in s.kw:
            leaves = [n for n in _names(s.kw["inputs"]) if n in leaves]
        if gradients.keys() & set(leaves):
            raise Unsupported("accumulation")
        gradients.update(zip(leaves, self._gradients(position, roots, leaves, s.kw, values, replaced), strict=True))

    def _reached(self, position: int, roots: Sequence[str]) -> list[str]:
        """The leaves that require grad and from which a root was computed along differentiable statements."""
        reached = set(roots)
        for s, tracked in reversed(self.statements[:position]):
            if tracked and s.do in ("op", "custom") and reached & set(s.out):
                reached |= set(s.references())
        wanted = {s.out[0] for s, _ in self.statements if s.do == "leaf" and s.kw["requires_grad"]}
        return [n for n in self.leaves if n in reached & wanted]

    def _observation(self, s: Statement, tensors: list[Any]) -> dict[str, Any]:
        if s.name == "value":
            return self.engine.observe(tensors[0])
        if s.name == "is_none":
            return {"flag": tensors[0] is None}
        if s.name in ("dtype", "shape"):
            array = self.engine.array(tensors[0])
            return {"flag": encode_literal(array.dtype.name if s.name == "dtype" else tuple(array.shape))}
        raise Unsupported(s.feature)


def _references(s: Statement) -> Iterator[str]:
    """Every name that a statement reads, those of its functions too."""
    yield from s.references()
    for inner in s.body:
        yield from _references(inner)


def _flatten(statements: Sequence[Statement], tracked: bool = True) -> Any:
    """The statements in order, each with whether it is recorded; grad modes dissolve into that."""
    for s in statements:
        if s.do == "mode":
            yield from _flatten(s.body, _records(s, tracked))
        elif s.body and s.do not in ("custom", "jvp", "vjp"):
            raise Unsupported(s.feature)
        else:
            yield s, tracked


def _records(mode: Statement, tracked: bool) -> bool:
    """Whether statements under this mode are differentiated."""
    if mode.name in ("set_grad_enabled", "inference_mode"):
        return bool(mode.args[0]) is (mode.name == "set_grad_enabled")
    return {"no_grad": False, "enable_grad": True}.get(mode.name, tracked)


def _value(operand: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(operand, Ref):
        return values[operand.name]
    if isinstance(operand, tuple):
        return tuple(_value(v, values) for v in operand)
    return operand


def _names(operand: Any) -> list[str]:
    return [r.name for r in (operand if isinstance(operand, tuple) else (operand,))]
