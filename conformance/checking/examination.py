"""One program on an engine: is its value wrong, its derivative, or both? Beside differences of its own forward, and PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conformance.checking import rounding
from conformance.checking.flat import ROUNDOFF
from conformance.checking.judging import settle, slopes
from conformance.checking.outcome import GradientMismatch, Inconclusive
from conformance.checking.programs import Forward, ProgramSubject, Refused, ask, read
from conformance.checking.projected import Projection, check_projected
from conformance.printing import as_code
from conformance.program import Program

Run = Callable[[Program], Mapping[str, Any]]
_SAFETY = 64.0  # of how far PyTorch's own value moves with the last place of its inputs
_PLACES = (
    2.0**12
)  # roundoffs: PyTorch is a witness and not the truth, and may be the less accurate of two right engines


class Counterexample(AssertionError):
    """A program on which an engine is wrong: `wrong` is "value", "derivative", "value and derivative" or how it broke."""

    def __init__(self, wrong: str, details: str, program: Program, name: str, seed: int) -> None:
        self.wrong, self.program, self.seed = wrong, program, seed
        code = "\n".join("    " + line for line in as_code(program).splitlines())
        super().__init__(
            f"{name}: {_VERDICTS.get(wrong, wrong)}\n{details}\n  replay with seed {seed}, or run this, for PyTorch; "
            f"for another engine with its names, import that as torch:\n\n{code}"
        )


_VERDICTS = {
    "value": "the value is wrong; the derivative is that of the value computed",
    "derivative": "the derivative is wrong; the value is right",
    "value and derivative": "the value and the derivative are both wrong",
    "derivative (value not compared)": "the derivative contradicts the engine's own forward pass",
}


@dataclass(frozen=True)
class Examination:
    """What one program showed: a counterexample, that the engine lacks something, that nothing could be told, or that all is well."""

    counterexample: Counterexample | None = field(default=None)
    lacking: str = ""
    undecided: str = ""
    worst: float = 0.0
    empty: bool = False  # nothing was wrong, and there was no number to compare

    @classmethod
    def refused(
        cls, program: Program, reply: Mapping[str, Any], name: str, seed: int, witness: Run | None
    ) -> Examination:
        """What it means that the engine did not run a program."""
        status = reply["status"]
        if status == "unsupported":
            return cls(lacking=reply["feature"])
        if status == "error" and witness is not None and witness(program)["status"] == "error":
            return cls(undecided="PyTorch does not run the program either")
        said = reply.get("error", {}).get("message") or reply.get("reason", "")
        wrong = f"the engine {_BROKEN.get(status, status)}"
        return cls(Counterexample(wrong, f"  {said}", program, name, seed))


_BROKEN = {"error": "raised an error", "crash": "crashed", "timeout": "did not answer in time"}


def examine(program: Program, run: Run, witness: Run | None, *, name: str = "program", seed: int = 0) -> Examination:
    """Judges a program that ends in a `grad` statement on an engine."""
    try:
        subject = ProgramSubject(Forward.of(program), run)
        value = _value(subject, program, witness)
        derivative, worst = _derivative(subject, seed)
    except Refused as refused:
        return Examination.refused(program, refused.reply, name, seed, witness)
    if isinstance(derivative, Inconclusive):
        return Examination(undecided=derivative.reason) if not value else _wrong("value", value, program, name, seed)
    if derivative is None and not value:
        return Examination(worst=worst, empty=not (subject.n and subject.m))
    wrong = " and ".join(w for w, found in (("value", value), ("derivative", derivative)) if found)
    if wrong == "derivative" and witness is None:
        wrong = "derivative (value not compared)"
    details = "\n".join(str(d) for d in (value, derivative) if d)
    return _wrong(wrong, details, program, name, seed)


def _wrong(wrong: str, details: str, program: Program, name: str, seed: int) -> Examination:
    return Examination(Counterexample(wrong, details, program, name, seed))


def _value(subject: ProgramSubject, program: Program, witness: Run | None) -> str:
    """How the engine's value differs from PyTorch's by more than rounding; nothing if it does not."""
    if witness is None:
        return ""
    f = subject.forward
    try:
        found = ask(witness, [*f.constants, *f.leaves, *f.body, *(read(f"value_{o}", o) for o in f.outputs)])
    except Refused:
        return ""
    if problem := _structure(subject, found):
        return problem
    try:
        noise = _movement(ProgramSubject(f, witness))
    except Refused:
        return ""
    for where, o in zip(subject.output_slices, f.outputs, strict=True):
        theirs, ours = found[f"value_{o}"], subject.answer[f"value_{o}"]
        a, b = ours.astype(np.float64).ravel(), theirs.astype(np.float64).ravel()
        size = np.maximum(np.abs(b), 2.0**-8 * max(1.0, np.abs(b).max(initial=0.0, where=np.isfinite(b))))
        limit = _SAFETY * noise[where] + _PLACES * ROUNDOFF[ours.dtype.name] * size
        bad = ~((np.abs(a - b) <= limit) | (a == b) | (np.isnan(a) & np.isnan(b)))
        if bad.any():
            k = int(np.flatnonzero(bad)[0])
            return f"  value of {o}, element {k}: {a[k]!r}, PyTorch's is {b[k]!r} (tolerance {limit[k]:.2g})"
    return ""


def _structure(subject: ProgramSubject, found: Mapping[str, np.ndarray]) -> str:
    """How shapes or dtypes differ from PyTorch's."""
    for o in subject.forward.outputs:
        theirs, ours = found[f"value_{o}"], subject.answer[f"value_{o}"]
        if theirs.shape != ours.shape or theirs.dtype != ours.dtype:
            return f"  value of {o}: {ours.dtype}{list(ours.shape)}, PyTorch's is {theirs.dtype}{list(theirs.shape)}"
    return ""


