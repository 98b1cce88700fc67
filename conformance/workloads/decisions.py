"""Where a program has a kink: on which side of it a run was, and the same run on the sides of another.

Single precision may come to lie on the other side of a kink than double precision: an activation that is zero but for a
rounding, two pixels of nearly the same brightness. The derivative there is another one, and no less right. So every step
is compared with a step in float64 on its own sides, and only where it is clear of the kink must it be on the same side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conformance.engines.base import Engine
from conformance.errors import SuiteFault


@dataclass
class Decisions:
    """The sides that a run took, in the order of the program; `forced` makes it take those of another."""

    forced: Sequence[np.ndarray] | None = None
    sides: list[np.ndarray] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)  # what was decided on
    beyond: list[float] = field(default_factory=list)
    """How far across its kinks each side taken lies, at most, as a part of the largest value; 0 for a run's own."""

    def take(self, values: np.ndarray, own: np.ndarray, across: Any) -> np.ndarray:
        """The side to take, instead of one's own; `across(side)` says how far across the kinks that is."""
        side = own if self.forced is None else self.forced[len(self.sides)]
        scale = float(np.abs(values).max(initial=0.0))
        self.beyond.append(float(np.max(across(side), initial=0.0)) / scale if scale else 0.0)
        self.sides.append(side)
        self.values.append(values)
        return side

    def agree(self, other: Decisions) -> bool:
        """Whether both took the same sides."""
        return len(self.sides) == len(other.sides) and all(map(np.array_equal, self.sides, other.sides))

    def differences(self, other: Decisions) -> int:
        """How many sides differ, counted by elements."""
        return sum(int((a != b).sum()) for a, b in zip(self.sides, other.sides, strict=True))


def relu(torch: Any, engine: Engine, decisions: Decisions, x: Any, _attributes: Mapping[str, Any]) -> Any:
    """`relu`, which is zero on one side, made to take the sides of another run; None where it is to take its own."""
    z = np.array(engine.read(x))
    own = z > 0
    side = decisions.take(z, own, lambda side: np.abs(z[side != own]))
    return None if decisions.forced is None else torch.mul(x, engine.leaf(side.astype(z.dtype), False))


def max_pool2d(torch: Any, engine: Engine, decisions: Decisions, x: Any, attributes: Mapping[str, Any]) -> Any:
    """`max_pool2d`, which takes one pixel of each window; likewise."""
    z = np.array(engine.read(x))
    at = positions(z, attributes)
    flat = z.reshape(*z.shape[:2], -1)

    def chosen(side: np.ndarray) -> np.ndarray:
        return np.take_along_axis(flat, side.reshape(*z.shape[:2], -1), 2)

    side = decisions.take(z, at, lambda side: chosen(at) - chosen(side))
    if decisions.forced is None:
        return None
    index = engine.leaf(side.reshape(*z.shape[:2], -1), False)
    return torch.reshape(torch.gather(torch.reshape(x, shape=flat.shape), dim=2, index=index), shape=side.shape)


def positions(z: np.ndarray, attributes: Mapping[str, Any]) -> np.ndarray:
    """Where the largest element of each window lies in its image, counted row by row; the first of equal ones.

    >>> positions(np.arange(16.0).reshape(1, 1, 4, 4), {"kernel_size": 2, "stride": 2, "padding": 0})
    array([[[[ 5,  7],
             [13, 15]]]])
    """
    size, stride, padding = (_pair(attributes[k]) for k in ("kernel_size", "stride", "padding"))
    if attributes.get("ceil_mode") or set(_pair(attributes.get("dilation", 1))) != {1}:
        raise SuiteFault("workloads pool without dilation and without ceil_mode")
    around = ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(z, around, constant_values=-np.inf), size, (2, 3))
    windows = windows[:, :, :: stride[0], :: stride[1]]
    inside = windows.reshape(*windows.shape[:4], -1).argmax(-1)
    row = np.arange(windows.shape[2])[:, None] * stride[0] - padding[0] + inside // size[1]
    column = np.arange(windows.shape[3]) * stride[1] - padding[1] + inside % size[1]
    return row * z.shape[3] + column


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value) * (2 // len(value))


KINKED = {"nn.functional.relu": relu, "nn.functional.max_pool2d": max_pool2d}
"""The operators of the workloads that have kinks."""
