"""Operator cases in the form that an engine can be asked: ``backward`` and ``.grad`` where it has no ``autograd.grad``.

Done by the suite and for operator cases alone, which are about derivatives and not about how they are asked for. The
behaviours of ``torch.autograd.grad`` stay as they are: an engine that lacks it does not pass them by this.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from conformance.cases import Case
from conformance.program import Program, Statement


def in_terms_of(case: Case, features: Collection[str]) -> Case:
    """The case as it is, or with one ``grad`` of leaves said as ``backward`` and reads of ``.grad``.

    >>> from conformance.cases import Case
    >>> from conformance.recorder import Recorder
    >>> p = Recorder("float64")
    >>> x = p.leaf([2.0])
    >>> (g,) = p.grad((x * x).sum(), [x])
    >>> case = Case("op/mul/vjp/x@float64", "operator.mul.vjp", "must", "imperative", "float64", program=p.program())
    >>> [s.do for s in in_terms_of(case, ()).program.statements]
    ['leaf', 'op', 'op', 'backward', 'get_grad']
    >>> in_terms_of(case, {"grad"}) is case
    True
    """
    program = case.program
    if program is None or "grad" in features or not case.requirement.startswith("operator."):
        return case
    if sum(s.do == "grad" for s in program.walk()) != 1 or program.features & {"backward", "forward-mode", "func"}:
        return case
    statements: list[Statement] = []
    for s in program.statements:
        statements += _accumulating(s) if s.do == "grad" and set(s.kw) <= {"grad_outputs", "allow_unused"} else [s]
    return replace(case, program=Program(tuple(statements)))


def _accumulating(s: Statement) -> list[Statement]:
    outputs, inputs = s.args
    kw = {"grad_tensors": s.kw["grad_outputs"]} if "grad_outputs" in s.kw else {}
    leaves = inputs if isinstance(inputs, tuple) else (inputs,)
    reads = [Statement("get_grad", (name,), (leaf,)) for name, leaf in zip(s.out, leaves, strict=True)]
    return [Statement("backward", (), (outputs,), kw), *reads]
