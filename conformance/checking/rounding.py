"""How unsure a pull-back is by rounding, measured: that of the rule itself, and that of the function in its own dtype."""

from __future__ import annotations

from collections.abc import Callable
from math import log2
from typing import TYPE_CHECKING

import numpy as np

from conformance.checking.subject import Run, Subject
from conformance.oracles.differences import START, roughness, steps

if TYPE_CHECKING:
    from conformance.checking.projected import Projection


def of_projections(p: Projection, again: int = 0) -> np.ndarray:
    """The rule's for every cotangent (rows) and direction; another number `again` takes other points around."""

    def pulled(run: Run, factors: np.ndarray) -> np.ndarray:
        return np.stack([p.subject.pull(run, w * factors) for w in p.w]) @ p.v.T

    return _measured(p.subject, pulled, [p.seed, again])


def of_columns(subject: Subject, js: np.ndarray, seed: int, again: int = 0) -> np.ndarray:
    """The rule's for the entries of some columns of the Jacobian, which are rows here."""
    return _measured(subject, lambda run, factors: factors * subject.pull_rows(run)[:, js].T, [seed, again])


def _measured(subject: Subject, pulled: Callable[[Run, np.ndarray], np.ndarray], seed: list[int]) -> np.ndarray:
    """How far it moves with the last places of inputs and cotangents, and how rough it is over longer steps.

    A rule that rounds what it saved shows nothing until that changes, as tanh of 3 in float32 does not for some units in the
    last place of 3. Cotangents move as well, since a rule's products are rounded also where no input changes them: the second
    derivative of a square is a constant.
    """
    signs = np.random.Generator(np.random.SFC64(seed)).choice((-1.0, 1.0), subject.n + subject.m)
    of_inputs, of_cotangents = signs[: subject.n], signs[subject.n :]
    longer = steps(start=2.0 ** round(log2(subject.roundoff) / 2))  # curvature over these is rounding too

    def at(move: float) -> np.ndarray:
        return pulled(subject.run(x=subject.x0 * (1 + move * of_inputs)), 1 + move * of_cotangents)

    middle, ahead, behind = (at(k * subject.roundoff) for k in (0, 4, -4))
    moved = np.maximum(np.abs(ahead - middle), np.abs(behind - middle))
    try:
        rough = roughness(*(np.stack([at(side * h) for h in longer]) for side in (1, -1)), middle)
    except Exception:  # noqa: BLE001 - so far away may be outside the function's domain, which is no fault
        return moved
    return np.fmax(moved, rough)  # which may also be NaN there


def of_own_differences(subject: Subject, y: np.ndarray) -> np.ndarray:
    """That of every output's slope, had differences been taken in the function's own dtype and with the widest step.

    Where that leaves nothing to judge, the function is flat to its rounding: of tanh of 7 in float32 differences in float64 see
    a slope of 3e-6, while the rule has 1 - y² of a y that is one of the last places below 1.
    """
    return subject.roundoff * np.abs(y) / START
