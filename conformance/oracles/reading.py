"""What a program asks, read from its statements: a function of leaves, and which of its derivatives every read shows.

Every derivative is D^k<w, f>[v, …] with one place left open: an output of f (forward mode), or an input of it (reverse
mode). By the symmetry of D^k all compositions of the two modes come down to that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conformance.oracles.reasons import NoTruth
from conformance.program import Program, Ref, Statement

Pairs = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Term:
    """One derivative. `along` are directions, each a tangent for some leaves; `weights` cotangents of outputs, None: ones.

    `like` is the cotangent that it is a gradient for, whose dtype it has.
    """

    output: str = ""
    leaf: str = ""
    weights: Pairs = ()
    along: tuple[Pairs, ...] = ()
    like: str = ""

    @property
    def order(self) -> int:
        """How often the function is differentiated."""
        return len(self.along) + bool(self.leaf)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The outputs of the function that count."""
        return (self.output,) if self.output else tuple(name for name, _ in self.weights)


class Reading:
    """A program taken apart: `function` computes values from leaves, `reads` says what each read shows of it."""

    def __init__(self, program: Program) -> None:
        self.terms: dict[str, Term] = {}
        self.same: dict[str, str] = {}  # a parameter is what it stands for, a result what was computed
        self.reads: dict[str, Term] = {}
        self.is_reverse = any(s.do in ("grad", "vjp") for s in program.walk())
        statements: list[Statement] = []
        self._take(program.statements, statements, inside=False)
        self.function = Program(tuple(statements))
        self.leaves: dict[str, np.ndarray] = {s.out[0]: s.args[0] for s in statements if s.do == "leaf"}

    def _take(self, statements: Sequence[Statement], function: list[Statement], *, inside: bool) -> None:
        for s in statements:
            if s.do == "grad":
                self._gradient(s)
            elif s.do in ("jvp", "vjp"):
                self._block(s, function)
            elif s.do == "read" and s.name == "value" and not inside:
                self.reads[s.out[0]] = self._term(s.args[0])
            elif s.do in ("leaf", "op", "detach") or (s.do == "mode" and not inside):
                function.append(self._renamed(s))
            elif s.do not in ("parameter", "result", "read"):
                raise NoTruth("no-balls", f"a program with {s.do!r} takes its truth from the catalogue")

    def _block(self, s: Statement, function: list[Statement]) -> None:
        """A jvp or vjp: its function joins the one of the program, its parameters being the primals."""
        primals, given = (tuple(map(self._name, names)) for names in s.args)
        parameters = [i.out[0] for i in s.body if i.do == "parameter"]
        self.same.update(zip(parameters, primals, strict=True))
        self._take(s.body, function, inside=True)
        results = [self._term(r) for r in s.body[-1].args]
        derived = (
            [replace(r, along=(*r.along, tuple(zip(primals, given, strict=True)))) for r in results]
            if s.do == "jvp"
            else [self._pulled(results, given, leaf) for leaf in primals]
        )
        self.terms.update(zip(s.out, [*results, *derived], strict=True))

    def _gradient(self, s: Statement) -> None:
        outputs, inputs = map(_several, s.args)
        given = s.kw.get("grad_outputs")
        cotangents = [None] * len(outputs) if given is None else [v and self._name(v) for v in _several(given)]
        results = [self._term(y) for y in outputs]
        self.terms.update(
            (name, self._pulled(results, cotangents, self._name(x))) for name, x in zip(s.out, inputs, strict=True)
        )

    def _pulled(self, results: Sequence[Term], cotangents: Sequence[str | None], wanted: str) -> Term:
        """Cotangents of some derivatives pulled back to a leaf, or to what they are linear in: a tangent or a weight."""
        first = results[0]
        if first.output:
            if any(r.along != first.along for r in results):
                raise NoTruth("no-balls", "derivatives along different directions are differentiated together")
            weights = tuple((r.output, w) for r, w in zip(results, cotangents, strict=True))
            for direction in first.along:
                for leaf, tangent in direction:
                    if tangent == wanted:
                        rest = tuple(d for d in first.along if d is not direction)
                        return Term(leaf=leaf, weights=weights, along=rest)
            return Term(leaf=wanted, weights=weights, along=first.along)
        direction = tuple((r.leaf, v) for r, v in zip(results, cotangents, strict=True))
        along = (*first.along, direction)
        for output, weight in first.weights:
            if weight == wanted:
                return Term(output=output, along=along, like=wanted)
        return Term(leaf=wanted, weights=first.weights, along=along)

    def _name(self, operand: Any) -> str:
        name = operand.name
        return self.same.get(name, name)

    def _term(self, operand: Any) -> Term:
        name = self._name(operand)
        return self.terms.get(name) or Term(output=name)

    def _renamed(self, s: Statement) -> Statement:
        used = set(s.references()) & self.terms.keys()
        if used:
            raise NoTruth("no-balls", f"{s.name or s.do} of a derivative takes its truth from the catalogue")
        body = tuple(self._renamed(i) for i in s.body)
        return replace(s, args=self._operand(s.args), kw={k: self._operand(v) for k, v in s.kw.items()}, body=body)

    def _operand(self, value: Any) -> Any:
        if isinstance(value, Ref):
            return Ref(self._name(value))
        return tuple(map(self._operand, value)) if isinstance(value, tuple) else value


def largest_given(program: Program) -> dict[str, float]:
    """By read: the product of the largest entries of the cotangents and of the tangents that the derivative is linear in; 1 of
    what is no derivative.

    >>> from conformance.recorder import Recorder
    >>> p = Recorder()
    >>> x = p.leaf([1.0, 2.0])
    >>> (g,) = p.grad(x - x, [x], p.constant([0.5, -3.0]))
    >>> read = p._observe("value", (g,))
    >>> largest_given(p.program())[read]
    3.0
    """
    reading = Reading(program)
    made = {s.out[0]: s for s in reading.function.statements if s.do == "op"}

    def largest(name: str | None) -> float:
        while name in made:  # a layout of a leaf
            name = made[name].args[0].name
        array = reading.leaves.get(name or "")
        return float(np.max(np.abs(array), initial=0.0)) if array is not None else 1.0

    return {
        read: math.prod(max(largest(v) for _, v in pairs) for pairs in (term.weights, *term.along) if pairs)
        for read, term in reading.reads.items()
    }


def _several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
