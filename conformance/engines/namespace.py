"""The base class of engines that offer PyTorch's own namespace: PyTorch, refgrad, out-of-tree devices.

On a device, the tensors of programs lie there, and are read from there; namespace cases make their own.
"""

from __future__ import annotations

import operator
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from conformance.engines.base import FEATURES
from conformance.engines.imperative import ImperativeEngine
from conformance.errors import DeviceError, Unsupported
from conformance.expressions import along
from conformance.operators.spec import VARIADIC
from conformance.program import Program


class NamespaceEngine(ImperativeEngine):
    """Drives a module that is spelled as `torch`. A subclass gives the module; everything else follows."""

    features = frozenset(FEATURES)
    device = "cpu"

    def __init__(self) -> None:
        self.torch = self.namespace()
        self._found: dict[str, Callable[..., Any]] = {}
        if self.device != "cpu":
            self.check_device()

    def check_device(self) -> None:
        """Raises `DeviceError`, in one line with the remedy, where nothing can be computed on the device."""
        try:
            works = bool((self.torch.ones(2, device=self.device) + 1 == 2).all())
        except Exception as error:
            raise DeviceError(f"{self.name} cannot compute on {self.device}: {_first_line(error)}") from error
        if not works:
            raise DeviceError(f"{self.name} computes 1 + 1 wrongly on {self.device}; see whether its driver fits it")

    def run(self, program: Program) -> dict[str, Any]:
        """As every engine; what a program leaves behind on the device is not the next one's loss."""
        reply = super().run(program)
        if self.device != "cpu" and reply["status"] == "error":
            self._recover(reply["error"])
        return reply

    def _recover(self, error: Mapping[str, Any]) -> None:
        """Gives memory back after a program has exhausted it; ends the process where no kernel runs any more."""
        if error["class"].rpartition(".")[2] in _EXHAUSTED:
            self.torch.cuda.empty_cache()
        elif any(words in error["message"] for words in _DEAD):
            print(f"the device is lost to this process: {error['message']}", file=sys.stderr, flush=True)
            os._exit(_LOST)

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

    def func_jvp(self, function: Callable[..., tuple[Any, ...]], primals: Any, tangents: Any) -> tuple[Any, Any]:
        return self._func().jvp(function, primals, tangents)

    def func_vjp(self, function: Callable[..., tuple[Any, ...]], primals: Any, cotangents: Any) -> tuple[Any, Any]:
        outputs, pull_back = self._func().vjp(function, *primals)
        return outputs, pull_back(cotangents)

    def _func(self) -> Any:
        func = getattr(self.torch, "func", None)
        if func is None:
            raise Unsupported("func")
        return func

    def hook(self, tensor: Any, function: Callable[[Any], Any]) -> Any:
        return tensor.register_hook(function)

    def post_hook(self, tensor: Any, function: Callable[[Any], None]) -> Any:
        return tensor.register_post_accumulate_grad_hook(function)

    def remove_hook(self, handle: Any) -> None:
        handle.remove()

    def custom(self, forward: Callable[..., Any], rule: Callable[..., tuple[Any, ...]], inputs: Any) -> tuple[Any, ...]:
        class Rule(self.torch.autograd.Function):  # one for each use, as in the code that people write
            @staticmethod
            def forward(ctx: Any, *xs: Any) -> Any:
                results, saved = forward(*xs)
                ctx.save_for_backward(*saved)
                return results if len(results) > 1 else results[0]

            @staticmethod
            def backward(ctx: Any, *cotangents: Any) -> Any:
                return rule(ctx.saved_tensors, cotangents)

        results = Rule.apply(*inputs)
        return results if isinstance(results, tuple) else (results,)

    def view(self, name: str, tensor: Any, kw: Mapping[str, Any]) -> Any:
        return self.operator(name)(tensor, **kw)

    def zero_grad(self, tensors: tuple[Any, ...], set_to_none: bool) -> None:
        self.torch.optim.SGD(list(tensors), lr=0.0).zero_grad(set_to_none=set_to_none)

    def grad(self, tensor: Any) -> Any:
        return tensor.grad

    def detach(self, tensor: Any) -> Any:
        return tensor.detach()

    def detach_(self, tensor: Any) -> Any:
        return tensor.detach_()

    def mode(self, name: str, *args: Any) -> AbstractContextManager[Any]:
        return operator.attrgetter(name)(self.torch)(*args)

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
        if name == "version":
            return tensor._version
        if name in ("stride", "is_inference"):
            return getattr(tensor, name)()
        return repr(tensor) if name == "repr" else getattr(tensor, name)

    def operator(self, name: str) -> Callable[..., Any]:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = _SYNTAX.get(name) or self._resolve(name)
        return found

    def _resolve(self, name: str) -> Callable[..., Any]:
        """The function of the dotted name, else the tensor method of that name."""
        if name in _FORMS:
            return _FORMS[name](self.torch)
        holder: Any = self.torch
        for part in name.split("."):
            holder = getattr(holder, part, None)
        if holder is not None:
            return holder
        if hasattr(self.torch.Tensor, name):
            return lambda tensor, *args, **kw: getattr(tensor, name)(*args, **kw)
        raise Unsupported(f"operator:{name}")


