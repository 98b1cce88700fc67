"""What a workload is: parameters from a seed, inputs, and a loss written in the operators of a namespace `torch`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]
Orders = Mapping[str, np.ndarray]
"""For each kind of unit an order to put them in."""
SEED = 20250101
"""Any other would do: see `conformance.workloads.judging` for what chance can do to a step, and what is done about it."""


def _no_units(_name: str) -> tuple[str | None, ...]:
    return ()


@dataclass(frozen=True)
class Workload:
    """One training step of one model: `loss(torch, p, x)` gives a scalar.

    The order of its hidden units is of no consequence: `units(name)` says for each dimension of a parameter which kind
    of unit it numbers (None: not a hidden one), and `orders(rng)` puts each kind in another order.
    """

    name: str
    statement: str
    shapes: Callable[[], Mapping[str, tuple[int, ...]]]
    inputs: Callable[[np.random.Generator], Arrays]
    loss: Callable[[Any, Mapping[str, Any], Mapping[str, Any]], Any]
    units: Callable[[str], tuple[str | None, ...] | None] = _no_units
    orders: Callable[[np.random.Generator], Orders] = lambda _rng: {}
    trained: Callable[[str], bool] = lambda _name: True
    lr: float = 0.01
    momentum: float = 0.9

    def arrays(self, dtype: str, seed: int = SEED) -> tuple[Arrays, Arrays]:
        """Parameters and inputs. All are numbers of float32, so that both precisions start from the same point."""
        parameters, inputs = _drawn(self, seed)
        return _cast(parameters, dtype), _cast(inputs, dtype)

    def reordered(self, parameters: Arrays, order: Orders, *, back: bool = False) -> Arrays:
        """The parameters of the same function with its units in this order, or such parameters put back."""
        moved = dict(parameters)
        for name, array in parameters.items():
            for axis, unit in enumerate((self.units(name) or ())[: array.ndim]):
                if unit in order:
                    places = np.argsort(order[unit]) if back else order[unit]
                    moved[name] = np.take(moved[name], places, axis)
        return moved

    def count(self) -> int:
        """How many parameters the model has.

        >>> from conformance.workloads import WORKLOADS
        >>> WORKLOADS["resnet18"].count()
        11689512
        """
        return sum(int(np.prod(shape)) for shape in self.shapes().values())


@functools.lru_cache(maxsize=2)
def _drawn(workload: Workload, seed: int) -> tuple[Arrays, Arrays]:
    rng = np.random.default_rng(seed)
    parameters = {name: initial(rng, name, shape) for name, shape in workload.shapes().items()}
    inputs = {k: v.astype(np.float32) if v.dtype.kind == "f" else v for k, v in workload.inputs(rng).items()}
    return parameters, inputs


def _cast(arrays: Arrays, dtype: str) -> Arrays:
    """Copies, which an engine may write to."""
    return {k: v.astype(dtype if v.dtype.kind == "f" else v.dtype) for k, v in arrays.items()}


def initial(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Weights with variance 2 / fan-in (He et al. 2015); scales of normalisation near one, biases near zero."""
    draw = rng.standard_normal(shape)
    if len(shape) > 1:
        draw *= np.sqrt(2 / np.prod(shape[1:]))
    else:
        draw = 0.1 * draw + (1.0 if name.endswith("weight") else 0.0)
    return draw.astype(np.float32)
