"""What is judged: a function of one flat vector of float64 numbers, with its pull-back. Complex numbers are pairs.

`TensorSubject` has that of a function of tensors, `ProgramSubject` that of a program on an engine.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.checking.flat import place
from conformance.checking.outcome import Inconclusive, Report


@dataclass
class Run:
    """One forward pass with its graph: the leaves, and the outputs that can be differentiated."""

    leaves: list[Any]
    outputs: list[Any]


class Subject(ABC):
    """A function at a point: `x0` is the flat point, `n` and `m` count its elements and those of the outputs."""

    names: list[str]  # of the inputs, and what else is known of each
    shapes: list[tuple[int, ...]]
    dtypes: list[np.dtype]
    complex: list[bool]
    slices: list[slice]
    x0: np.ndarray
    n: int

    output_names: list[str]
    output_shapes: list[tuple[int, ...]]
    output_complex: list[bool]
    output_slices: list[slice]
    m: int = 0

    roundoff: float  # the largest of all dtypes
    given_roundoff: float  # … and of those of the inputs
    wide: bool  # whether differences are taken in float64 although the dtype is shorter
    noise = 2.0**-53  # the roundoff of the values that were sampled
    batched = True
    activity = True  # whether some inputs may be constants
    aliasing = True  # whether one tensor may stand for two inputs
    evaluations = 0

    @property
    def grid(self) -> float:
        """The roundoff of the points at which the function is evaluated."""
        return 2.0**-53 if self.wide else self.given_roundoff

    @abstractmethod
    def run(
        self,
        *,
        strided: bool = False,
        active: Sequence[int] | None = None,
        x: np.ndarray | None = None,
        shared: tuple[int, int] | None = None,
    ) -> Run:
        """A forward pass that records its graph, at fresh leaves; only the `active` inputs require grad, two may be one tensor."""

    @abstractmethod
    def values(self, run: Run) -> np.ndarray:
        """The flat outputs of a run."""

    @abstractmethod
    def evaluate(self, rows: np.ndarray) -> np.ndarray:
        """The outputs at every row of flat inputs, as rows; NaN at points that the function refuses, if it takes others."""

    @abstractmethod
    def cotangents(self, w: np.ndarray, outputs: Sequence[Any], *, strided: bool = False) -> list[Any]:
        """One tensor per output from a flat cotangent."""

    @abstractmethod
    def expanded(self, run: Run) -> list[Any]:
        """Ones for cotangents, without memory of their own."""

    @abstractmethod
    def flat(self, tensors: Sequence[Any]) -> np.ndarray:
        """Tensors as one flat vector of float64."""

    @abstractmethod
    def pull_all(self, jobs: Sequence[tuple[Run, Sequence[Any]]]) -> np.ndarray:
        """The flat pull-backs of several graphs in one backward pass, as rows; the cotangents are tensors already."""

    def pull(self, run: Run, w: np.ndarray, *, strided: bool = False) -> np.ndarray:
        """The flat pull-back of a flat cotangent; zero along inputs that it does not reach."""
        return self.pull_all([(run, self.cotangents(w, run.outputs, strided=strided))])[0]

    def pull_rows(self, run: Run) -> np.ndarray:
        """The whole Jacobian, by pulling back every unit cotangent."""
        return np.stack([self.pull(run, unit) for unit in np.eye(self.m)])

    def push(self, v: np.ndarray) -> np.ndarray:
        """The flat push-forward of a flat tangent; raises where there is no forward mode."""
        raise NotImplementedError("this subject has no forward mode")

    def input_place(self, j: int) -> tuple[str, tuple[int, ...]]:
        """The name and index of a flat input position."""
        return place(j, self.slices, self.shapes, self.complex, self.names)

    def output_place(self, i: int) -> tuple[str, tuple[int, ...]]:
        """The name and index of a flat output position."""
        return place(i, self.output_slices, self.output_shapes, self.output_complex, self.output_names)

    def require_finite(self, y: np.ndarray, seed: int) -> None:
        """Raises `Inconclusive` where the function is not finite at the point itself."""
        finite = np.isfinite(y)
        if not finite.all():
            name, index = self.output_place(int(np.flatnonzero(~finite)[0]))
            raise Inconclusive(
                f"{name}{list(index)} is not finite at these inputs; choose inputs inside the domain", seed=seed
            )

    def nothing_to_compare(self, run: Run, mode: str, order: int, seed: int) -> Report:
        """The report where there are no inputs or no outputs: the backward pass must work, and give the right shapes."""
        self.pull(run, np.zeros(self.m))
        notes = ("there is nothing to compare: the inputs or the outputs have no elements",)
        return Report("pass", mode, order, self.n, self.m, 0, 0.0, 0.0, self.evaluations, False, seed, notes)
