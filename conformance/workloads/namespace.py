"""`torch` as the workloads see it: the operators of the suite's table, over any adapter that has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.engines.base import Engine
from conformance.operators import specs
from conformance.workloads.decisions import KINKED, Decisions


class Torch:
    """Attributes are namespaces (``torch.nn.functional``) or operators, called as PyTorch documents them."""

    def __init__(self, engine: Engine, decisions: Decisions, prefix: str = "") -> None:
        self._engine, self._decisions, self._prefix = engine, decisions, prefix

    def __getattr__(self, name: str) -> Any:
        path = f"{self._prefix}{name}"
        if path in specs():
            found = self._operator(path)
        elif any(known.startswith(f"{path}.") for known in specs()):
            found = Torch(self._engine, self._decisions, f"{path}.")
        else:
            raise AttributeError(f"the suite's table has no operator {path!r}")
        self.__dict__[name] = found
        return found

    def _operator(self, name: str) -> Any:
        spec, function = specs()[name], self._engine.operator(name)

        def call(*args: Any, **kw: Any) -> Any:
            tensors, attributes = spec.bind(args, kw)
            return function(*tensors, **attributes)

        def decide(*args: Any, **kw: Any) -> Any:
            (x,), attributes = spec.bind(args, kw)
            torch = Torch(self._engine, self._decisions)
            made = KINKED[name](torch, self._engine, self._decisions, x, attributes)
            return function(x, **attributes) if made is None else made

        return decide if name in KINKED else call

    def is_negative(self, x: Any, parts: Any) -> bool:
        """Whether the one number `x`, a sum of `parts`, is below zero: a decision that depends on data."""
        number, values = float(self._engine.read(x)), np.array(self._engine.read(parts))
        own = np.array(number < 0)
        return bool(self._decisions.take(values, own, lambda side: np.abs(number) * (side != own)))