def _movement(subject: ProgramSubject) -> np.ndarray:
    """How far PyTorch's values move when every input does by a unit in the last place of its dtype."""
    signs = np.random.Generator(np.random.SFC64(0)).choice((-1.0, 1.0), (6, subject.n))
    rows = np.concatenate([subject.x0[None], subject.x0 * (1 + 2 * subject.roundoff * signs)])
    with np.errstate(all="ignore"):
        y = subject.evaluate(rows)
        return np.nan_to_num(np.abs(y[1:] - y[0]).max(axis=0), nan=0.0)


def _derivative(subject: ProgramSubject, seed: int) -> tuple[GradientMismatch | Inconclusive | None, float]:
    """What differences and identities say of the backward pass, and the largest error as a fraction of its tolerance."""
    try:
        report = check_projected(subject, seed)
        _check_own(subject, seed)
    except GradientMismatch as wrong:
        if wrong.at_kink:  # what an engine answers there is a convention, which certification asks for
            return Inconclusive("the inputs lie on a kink", seed=seed), 0.0
        return wrong, float("inf")
    except Inconclusive as undecided:
        return undecided, 0.0
    if not report.comparisons and subject.n and subject.m:
        return Inconclusive("all outputs lie on a kink", seed=seed), 0.0
    return None, report.worst


def _check_own(subject: ProgramSubject, seed: int) -> None:
    """The gradients that the program itself asks for, for its own cotangents, with their layouts."""
    if not subject.n or not subject.m:
        return
    w, g = subject.own_pair()
    v = np.random.Generator(np.random.SFC64(seed)).standard_normal((2, subject.n)) * np.maximum(np.abs(subject.x0), 0.1)
    p = Projection(subject, seed, 1, (subject.run(), subject.run()), v, w[None], slopes(subject, v), g[None])
    c = p.compare()
    if c.wrong.any():
        p.slopes = settle(subject, v)
        c = p.compare()
    if c.wrong.all():
        c = p.compare(rounding.of_projections(p))
    if c.wrong.all() and not p.slopes.kink.any():
        raise GradientMismatch(
            "the gradients for the program's own cotangents are wrong, those for contiguous ones are right",
            c.finding((0, 0), "⟨pull(w), v⟩ and ⟨w, df(v)⟩"), diagnosis="the layout of the cotangent", seed=seed,
        )  # fmt: skip
