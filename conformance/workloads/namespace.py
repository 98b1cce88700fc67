"""`torch` as the workloads see it: the operators of the suite's table, over any adapter that has them."""

from __future__ import annotations

from typing import Any

from conformance.engines.base import Engine
from conformance.operators import specs


class Torch:
    """Attributes are namespaces (``torch.nn.functional``) or operators, called as PyTorch documents them."""

    def __init__(self, engine: Engine, prefix: str = "") -> None:
        self._engine, self._prefix = engine, prefix

    def __getattr__(self, name: str) -> Any:
        path = f"{self._prefix}{name}"
        if path in specs():
            found = self._operator(path)
        elif any(known.startswith(f"{path}.") for known in specs()):
            found = Torch(self._engine, f"{path}.")
        else:
            raise AttributeError(f"the suite's table has no operator {path!r}")
        self.__dict__[name] = found
        return found

    def _operator(self, name: str) -> Any:
        spec, function = specs()[name], self._engine.operator(name)

        def call(*args: Any, **kw: Any) -> Any:
            tensors, attributes = spec.bind(args, kw)
            return function(*tensors, **attributes)

        return call

    def item(self, x: Any) -> float:
        """The one number that the tensor holds, for decisions that depend on data."""
        return float(self._engine.read(x))
