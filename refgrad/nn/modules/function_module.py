"""Modules that are a function and its options: activations, losses, pooling. A class names both; here is the rest."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from refgrad.nn.modules.module import Module
from refgrad.tensor import Tensor

REQUIRED = inspect.Parameter.empty


class FunctionModule(Module):
    """Base of such modules: options become attributes, or buffers if tensors; forward passes them to the function."""

    function: ClassVar[Callable[..., Any]]
    options: ClassVar[Mapping[str, Any]] = {}
    """Arguments of the constructor in PyTorch's order, with their defaults; `REQUIRED` ones have none."""
    shown: ClassVar[tuple[str, ...]] = ()
    """The options that the text of the module shows; `inplace` is shown where it is true."""

    def __init_subclass__(cls) -> None:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        cls.__signature__ = inspect.Signature(
            [inspect.Parameter(name, kind, default=value) for name, value in cls.options.items()]
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        try:
            bound = inspect.signature(type(self)).bind(*args, **kwargs)
        except TypeError as wrong:
            raise TypeError(f"{type(self).__name__}.__init__() {wrong}") from None
        bound.apply_defaults()
        for name, value in bound.arguments.items():
            if isinstance(value, Tensor):
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)

    def forward(self, *inputs: Any, **_: Any) -> Any:
        """The function of the inputs with the module's options."""
        return type(self).function(*inputs, **self._arguments())

    def _arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.options}

    def extra_repr(self) -> str:
        """The options shown."""
        parts = [f"{name}={getattr(self, name)!r}" for name in self.shown if name != "inplace" or self.inplace]
        return ", ".join(parts)
