"""The base class of engines that transform functions: vjp of a function at inputs with cotangents, and stop_gradient.

A program is replayed as a function of the tensors that it differentiates; `.grad`, flags and in-place operators are
never emulated, since the suite would then judge the emulation.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from conformance.codec import encode_literal
from conformance.engines.base import Engine, describe_error
from conformance.errors import Unsupported
from conformance.program import Program, Ref, Statement

_CORE = frozenset({"leaf", "operator", "read", "backward", "grad"})


class FunctionalEngine(Engine):
    """Three methods make an adapter: `leaf`, `read`, `vjp`."""

    @abstractmethod
    def leaf(self, array: Any) -> Any:
        """The engine's array with the values and dtype of a NumPy array."""

    @abstractmethod
    def vjp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> Sequence[Any]:
        """The cotangents of the inputs (None: no path). `function` takes the inputs and gives a tuple of outputs."""

    def stop_gradient(self, value: Any) -> Any:
        """The same value, constant to differentiation."""
        raise Unsupported("detach")

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
            return {"status": "error", "error": describe_error(error), "statement": 0}
        return {"status": "done", "observations": observations}


class _Replay:
    """A program as a family of functions: its statements up to one point, of the values of chosen names."""

    def __init__(self, engine: FunctionalEngine, program: Program) -> None:
        self.engine = engine
        self.statements = tuple(_flatten(program.statements))
        self.leaves = {s.out[0]: engine.leaf(s.args[0]) for s, _ in self.statements if s.do == "leaf"}
        self.ones: dict[str, Any] = {}

    def observe(self) -> dict[str, Any]:
        values = self.evaluate(len(self.statements), {})
        observations = {}
        for s, _ in self.statements:
            if s.do == "read":
                observations[s.out[0]] = self._observation(s, [values[a.name] for a in s.args])
        return observations

    def evaluate(self, end: int, replaced: Mapping[str, Any]) -> dict[str, Any]:
        """The value of every name that the first `end` statements assign, with some of them replaced."""
        values = dict(replaced)
        gradients: dict[str, Any] = {}
        for position, (s, tracked) in enumerate(self.statements[:end]):
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
        if s.do == "grad":
            return self._each_gradient(position, _names(s.args[0]), _names(s.args[1]), s.kw, values, replaced)
        if s.do == "get_grad":
            return (gradients.get(s.args[0].name),)
        raise Unsupported(s.feature)

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
            inner = self.evaluate(position, {**replaced, **dict(zip(inputs, xs, strict=True))})
            return tuple(inner[name] for name in outputs)

        given = kw.get("grad_outputs", kw.get("grad_tensors"))
        given = given if isinstance(given, tuple) else (given,) * (1 if given is not None else len(outputs))
        cotangents = [
            self._one(o, values[o]) if c is None else _value(c, values) for o, c in zip(outputs, given, strict=True)
        ]
        return tuple(self.engine.vjp(function, [values[i] for i in inputs], cotangents))

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
        if set(s.kw) - {"grad_tensors"}:
            raise Unsupported("retain-graph")
        roots = _names(s.args[0])
        leaves = [n for n in self._reached(position, roots) if n in self.leaves]
        if gradients.keys() & set(leaves):
            raise Unsupported("accumulation")
        gradients.update(zip(leaves, self._gradients(position, roots, leaves, s.kw, values, replaced), strict=True))

    def _reached(self, position: int, roots: Sequence[str]) -> list[str]:
        """The leaves that require grad and from which a root was computed along differentiable statements."""
        reached = set(roots)
        for s, tracked in reversed(self.statements[:position]):
            if tracked and s.do == "op" and reached & set(s.out):
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


def _flatten(statements: Sequence[Statement], tracked: bool = True) -> Any:
    """The statements in order, each with whether it is recorded; grad modes dissolve into that."""
    for s in statements:
        if s.do == "mode":
            inner = s.name == "enable_grad" or (s.name == "set_grad_enabled" and bool(s.args[0]))
            yield from _flatten(s.body, inner)
        elif s.body:
            raise Unsupported(s.feature)
        else:
            yield s, tracked


def _value(operand: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(operand, Ref):
        return values[operand.name]
    if isinstance(operand, tuple):
        return tuple(_value(v, values) for v in operand)
    return operand


def _names(operand: Any) -> list[str]:
    return [r.name for r in (operand if isinstance(operand, tuple) else (operand,))]
