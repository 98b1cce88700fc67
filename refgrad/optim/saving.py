"""The state of an optimizer as numbered entries, taken out and loaded again."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from refgrad.tensor import Tensor


def state_dict(self: Any) -> dict[str, Any]:
    """The state of each parameter under its number, and the groups with numbers for parameters."""
    number = {id(p): i for i, (_, p) in enumerate(self._parameters())}
    groups = [{**{k: v for k, v in g.items() if k != "params"}, "params": [number[id(p)] for p in g["params"]]}
              for g in self.param_groups]  # fmt: skip
    state = {number.get(id(p), p) if isinstance(p, Tensor) else p: s for p, s in self.state.items()}
    return {"state": state, "param_groups": groups}


def load_state_dict(self: Any, state_dict: Mapping[str, Any]) -> None:
    """Takes over the options and a copy of the state, in the dtypes of this optimizer's parameters."""
    groups, saved = self.param_groups, copy.deepcopy(list(state_dict["param_groups"]))
    if len(groups) != len(saved):
        raise ValueError("loaded state dict has a different number of parameter groups")
    if any(len(g["params"]) != len(s["params"]) for g, s in zip(groups, saved, strict=True)):
        raise ValueError(
            "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
        )
    of_number = dict(
        zip((i for s in saved for i in s["params"]), (p for g in groups for p in g["params"]), strict=True)
    )
    self.state = defaultdict(dict)
    for key, entry in state_dict["state"].items():
        p = of_number.get(key, key)
        self.state[p] = (
            {k: _fitted(k, v, p) for k, v in entry.items()} if isinstance(p, Tensor) else copy.deepcopy(entry)
        )
    self.param_groups = [{**s, "params": g["params"]} for g, s in zip(groups, saved, strict=True)]


def _fitted(key: str, value: Any, p: Tensor) -> Any:
    """A copy of the entry; what is a number for each element takes the dtype of the parameter."""
    if not isinstance(value, Tensor):
        return copy.deepcopy(value)
    keeps = key == "step" or not (p.is_floating_point() or p.is_complex())
    return value.detach().clone() if keeps else value.detach().to(p.dtype, copy=True)
