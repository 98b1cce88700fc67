"""An LSTM cell unrolled over 50 steps, whose way through the program depends on the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from conformance.workloads.model import Arrays, Orders, Workload

STEPS, BATCH, INPUT, HIDDEN, OUTPUT = 50, 3, 5, 8, 4


def shapes() -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, by PyTorch's names for a cell."""
    return {
        "weight_ih": (4 * HIDDEN, INPUT), "weight_hh": (4 * HIDDEN, HIDDEN), "bias_ih": (4 * HIDDEN,),
        "bias_hh": (4 * HIDDEN,), "detour": (HIDDEN, HIDDEN), "out.weight": (OUTPUT, HIDDEN), "out.bias": (OUTPUT,),
    }  # fmt: skip


def inputs(rng: np.random.Generator) -> Arrays:
    """A sequence, where to start, and what should come out."""
    return {
        "sequence": rng.standard_normal((STEPS, BATCH, INPUT)),
        "start": np.zeros((BATCH, HIDDEN)),
        "target": rng.standard_normal((BATCH, OUTPUT)),
    }


def _step(torch: Any, p: Mapping[str, Any], x: Any, h: Any, c: Any) -> tuple[Any, Any]:
    """The next hidden state and cell: Hochreiter & Schmidhuber 1997, with a forget gate."""
    F = torch.nn.functional
    gates = torch.add(F.linear(x, p["weight_ih"], p["bias_ih"]), F.linear(h, p["weight_hh"], p["bias_hh"]))
    take, forget, new, give = torch.chunk(gates, chunks=4, dim=1)
    c = torch.add(torch.mul(torch.sigmoid(forget), c), torch.mul(torch.sigmoid(take), torch.tanh(new)))
    return torch.mul(torch.sigmoid(give), torch.tanh(c)), c


def loss(torch: Any, p: Mapping[str, Any], x: Mapping[str, Any]) -> Any:
    """The squared error after 50 steps; where the hidden states sum to less than nothing, they take a detour."""
    h = c = x["start"]
    for step in torch.unbind(x["sequence"], dim=0):
        h, c = _step(torch, p, step, h, c)
        if torch.is_negative(torch.sum(h), h):
            h = torch.tanh(torch.matmul(h, p["detour"]))
    y = torch.nn.functional.linear(h, p["out.weight"], p["out.bias"])
    return torch.nn.functional.mse_loss(y, x["target"])


UNITS = {
    "weight_ih": ("gates", None), "weight_hh": ("gates", "hidden"), "bias_ih": ("gates",), "bias_hh": ("gates",),
    "detour": ("hidden", "hidden"), "out.weight": (None, "hidden"),
}  # fmt: skip


def orders(rng: np.random.Generator) -> Orders:
    """The hidden units in any order, the same in each of the four gates."""
    hidden = rng.permutation(HIDDEN)
    return {"hidden": hidden, "gates": np.concatenate([gate * HIDDEN + hidden for gate in range(4)])}


LSTM = Workload(
    "lstm", "an LSTM cell over 50 steps, branching on its data", shapes, inputs, loss, UNITS.get, orders, lr=0.1
)
