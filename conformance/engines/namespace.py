"""The base class of engines that offer PyTorch's own namespace: PyTorch, refgrad, out-of-tree devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from conformance.engines.base import FEATURES
from conformance.engines.imperative import ImperativeEngine
from conformance.errors import Unsupported


class NamespaceEngine(ImperativeEngine):
    """Drives a module that is spelled as `torch`. A subclass gives the module; everything else follows."""

    features = frozenset(FEATURES)
    device = "cpu"

    def __init__(self) -> None:
        self.torch = self.namespace()
        self._found: dict[str, Callable[..., Any]] = {}

    def leaf(self, array: np.ndarray, requires_grad: bool) -> Any:
        tensor = self.from_numpy(array).to(self.device)
        return tensor.requires_grad_() if requires_grad else tensor

    def from_numpy(self, array: np.ndarray) -> Any:
        """A tensor with the array's values in memory of its own."""
        return self.torch.from_numpy(array.copy())

    def read(self, tensor: Any) -> np.ndarray:
        return tensor.detach().cpu().numpy()

    def backward(self, output: Any, cotangent: Any, retain_graph: bool | None) -> None:
        output.backward(cotangent, retain_graph=retain_graph)

    def backward_all(self, outputs: Any, cotangents: Any, options: Mapping[str, Any]) -> None:
        self.torch.autograd.backward(outputs, cotangents, **options)

    def gradients(self, outputs: Any, inputs: Any, cotangents: Any, options: Mapping[str, Any]) -> Any:
        return self.torch.autograd.grad(outputs, inputs, cotangents, **options)

    def jvp(self, function: Callable[..., tuple[Any, ...]], primals: Any, tangents: Any) -> tuple[Any, Any]:
        forward = getattr(self.torch.autograd, "forward_ad", None)
        if forward is None:
            raise Unsupported("forward-mode")
        with forward.dual_level():
            outputs = function(*map(forward.make_dual, primals, tangents))
            pairs = [forward.unpack_dual(y) for y in outputs]
        return [primal for primal, _ in pairs], [tangent for _, tangent in pairs]

    def grad(self, tensor: Any) -> Any:
        return tensor.grad

    def detach(self, tensor: Any) -> Any:
        return tensor.detach()

    def detach_(self, tensor: Any) -> Any:
        return tensor.detach_()

    def mode(self, name: str, *args: Any) -> AbstractContextManager[Any]:
        return getattr(self.torch, name)(*args)

    def set_grad(self, tensor: Any, value: Any) -> None:
        tensor.grad = value

    def set_requires_grad(self, tensor: Any, value: bool) -> None:
        tensor.requires_grad = value

    def requires_grad_(self, tensor: Any, value: bool) -> Any:
        return tensor.requires_grad_(value)

    def retain_grad(self, tensor: Any) -> None:
        tensor.retain_grad()

    def inplace(self, name: str, args: tuple[Any, ...], kw: Mapping[str, Any]) -> Any:
        if name == "setitem":
            args[0][kw["index"]] = args[1]
            return args[0]
        return getattr(args[0], name)(*args[1:], **kw)

    def flag(self, name: str, *tensors: Any) -> Any:
        if name == "is_grad_enabled":
            return self.torch.is_grad_enabled()
        if name == "shares_storage":
            return tensors[0].data_ptr() == tensors[1].data_ptr()
        (tensor,) = tensors
        if name == "grad_fn":
            return None if tensor.grad_fn is None else tensor.grad_fn.name()
        if name == "python":
            return tensor.tolist()
        return repr(tensor) if name == "repr" else getattr(tensor, name)

    def operator(self, name: str) -> Callable[..., Any]:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = _SYNTAX.get(name) or self._resolve(name)
        return found

    def _resolve(self, name: str) -> Callable[..., Any]:
        """The function of the dotted name, else the tensor method of that name."""
        if name == "div":
            return lambda a, b, *, rounding_mode: (
                a / b if rounding_mode is None else self.torch.div(a, b, rounding_mode=rounding_mode)
            )
        holder: Any = self.torch
        for part in name.split("."):
            holder = getattr(holder, part, None)
        if holder is not None:
            return holder
        if hasattr(self.torch.Tensor, name):
            return lambda tensor, *args, **kw: getattr(tensor, name)(*args, **kw)
        raise Unsupported(f"operator:{name}")


_SYNTAX: dict[str, Callable[..., Any]] = {
    "getitem": lambda tensor, *, index: tensor[index],
    "neg": lambda tensor: -tensor,
    "add": lambda a, b, *, alpha: a + b if alpha == 1 else a + alpha * b,
    "sub": lambda a, b, *, alpha: a - b if alpha == 1 else a - alpha * b,
    "mul": lambda a, b: a * b,
    "matmul": lambda a, b: a @ b,
    "pow": lambda a, b: a**b,
}
"""What PyTorch spells with Python's syntax, where a number may stand on the left."""
