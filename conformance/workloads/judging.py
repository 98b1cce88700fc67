"""A workload judged: an engine's steps beside a witness's.

In float64 every parameter after the step must agree to 1e-9 of its tensor's scale. In float32 an engine may be 4 times
as far from the float64 result as its witness. Two things that chance does are kept out of this:

- *Kinks.* In float32 a value may come to lie on the other side of a kink. Each step is therefore compared with the
  witness's float64 step on the same sides (`conformance.workloads.decisions`); no side may lie further across its kink
  than rounding explains. (ResNet-18 over 20 seeds: in three of them one element is elsewhere in float32, an activation
  that is 1e-7 and 6e-9 of its layer's largest, and a pixel in a window of the pooling; the gradients are off by 2 to
  14 % then, beside 1e-4 otherwise.)
- *Luck.* Channels of four pixels with next to no variance multiply the roundings before them, so that a few roundings
  decide how far off everything is, and the witness may be lucky with them. (With seed 2 PyTorch's own float32 is 4e-5
  off in one tensor by the convolutions of oneDNN, and 1.5e-3 by its other ones.) Where an engine seems too far off, the
  witness's own distance is therefore measured with the hidden units in other orders too, which changes nothing but the
  order of its sums; the largest counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from conformance.engines.imperative import ImperativeEngine
from conformance.errors import Unsupported
from conformance.workloads.comparing import FLOAT32, FLOAT64, all_distances, distances, excess, problems, strayed
from conformance.workloads.model import Workload
from conformance.workloads.training import Step, train

PRECISIONS = ("float64", "float32")
ORDERS = 4
"""In how many orders of the units the witness is measured at most, the first of them as drawn."""
PASS, FAIL, UNSUPPORTED = "pass", "fail", "unsupported"


@dataclass(frozen=True)
class WorkloadResult:
    """How an engine did in one workload."""

    engine: str
    witness: str
    workload: str
    statement: str
    parameters: int
    status: str
    reasons: tuple[str, ...] = ()
    measured: Mapping[str, float] = field(default_factory=dict)
    """float64: the largest distance, as a part of its tensor's scale; float32: as a multiple of what is allowed; elsewhere:
    elements on another side of a kink than in float64; orders: in how many the witness was measured; seconds."""

    @property
    def passed(self) -> bool:
        """Whether the engine agrees with its witness."""
        return self.status == PASS


Steps = dict[str, Step] | tuple[str, str]
"""An engine's step in each precision; or the status and the reason why there is none."""


@dataclass(frozen=True)
class Trial:
    """One workload with its numbers; steps are made once for each engine."""

    workload: Workload
    seed: int

    def steps(self, engine: ImperativeEngine) -> Steps:
        """The step in each precision; or the status and the reason why there is none."""
        try:
            return {dtype: train(engine, self.workload, dtype, seed=self.seed) for dtype in PRECISIONS}
        except Unsupported as lacking:
            return UNSUPPORTED, f"needs {lacking.feature}"
        except Exception as error:  # noqa: BLE001 - whatever an engine raises is its result
            return FAIL, f"{type(error).__name__}: {error}"

    def judge(self, names: tuple[str, str], witness: ImperativeEngine, ours: Steps, theirs: Steps) -> WorkloadResult:
        """The engine's steps beside the witness's."""
        facts = (*names, self.workload.name, self.workload.statement, self.workload.count())
        if isinstance(ours, tuple):
            return WorkloadResult(*facts, ours[0], (ours[1],))
        if isinstance(theirs, tuple):
            return WorkloadResult(*facts, FAIL, (f"the witness {names[1]}: {theirs[1]}",))
        truths = {dtype: self._truth(witness, step, theirs["float64"]) for dtype, step in ours.items()}
        double = all_distances(ours["float64"], truths["float64"])
        single, orders = self._excess(witness, ours["float32"], truths["float32"], theirs)
        own = self._truth(witness, theirs["float32"], theirs["float64"])
        reasons = [
            *(
                f"in float64, {k} is {d:.1e} of its scale from {names[1]}'s, above {FLOAT64:.0e}"
                for k, d in double.items()
                if not d <= FLOAT64
            ),
            *(
                f"in float32, {k} is {d:.1f} times as far off as {names[1]} allows"
                for k, d in single.items()
                if not d <= 1
            ),
            *(
                f"in {t}, {text}"
                for t in PRECISIONS
                for text in problems(self.workload, ours[t], self.workload.arrays(t, self.seed)[0])
            ),
            *(f"in float64, {text}" for text in strayed(truths["float64"], FLOAT64)),
            *(f"in float32, {text}" for text in strayed(truths["float32"], FLOAT32, theirs["float32"], own)),
        ]
        measured = {
            "float64": max(double.values()),
            "float32": max(single.values()),
            "elsewhere": ours["float32"].decisions.differences(theirs["float64"].decisions),
            "orders": orders,
            "seconds": ours["float64"].seconds,
            "witness_seconds": theirs["float64"].seconds,
        }
        return WorkloadResult(*facts, FAIL if reasons else PASS, tuple(reasons), measured)

    def _truth(self, witness: ImperativeEngine, step: Step, usual: Step) -> Step:
        """The witness's float64 step on the same sides of all kinks."""
        if step.decisions.agree(usual.decisions):
            return usual
        return train(witness, self.workload, "float64", seed=self.seed, like=step)

    def _excess(
        self, witness: ImperativeEngine, step: Step, truth: Step, theirs: dict[str, Step]
    ) -> tuple[dict[str, float], int]:
        """How far off each parameter is, as a multiple of what is allowed; and in how many orders that was measured."""
        found = distances(step, truth)
        own = distances(theirs["float32"], self._truth(witness, theirs["float32"], theirs["float64"]))
        rng = np.random.default_rng(self.seed)
        for tried in range(1, ORDERS):
            order = self.workload.orders(rng)
            if not order or max(excess(found, own).values()) <= 1:
                return excess(found, own), tried
            single = train(witness, self.workload, "float32", seed=self.seed, order=order)
            double = train(witness, self.workload, "float64", seed=self.seed, order=order, like=single)
            own = {k: max(d, own[k]) for k, d in distances(single, double).items()}
        return excess(found, own), ORDERS
