"""What a check can answer: a report, a mismatch, or that it could not judge. Never one in place of another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Report:
    """The numbers of a check that found nothing wrong (or, with ``on_inconclusive="warn"``, that could not judge)."""

    verdict: str  # "pass" or "inconclusive"
    mode: str
    order: int
    inputs: int  # elements of all checked inputs, complex ones counted twice
    outputs: int
    comparisons: int
    worst: float  # the largest difference, as a fraction of its tolerance
    resolution: float  # the smallest relative error of one gradient element of typical size that would have been seen
    evaluations: int  # of the function, batched ones counted one by one
    batched: bool
    seed: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """One entry of a Jacobian: which output with which index, by which input with which index."""

    output: str
    output_index: tuple[int, ...]
    input: str
    input_index: tuple[int, ...]

    def __str__(self) -> str:
        return f"d {self.output}{_brackets(self.output_index)} / d {self.input}{_brackets(self.input_index)}"


def _brackets(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""


@dataclass(frozen=True)
class Finding:
    """A difference that is larger than its tolerance, and of what the tolerance is made."""

    what: str
    analytic: float
    numeric: float
    error: float
    tolerance: float
    parts: dict[str, float] = field(default_factory=dict)


class GradientMismatch(AssertionError):
    """The backward pass contradicts the function's own forward pass, or itself.

    ``finding`` holds the numbers, ``place`` the worst entry of the Jacobian (None where the fault is not in one entry),
    ``seed`` replays the check.
    """

    def __init__(
        self, summary: str, finding: Finding, *, place: Place | None = None, entry: Finding | None = None,
        diagnosis: str = "", seed: int = 0, order: int = 1, at_kink: bool = False,
    ) -> None:  # fmt: skip
        self.finding = finding
        self.place = place
        self.entry = entry
        self.diagnosis = diagnosis
        self.seed = seed
        self.order = order
        self.at_kink = at_kink
        super().__init__("\n".join(_lines(self, summary)))


def _lines(error: GradientMismatch, summary: str) -> list[str]:
    lines = [summary]
    if error.diagnosis:
        lines.append(f"  likely: {error.diagnosis}")
    if error.place is not None and error.entry is not None:
        lines += [f"  worst entry: {error.place}", *_numbers(error.entry, "    ")]
    lines += [f"  {error.finding.what}:", *_numbers(error.finding, "    "), f"  replay with seed={error.seed}"]
    return lines


def _numbers(finding: Finding, margin: str) -> list[str]:
    parts = ", ".join(f"{name} {value:.2g}" for name, value in finding.parts.items())
    return [
        f"{margin}backward {finding.analytic!r}",
        f"{margin}forward  {finding.numeric!r}",
        f"{margin}error {finding.error:.3g}, tolerance {finding.tolerance:.3g}" + (f" ({parts})" if parts else ""),
    ]


class Inconclusive(Exception):
    """The differences are too inaccurate to judge this gradient here. Not a pass; the message says why and what to try."""

    def __init__(self, reason: str, *, seed: int = 0, details: Any = None) -> None:
        super().__init__(f"{reason} (replay with seed={seed})")
        self.reason = reason
        self.seed = seed
        self.details = details


class InconclusiveWarning(UserWarning):
    """As `Inconclusive`, under ``on_inconclusive="warn"``."""