_EXHAUSTED = frozenset({"OutOfMemoryError", "OutOfDeviceMemory"})
_DEAD = ("device-side assert", "illegal memory access", "unspecified launch failure", "misaligned address")
"""Words of errors after which a CUDA device answers nothing else to the same process."""
_LOST = 70  # the exit status of a process that has lost its device


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


_SYNTAX: dict[str, Callable[..., Any]] = {
    "getitem": lambda tensor, *, index: tensor[index],
    "slice": lambda tensor, *, dim, step, start=None, end=None: tensor[along(dim, slice(start, end, step))],
    "zero_": lambda tensor: tensor.clone().zero_(),
    "neg": lambda tensor: -tensor,
    "add": lambda a, b, *, alpha: a + b if alpha == 1 else a + alpha * b,
    "sub": lambda a, b, *, alpha: a - b if alpha == 1 else a - alpha * b,
    "mul": lambda a, b: a * b,
    "matmul": lambda a, b: a @ b,
    "pow": lambda a, b: a**b,
    "H": lambda tensor: tensor.H,
    "T": lambda tensor: tensor.T,
    "mH": lambda tensor: tensor.mH,
    "mT": lambda tensor: tensor.mT,
}
"""What PyTorch spells with Python's syntax, where a number may stand on the left; what changes a tensor, of a copy of it."""


def _divided(torch: Any) -> Callable[..., Any]:
    return lambda a, b, *, rounding_mode: (
        a / b if rounding_mode is None else torch.div(a, b, rounding_mode=rounding_mode)
    )


def _attention(torch: Any) -> Callable[..., Any]:
    """Attention, whose second result is None where no weights are wanted."""

    def attend(*args: Any, need_weights: bool, **kw: Any) -> Any:
        attended = torch.nn.functional.multi_head_attention_forward(*args, need_weights=need_weights, **kw)
        return attended if need_weights else attended[0]

    return attend


_FORMS: dict[str, Callable[[Any], Callable[..., Any]]] = {
    "div": _divided,
    "einsum": lambda torch: lambda operands, *, equation: torch.einsum(equation, *operands),
    "index_put": lambda torch: (
        lambda tensor, index, values, *, accumulate: torch.index_put(tensor, (index,), values, accumulate)
    ),
    "nn.functional.multi_head_attention_forward": _attention,
    "polygamma": lambda torch: lambda tensor, *, n: torch.polygamma(n, tensor),
    "special.polygamma": lambda torch: lambda tensor, *, n: torch.special.polygamma(n, tensor),
    "to": lambda torch: lambda tensor, *, dtype: tensor.to(dtype=getattr(torch, dtype)),
    **{name: lambda torch, name=name: lambda tensors, **kw: getattr(torch, name)(*tensors, **kw) for name in VARIADIC},
}
"""What PyTorch calls in another form than programs do: with the arguments in another order, or one by one; by namespace."""
