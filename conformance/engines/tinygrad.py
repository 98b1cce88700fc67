"""tinygrad: a lazy graph of tensors with PyTorch's method names; one root at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from conformance.engines.functional import FunctionalEngine
from conformance.engines.tables.elementwise import only
from conformance.errors import Unsupported

SAME_METHOD = (
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "clone", "contiguous", "copysign", "cos", "cosh",
    "erf", "exp", "exp2", "floor", "fmod", "log", "log10", "log2", "logaddexp", "maximum", "minimum", "neg",
    "reciprocal", "rsqrt", "sigmoid", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh", "trunc",
    "matmul", "dot",
)  # fmt: skip
ACTIVATIONS = ("relu", "relu6", "silu", "mish", "selu", "softsign", "logsigmoid", "hardsigmoid", "hardswish")
BY_KEYWORD = {
    "softmax": {"dim": "axis"}, "log_softmax": {"dim": "axis"}, "cumsum": {"dim": "axis"}, "cumprod": {"dim": "axis"},
    "logcumsumexp": {"dim": "axis"}, "sum": {"dim": "axis"}, "mean": {"dim": "axis"}, "prod": {"dim": "axis"},
    "var": {"dim": "axis"}, "std": {"dim": "axis"}, "unsqueeze": {},
    "transpose": {}, "gather": {}, "tril": {}, "triu": {}, "masked_fill": {}, "flatten": {},
    "scatter": {}, "cummax": {"dim": "axis"}, "cummin": {"dim": "axis"}, "diagonal": {}, "sort": {},
}  # fmt: skip


class TinygradEngine(FunctionalEngine):
    """`tinygrad`, as installed, on the device that its environment variables choose."""

    name = "tinygrad"
    features = frozenset({"float64", "float32", "float16", "bfloat16", "detach", "grad", "create-graph",
                          "several-roots", "backward-inputs", "grad-mode", "func"})  # fmt: skip

    def __init__(self) -> None:
        from importlib.metadata import version

        import tinygrad

        type(self).version = version("tinygrad")
        self.tensor = tinygrad.Tensor
        self.operators = table(tinygrad.Tensor)

    def leaf(self, array: Any) -> Any:
        if np.iscomplexobj(array):
            raise Unsupported("complex")
        return self.tensor(np.ascontiguousarray(array).reshape(np.shape(array)))

    def read(self, tensor: Any) -> Any:
        return tensor.numpy()

    def vjp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> Sequence[Any]:
        outputs = function(*inputs)
        if len(outputs) == 1:
            return outputs[0].gradient(*inputs, gradient=cotangents[0])
        # one root for each call: the pull-back is linear, and the sum of products is a root of its own
        root = reduce(lambda s, t: s + t, [(y * c).sum() for y, c in zip(outputs, cotangents, strict=True)])
        return root.gradient(*inputs)

    def stop_gradient(self, value: Any) -> Any:
        return value.detach()


def table(tensor: Any) -> dict[str, Callable[..., Any]]:
    """The operators: tinygrad's methods, which have PyTorch's names."""
    found: dict[str, Callable[..., Any]] = {n: getattr(tensor, n) for n in SAME_METHOD if hasattr(tensor, n)}
    found |= {f"nn.functional.{n}": getattr(tensor, n) for n in ACTIVATIONS if hasattr(tensor, n)}
    found |= {n: _renamed(getattr(tensor, n), names) for n, names in BY_KEYWORD.items() if hasattr(tensor, n)}
    found |= {
        "logsumexp": lambda a, *, dim, keepdim: a.logsumexp(axis=_single(dim), keepdim=keepdim),
        "diag": only(lambda a: a.diag() if a.ndim == 1 else a.diagonal(), diagonal=0),
        "round": only(tensor.round, decimals=0),
        "add": lambda a, b, *, alpha: a + b if alpha == 1 else a + alpha * b,
        "sub": lambda a, b, *, alpha: a - b if alpha == 1 else a - alpha * b,
        "mul": lambda a, b: a * b,
        "pow": lambda a, b: a**b,
        "div": _divide,
        "where": lambda mask, a, b: mask.where(a, b),
        "clamp": lambda a, *, min, max: a.clamp(min, max),
        "amax": lambda a, *, dim, keepdim: a.max(axis=dim or None, keepdim=keepdim),
        "amin": lambda a, *, dim, keepdim: a.min(axis=dim or None, keepdim=keepdim),
        "mm": lambda a, b: a @ b,
        "bmm": lambda a, b: a @ b,
        "mv": lambda a, b: a @ b,
        "reshape": lambda a, *, shape: a.reshape(shape),
        "view": lambda a, *, size: a.view(size),
        "permute": lambda a, *, dims: a.permute(dims),
        "expand": lambda a, *, size: a.expand(size),
        "broadcast_to": lambda a, *, size: a.expand(size),
        "repeat": lambda a, *, repeats: a.repeat(repeats),
        "flip": lambda a, *, dims: a.flip(dims),
        "roll": lambda a, *, shifts, dims: a.roll(shifts, dims or None),
        "getitem": lambda a, *, index: a[index],
        "cat": lambda tensors, *, dim: tensors[0].cat(*tensors[1:], dim=dim),
        "stack": lambda tensors, *, dim: tensors[0].stack(*tensors[1:], dim=dim),
        "split": lambda a, *, split_size_or_sections, dim: a.split(split_size_or_sections, dim=dim),
        "chunk": lambda a, *, chunks, dim: a.chunk(chunks, dim=dim),
        "nn.functional.elu": lambda a, *, alpha: a.elu(alpha),
        "nn.functional.celu": lambda a, *, alpha: a.celu(alpha),
        "nn.functional.leaky_relu": lambda a, *, negative_slope: a.leaky_relu(negative_slope),
        "nn.functional.hardtanh": lambda a, *, min_val, max_val: a.hardtanh(min_val, max_val),
        "nn.functional.softplus": lambda a, *, beta, threshold: a.softplus(beta),
        "nn.functional.softmin": lambda a, *, dim: a.softmin(axis=dim),
        "nn.functional.linear": lambda a, w, b=None: a.linear(w.transpose(), b),
    }
    return found


def _divide(a: Any, b: Any, *, rounding_mode: Any) -> Any:
    """By the operator where nothing is rounded: the dividend may be a number, which has no methods of a tensor."""
    return a / b if rounding_mode is None else a.div(b, rounding_mode=rounding_mode)


def _single(dim: Any) -> int:
    if isinstance(dim, tuple) and len(dim) != 1:
        raise Unsupported(f"dim={dim!r}")
    return dim[0] if isinstance(dim, tuple) else dim


def _renamed(function: Callable[..., Any], names: dict[str, str]) -> Callable[..., Any]:
    return lambda *args, **kw: function(*args, **{names.get(k, k): v for k, v in kw.items()})
