"""Where the forward pass has a kink: the pull-back must lie among the gradients around the point.

What each framework answers at a kink is a convention, so any of them passes; what no neighbourhood has is wrong.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np

from conformance.checking.judging import SAFETY, compare, scale, settle
from conformance.checking.locate import fail
from conformance.checking.outcome import Finding

if TYPE_CHECKING:
    from conformance.checking.projected import Projection

_AROUND = 16  # points; with two sides, both are met by every element but one in 2^15
_NEAR, _APART = 2.0**-20, 2.0**-8  # for the gradients around; and where differences fit beside the kink


def check_kinks(p: Projection, kinked: np.ndarray) -> None:
    """Raises `GradientMismatch` if the pull-back at kinked outputs is none that the function allows."""
    subject = p.subject
    rng = np.random.Generator(np.random.SFC64(p.seed + 1))
    w = np.abs(rng.standard_normal(subject.m)) * kinked
    g = subject.pull(p.runs[0], w)
    around = np.stack([subject.pull(subject.run(x=_near(p, rng, _NEAR)), w) for _ in range(_AROUND)])
    _check_smooth_neighbour(p, rng, w)
    low, high = around.min(axis=0), around.max(axis=0)
    slack = 1e-4 * (high - low) + 1e-5 * np.abs(around).max(initial=0.0)
    outside = ~((g >= low - slack) & (g <= high + slack))
    if not outside.any() or _between_slopes(p, w, g):
        return
    j = int(np.flatnonzero(outside)[0])
    nearest = float(np.clip(g[j], low[j], high[j]))
    finding = Finding("the gradient at a kink, and the nearest of those around it", float(g[j]), nearest,
                      float(abs(g[j] - nearest)), float(slack[j]))  # fmt: skip
    diagnosis = f"no side of the kink has this gradient for {_name(p, j)}"
    raise fail(p, (0, 0), finding, located=False, diagnosis=diagnosis, at_kink=True)


def _near(p: Projection, rng: np.random.Generator, distance: float) -> np.ndarray:
    return p.subject.x0 + distance * scale(p.subject) * rng.standard_normal(p.subject.n)


def _between_slopes(p: Projection, w: np.ndarray, g: np.ndarray) -> bool:
    """Whether the pull-back lies between the one-sided slopes along every direction."""
    s = p.slopes
    middle, half = s.value @ w, s.kink @ w
    slack = SAFETY * (s.error @ w) + 1e-6 * half
    return bool((np.abs(p.v @ g - middle) <= half + slack).all())


def _check_smooth_neighbour(p: Projection, rng: np.random.Generator, w: np.ndarray) -> None:
    """The gradients around are held against differences too, at one point beside the kink."""
    subject = copy.copy(p.subject)
    subject.x0 = _near(p, rng, _APART)
    run = subject.run()
    v = p.v[:1].copy()
    s = settle(subject, v)
    c = compare(subject, subject.pull(run, w)[None], w[None], v, s)
    if c.wrong.any() and not s.kink.any():
        raise fail(p, (0, 0), c.finding((0, 0), "⟨pull(w), v⟩ and ⟨w, df(v)⟩ beside a kink"), located=False)


def _name(p: Projection, j: int) -> str:
    name, index = p.subject.input_place(j)
    return f"{name}{list(index)}"
