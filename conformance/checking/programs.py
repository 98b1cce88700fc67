"""A recorded program as a subject of checking: its forward part is the function, the engine at hand runs it.

A program ends in one `grad` statement, as the corpus has it. Perturbed copies of what stands before go to the engine as one
program; what is detached keeps the value that it has at the point itself, or it would be differentiated after all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.checking.flat import ROUNDOFF, real, slices
from conformance.checking.outcome import Inconclusive
from conformance.checking.subject import Run, Subject
from conformance.codec import decode_array, numpy_dtype
from conformance.program import Program, Ref, Statement

Answer = Mapping[str, np.ndarray]
_STATEMENTS = 4000  # in one message


class Refused(Exception):
    """The engine did not run a program; `reply` says how."""

    def __init__(self, reply: Mapping[str, Any]) -> None:
        super().__init__(str(reply)[:2000])
        self.reply = reply


@dataclass(frozen=True)
class Forward:
    """The parts of a program: what is differentiated, by what, and with which cotangents."""

    program: Program
    constants: tuple[Statement, ...]  # leaves that are not inputs
    leaves: tuple[Statement, ...]
    body: tuple[Statement, ...]
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    cotangents: tuple[str, ...]  # none: ones
    gradients: tuple[str, ...]

    @classmethod
    def of(cls, program: Program) -> Forward:
        """The parts of a program whose last derivative is a `grad` statement."""
        statements = program.statements
        position = max(k for k, s in enumerate(statements) if s.do == "grad")
        end = statements[position]
        inputs = _names(end.args[1])
        before = statements[:position]
        leaves = tuple(s for s in before if s.do == "leaf" and s.out[0] in inputs)
        constants = tuple(s for s in before if s.do == "leaf" and s.out[0] not in inputs)
        body = tuple(s for s in before if s.do not in ("leaf", "read"))
        given = end.kw.get("grad_outputs")
        cotangents = () if given is None else _names(given)
        return cls(program, constants, leaves, body, _names(end.args[0]), inputs, cotangents, end.out)

    @property
    def detached(self) -> tuple[Statement, ...]:
        """The statements that cut a value from its history."""
        return tuple(s for s in self.body if s.do == "detach")


def _names(value: Any) -> tuple[str, ...]:
    return tuple(r.name for r in value) if isinstance(value, tuple) else (value.name,)


def ask(run: Callable[[Program], Mapping[str, Any]], statements: Iterable[Statement]) -> Answer:
    """What the engine observed; raises `Refused` where it did not run the program."""
    reply = run(Program(tuple(statements)))
    if reply["status"] != "done":
        raise Refused(reply)
    arrays = {}
    for name, seen in reply["observations"].items():
        if "array" in seen:
            arrays[name] = decode_array(seen["array"])
    return arrays


def read(name: str, of: str) -> Statement:
    """A statement that observes a value."""
    return Statement("read", (name,), (Ref(of),), {}, "value")


def renamed(s: Statement, suffix: str, fixed: frozenset[str]) -> Statement:
    """The statement with other names for what it assigns and reads, but for the fixed ones."""

    def name(value: Any) -> Any:
        if isinstance(value, Ref):
            return value if value.name in fixed else Ref(value.name + suffix)
        return tuple(map(name, value)) if isinstance(value, tuple) else value

    out = tuple(o + suffix for o in s.out)
    kw = {k: name(v) for k, v in s.kw.items()}
    return Statement(s.do, out, name(s.args), kw, s.name, tuple(renamed(b, suffix, fixed) for b in s.body))


@dataclass
class ProgramRun(Run):
    """A point at which the backward pass is to be run, and which inputs require grad."""

    x: np.ndarray
    active: frozenset[str]


class ProgramSubject(Subject):
    """The forward part of a program, evaluated and pulled back by `run`, an engine's."""

    def __init__(self, forward: Forward, run: Callable[[Program], Mapping[str, Any]]) -> None:
        self.forward, self.ask = forward, run
        arrays = [s.args[0] for s in forward.leaves]
        self.names = [s.out[0] for s in forward.leaves]
        self.dtypes = [a.dtype for a in arrays]
        self.shapes = [a.shape for a in arrays]
        self.complex = [False] * len(arrays)
        self.roundoff = self.given_roundoff = max(ROUNDOFF[d.name] for d in self.dtypes)
        self.wide = self.roundoff > 2.0**-53
        self.noise = 2.0**-53 if self.wide else self.roundoff
        self.x0 = np.concatenate([real(a.astype(np.float64)) for a in arrays])
        self.n = len(self.x0)
        self.slices = slices([a.size for a in arrays])
        self.batched = self.aliasing = False
        self.activity = not any(s.do == "grad" for s in forward.body)  # a recorded gradient needs all its inputs
        self.output_names = list(forward.outputs)
        self.answer = self._first()
        values = [self.answer[f"value_{o}"] for o in forward.outputs]
        self.output_shapes = [v.shape for v in values]
        self.output_complex = [False] * len(values)
        self.output_slices = slices([v.size for v in values])
        self.m = self.output_slices[-1].stop
        self.y = np.concatenate([real(v.astype(np.float64)) for v in values])

    def _first(self) -> Answer:
        """The program as it is, with its outputs, cotangents, detached values and gradients."""
        f = self.forward
        reads = [read(f"value_{o}", o) for o in f.outputs]
        reads += [read(f"cotangent_{k}", c) for k, c in enumerate(f.cotangents)]
        reads += [read(f"gradient_{k}", g) for k, g in enumerate(f.gradients)]
        reads += [read(f"detached_{s.out[0]}", s.out[0]) for s in f.detached]
        kept = (s for s in f.program.statements if s.do != "read")
        return ask(self.ask, [*kept, *reads])

    def own_pair(self) -> tuple[np.ndarray, np.ndarray]:
        """The program's own cotangent and gradient, flat."""
        f, a = self.forward, self.answer
        w = [a.get(f"cotangent_{k}", np.ones(s)) for k, s in enumerate(self.output_shapes)]
        g = [a.get(f"gradient_{k}", np.zeros(s)) for k, s in enumerate(self._input_shapes())]
        ordered = dict(zip(f.inputs, g, strict=True))
        flat = [real(np.broadcast_to(v.astype(np.float64), s)) for v, s in zip(w, self.output_shapes, strict=True)]
        return np.concatenate(flat), np.concatenate([real(ordered[n].astype(np.float64)) for n in self.names])

    def _input_shapes(self) -> list[tuple[int, ...]]:
        shapes = dict(zip(self.names, self.shapes, strict=True))
        return [shapes[n] for n in self.forward.inputs]

    # forward

    def run(
        self,
        *,
        strided: bool = False,
        active: Sequence[int] | None = None,
        x: np.ndarray | None = None,
        shared: tuple[int, int] | None = None,
    ) -> ProgramRun:
        chosen = self.names if active is None else [self.names[k] for k in active]
        return ProgramRun([], [], self.x0 if x is None else x, frozenset(chosen))

    def values(self, run: Run) -> np.ndarray:
        return self.y

    def evaluate(self, rows: np.ndarray) -> np.ndarray:
        each = max(1, _STATEMENTS // (len(self.forward.body) + len(self.names) + 2))
        self.evaluations += len(rows)
        return np.concatenate([self._evaluate_or_split(rows[k : k + each]) for k in range(0, len(rows), each)])

    def _evaluate_or_split(self, rows: np.ndarray) -> np.ndarray:
        """The outputs at these rows; NaN at a point that the engine refuses, since it may lie outside the domain."""
        try:
            return self._evaluate_some(rows)
        except Refused as refused:
            if self.wide and refused.reply["status"] == "unsupported":
                self.wide, self.noise = False, self.roundoff  # the engine has no longer format
                return self._evaluate_or_split(rows)
            if refused.reply["status"] != "error":
                raise
            if len(rows) == 1:
                return np.full((1, self.m), np.nan)
            half = len(rows) // 2
            return np.concatenate([self._evaluate_or_split(rows[:half]), self._evaluate_or_split(rows[half:])])

    def _evaluate_some(self, rows: np.ndarray) -> np.ndarray:
        f = self.forward
        fixed = frozenset(s.out[0] for s in f.constants)
        program = [_wide(s) if self.wide else s for s in f.constants]
        needs_graph = any(s.do == "grad" for s in f.body)
        for k, row in enumerate(rows):
            suffix = f"_{k}"
            program += [renamed(s, suffix, fixed) for s in self._leaves(row, needs_graph)]
            program += [renamed(self._held(s), suffix, fixed) for s in f.body]
            program += [read(f"r{j}{suffix}", o + suffix) for j, o in enumerate(f.outputs)]
        found = ask(self.ask, program)
        self.noise = max(ROUNDOFF[found[f"r{j}_0"].dtype.name] for j in range(len(f.outputs)))
        values = [
            [real(found[f"r{j}_{k}"].astype(np.float64)) for j in range(len(f.outputs))] for k in range(len(rows))
        ]
        return np.stack([np.concatenate(row) for row in values])

    def _leaves(self, row: np.ndarray, requires_grad: bool) -> list[Statement]:
        dtypes = [np.dtype(np.float64)] * len(self.names) if self.wide else self.dtypes
        return [
            Statement("leaf", (name,), (row[where].reshape(shape).astype(dtype),), {"requires_grad": requires_grad})
            for name, where, shape, dtype in zip(self.names, self.slices, self.shapes, dtypes, strict=True)
        ]

    def _held(self, s: Statement) -> Statement:
        """The statement as it is sampled: a detached value is a constant."""
        if s.do != "detach":
            return s
        held = self.answer[f"detached_{s.out[0]}"]
        return Statement("leaf", s.out, (held.astype(np.float64) if self.wide else held,), {"requires_grad": False})

    # backward

    def cotangents(self, w: np.ndarray, outputs: Sequence[Any], *, strided: bool = False) -> list[Any]:
        return [
            w[where].reshape(shape).astype(self._output_dtype(k))
            for k, (where, shape) in enumerate(zip(self.output_slices, self.output_shapes, strict=True))
        ]

    def _output_dtype(self, k: int) -> np.dtype:
        return self.answer[f"value_{self.forward.outputs[k]}"].dtype

    def expanded(self, run: Run) -> list[Any]:
        return self.cotangents(np.ones(self.m), [])

    def flat(self, tensors: Sequence[Any]) -> np.ndarray:
        return np.concatenate([real(np.asarray(t, dtype=np.float64)) for t in tensors])

    def pull_all(self, jobs: Sequence[tuple[Run, Sequence[Any]]]) -> np.ndarray:
        return np.stack([self._pull(run, cotangents) for run, cotangents in jobs])

    def _pull(self, run: Any, cotangents: Sequence[np.ndarray]) -> np.ndarray:
        f = self.forward
        leaves = [
            Statement(
                "leaf", (name,), (run.x[where].reshape(shape).astype(dtype),), {"requires_grad": name in run.active}
            )
            for name, where, shape, dtype in zip(self.names, self.slices, self.shapes, self.dtypes, strict=True)
        ]
        weights = [Statement("leaf", (f"w{k}",), (c,), {"requires_grad": False}) for k, c in enumerate(cotangents)]
        asked = [n for n in self.names if n in run.active]
        reached = self._reached(run.active)
        roots = [k for k, o in enumerate(f.outputs) if o in reached]
        if not roots:
            return np.zeros(self.n)
        end = Statement(
            "grad",
            tuple(f"d_{n}" for n in asked),
            (tuple(Ref(f.outputs[k]) for k in roots), tuple(Ref(n) for n in asked)),
            {"grad_outputs": tuple(Ref(f"w{k}") for k in roots), "allow_unused": True},
        )
        found = ask(
            self.ask, [*f.constants, *leaves, *f.body, *weights, end, *(read(f"g_{n}", f"d_{n}") for n in asked)]
        )
        g = np.zeros(self.n)
        for name, where, shape in zip(self.names, self.slices, self.shapes, strict=True):
            if f"g_{name}" in found:
                if found[f"g_{name}"].shape != shape:
                    raise Inconclusive(
                        f"the gradient of {name} has shape {found[f'g_{name}'].shape}, the input {shape}"
                    )
                g[where] = real(found[f"g_{name}"].astype(np.float64))
        return g

    def _reached(self, active: frozenset[str]) -> set[str]:
        """The names to which a gradient flows from these leaves."""
        reached = set(active)
        for s in self.forward.body:
            if s.do != "detach" and reached.intersection(s.references()):
                reached.update(s.out)
        return reached


def _wide(s: Statement) -> Statement:
    array = s.args[0]
    if array.dtype.kind == "f":
        array = array.astype(numpy_dtype("float64"))
    return Statement(s.do, s.out, (array,), s.kw, s.name)
