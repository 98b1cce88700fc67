"""The derivatives of a program close to where it is asked, on the side that its operator documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from conformance.operators import find
from conformance.oracles.balls import Derivative, derivatives
from conformance.oracles.reading import Reading, Term
from conformance.program import Program, Ref, Statement

STEP = 2.0**-30
"""How far: within it, an operator that is linear by pieces has one derivative."""


def nearby(program: Program) -> dict[Term, Derivative]:
    """The derivatives of a program of one operator, its arguments moved as `Sampling.beside` says, by term."""
    moved: dict[str, Any] = {}
    for s in Reading(program).function.statements:
        spec = find(s.name) if s.do == "op" else None
        for name, way in (spec.sampling.beside if spec and spec.sampling else {}).items():
            operand = (dict(zip(spec.tensors, s.args, strict=False)) | dict(s.kw))[name]
            moved[operand.name if isinstance(operand, Ref) else name] = way
    return {d.term: d for d in derivatives(Program(_moved(program.statements, moved))).values()}


def _moved(statements: tuple[Statement, ...], ways: Mapping[str, Any]) -> tuple[Statement, ...]:
    """The statements with leaves, and attributes of the operator, a step further."""
    return tuple(replace(_further(s, ways), body=_moved(s.body, ways)) for s in statements)


def _further(s: Statement, ways: Mapping[str, Any]) -> Statement:
    if s.do == "leaf" and s.args[0].dtype.kind == "f":  # all of one dtype that bears the step
        x, way = np.asarray(s.args[0], np.float64), ways.get(s.out[0])
        return replace(s, args=(x if way is None else x + STEP * way(x), *s.args[1:]))
    if s.do == "op" and ways.keys() & s.kw.keys():
        return replace(s, kw={k: v + STEP * float(ways[k](v)) if k in ways else v for k, v in s.kw.items()})
    return s
