"""What a workload is: parameters from a seed, inputs, and a loss written in the operators of a namespace `torch`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]
SEED = 33
"""Of the first 150 seeds the one whose ResNets stay furthest from the kinks of their late activations: 5e-4 in the last
stage, a hundred times what float32 is off there. An activation on the other side of its kink has another derivative."""


@dataclass(frozen=True)
class Workload:
    """One training step of one model: `loss(torch, p, x)` gives a scalar and the decisions taken on the way."""

    name: str
    statement: str
    shapes: Callable[[], Mapping[str, tuple[int, ...]]]
    inputs: Callable[[np.random.Generator], Arrays]
    loss: Callable[[Any, Mapping[str, Any], Mapping[str, Any]], tuple[Any, tuple[bool, ...]]]
    trained: Callable[[str], bool] = lambda _name: True
    lr: float = 0.01
    momentum: float = 0.9

    def arrays(self, dtype: str) -> tuple[Arrays, Arrays]:
        """Parameters and inputs. All are numbers of float32, so that both precisions start from the same point."""
        rng = np.random.default_rng(SEED)
        parameters = {name: initial(rng, name, shape) for name, shape in self.shapes().items()}
        inputs = {k: v.astype(np.float32) if v.dtype.kind == "f" else v for k, v in self.inputs(rng).items()}
        return _cast(parameters, dtype), _cast(inputs, dtype)

    def count(self) -> int:
        """How many parameters the model has.

        >>> from conformance.workloads import WORKLOADS
        >>> WORKLOADS["resnet18"].count()
        11689512
        """
        return sum(int(np.prod(shape)) for shape in self.shapes().values())


def _cast(arrays: Arrays, dtype: str) -> Arrays:
    return {k: v.astype(dtype) if v.dtype.kind == "f" else v for k, v in arrays.items()}


def initial(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Weights with variance 2 / fan-in (He et al. 2015); scales of normalisation near one, biases near zero."""
    draw = rng.standard_normal(shape)
    if len(shape) > 1:
        draw *= np.sqrt(2 / np.prod(shape[1:]))
    else:
        draw = 0.1 * draw + (1.0 if name.endswith("weight") else 0.0)
    return draw.astype(np.float32)
