"""PaddlePaddle on the CPU: an eager tape with PyTorch's methods under its own names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from conformance.engines.imperative import ImperativeEngine
from conformance.engines.tables.products import unweighted
from conformance.errors import Unsupported
from conformance.program import Program

SAME = (
    "abs", "acos", "acosh", "addmm", "asin", "asinh", "atan", "atan2", "atanh", "bmm", "ceil", "copysign", "cos",
    "cosh", "deg2rad", "digamma", "dot", "erf", "erfinv", "exp", "expm1", "floor", "fmax", "fmin", "frac", "hypot", "i0",
    "inner", "kron", "lerp", "lgamma", "log", "log10", "log1p", "log2", "logaddexp", "matmul", "maximum", "minimum",
    "mm", "mv", "neg", "outer", "rad2deg", "reciprocal", "remainder", "round", "rsqrt", "sigmoid", "sign", "sin",
    "sinc", "sinh", "sqrt", "square", "t", "tan", "tanh", "trace", "trunc", "where",
)  # fmt: skip
DIM_IS_AXIS = (
    "amax", "amin", "cumsum", "logcumsumexp", "logsumexp", "mean", "prod", "sum",
    "topk", "kthvalue", "unsqueeze", "index_select", "repeat_interleave", "unbind", "cummax", "cummin",
)  # fmt: skip
FUNCTIONAL = (
    "celu", "conv1d", "conv2d", "conv3d", "cosine_similarity", "elu", "glu", "hardshrink", "hardsigmoid", "hardswish",
    "kl_div", "l1_loss", "leaky_relu", "mish", "mse_loss", "relu", "relu6", "selu", "silu",
    "soft_margin_loss", "softplus", "softshrink", "softsign", "tanhshrink", "embedding",
)  # fmt: skip
RENAMED = {
    "nn.functional.logsigmoid": "log_sigmoid",
    "nn.functional.binary_cross_entropy": "binary_cross_entropy",
    "nn.functional.binary_cross_entropy_with_logits": "binary_cross_entropy_with_logits",
}
KEYWORDS = {"dim": "axis", "negative_slope": "negative_slope", "lambd": "threshold", "dims": "axis"}
_LACKS = re.compile(
    r"\((NotFound|Unavailable)\) The (kernel|Op)|Type promotion only support|The Scalar only supports|should be \dD tensor"
    r"|The dimension of input should be|k in the topk must >= 1|max should be greater than or equal to min"
)


class PaddleEngine(ImperativeEngine):
    """`paddle`, as installed, on the CPU."""

    name = "paddle"
    features = frozenset({"float64", "float32", "complex", "detach", "grad", "create-graph", "retain-graph",
                          "several-roots", "accumulation", "grad-mode"})  # fmt: skip

    def __init__(self) -> None:
        import paddle

        paddle.set_device("cpu")
        type(self).version = paddle.__version__
        self.paddle = paddle
        self.operators = table(paddle)

    def run(self, program: Program) -> dict[str, Any]:
        """A kernel, a dtype or a layout that Paddle says it does not have is lacking, and no error."""
        reply = super().run(program)
        message = reply.get("error", {}).get("message", "")
        if _LACKS.search(message):
            return {"status": "unsupported", "feature": message.splitlines()[0][:80]}
        return reply

    def leaf(self, array: Any, requires_grad: bool) -> Any:
        return self.paddle.to_tensor(np.asarray(array), stop_gradient=not requires_grad)

    def read(self, tensor: Any) -> Any:
        return tensor.numpy()

    def backward(self, output: Any, cotangent: Any, retain_graph: bool | None) -> None:
        output.backward(cotangent, retain_graph=bool(retain_graph))

    def backward_all(self, outputs: Any, cotangents: Any, options: Mapping[str, Any]) -> None:
        if options.get("create_graph") or options.get("inputs"):
            raise Unsupported("create-graph" if options.get("create_graph") else "backward-inputs")
        many = isinstance(outputs, tuple)
        roots, given = (list(outputs), cotangents) if many else ([outputs], [cotangents])
        self.paddle.autograd.backward(roots, None if given is None else list(given), bool(options.get("retain_graph")))

    def gradients(self, outputs: Any, inputs: Any, cotangents: Any, options: Mapping[str, Any]) -> Any:
        if set(options) - {"retain_graph", "create_graph", "allow_unused"}:
            raise Unsupported("materialized-gradients")
        found = self.paddle.grad(
            list(outputs) if isinstance(outputs, tuple) else [outputs],
            list(inputs) if isinstance(inputs, tuple) else [inputs],
            None if cotangents is None else list(cotangents) if isinstance(cotangents, tuple) else [cotangents],
            **{"allow_unused": True, **{k: v for k, v in options.items() if v is not None}},
        )
        return tuple(found)

    def grad(self, tensor: Any) -> Any:
        return tensor.grad

    def detach(self, tensor: Any) -> Any:
        return tensor.detach()

    def mode(self, name: str, *args: Any) -> AbstractContextManager[Any]:
        return getattr(self.paddle, name)(*args)


def table(paddle: Any) -> dict[str, Callable[..., Any]]:
    """The operators by Paddle's names; where its keywords differ from PyTorch's, they are renamed."""
    functional = paddle.nn.functional
    found = {name: getattr(paddle, name) for name in SAME if hasattr(paddle, name)}
    found |= {name: _renamed(getattr(paddle, name)) for name in DIM_IS_AXIS if hasattr(paddle, name)}
    found |= {f"nn.functional.{n}": _renamed(getattr(functional, n)) for n in FUNCTIONAL if hasattr(functional, n)}
    found |= {name: _renamed(getattr(functional, own)) for name, own in RENAMED.items()}
    found |= {f"linalg.{n}": getattr(paddle.linalg, n) for n in ("cholesky", "det", "inv", "solve")}
    found |= {
        "add": lambda a, b, *, alpha: a + b if alpha == 1 else a + alpha * b,
        "sub": lambda a, b, *, alpha: a - b if alpha == 1 else a - alpha * b,
        "mul": lambda a, b: a * b,
        "pow": lambda a, b: a**b,
        "div": _division,
        "cumprod": lambda a, *, dim: paddle.cumprod(a, dim=dim),
        "median": _median(paddle.median),
        "nanmedian": _median(paddle.nanmedian),
        "nn.functional.linear": lambda a, w, b=None: functional.linear(a, w.t(), b),
        "nn.functional.smooth_l1_loss": _smooth(functional),
        "nn.functional.l1_loss": unweighted(functional.l1_loss),
        "nn.functional.mse_loss": unweighted(functional.mse_loss),
        "clamp": lambda a, *, min, max: paddle.clip(a, min, max),
        "clone": lambda a: a.clone(),
        "contiguous": lambda a: a.contiguous(),
        "var": lambda a, *, dim, correction, keepdim: paddle.var(a, dim, _unbiased(correction), keepdim),
        "std": lambda a, *, dim, correction, keepdim: paddle.std(a, dim, _unbiased(correction), keepdim),
        "softmax": lambda a, *, dim: functional.softmax(a, axis=dim),
        "log_softmax": lambda a, *, dim: functional.log_softmax(a, axis=dim),
        "nn.functional.softmin": lambda a, *, dim: functional.softmax(-a, axis=dim),
        "nn.functional.gelu": lambda a, *, approximate: functional.gelu(a, approximate=approximate == "tanh"),
        "nn.functional.hardtanh": lambda a, *, min_val, max_val: functional.hardtanh(a, min_val, max_val),
        "max": _extreme(paddle, "max"),
        "min": _extreme(paddle, "min"),
        "sort": lambda a, *, dim, descending: (
            paddle.sort(a, dim, descending),
            paddle.argsort(a, dim, descending),
        ),
        "reshape": lambda a, *, shape: paddle.reshape(a, shape),
        "view": lambda a, *, size: paddle.reshape(a, size),
        "ravel": lambda a: paddle.reshape(a, (-1,)),
        "flatten": lambda a, *, start_dim, end_dim: paddle.flatten(a, start_dim, end_dim),
        "permute": lambda a, *, dims: paddle.transpose(a, dims),
        "transpose": lambda a, *, dim0, dim1: paddle.transpose(a, _swapped(a.ndim, dim0, dim1)),
        "movedim": lambda a, *, source, destination: paddle.moveaxis(a, source, destination),
        "expand": lambda a, *, size: paddle.expand(a, size),
        "broadcast_to": lambda a, *, size: paddle.broadcast_to(a, size),
        "squeeze": lambda a, *, dim: paddle.squeeze(a, dim),
        "cat": lambda tensors, *, dim: paddle.concat(list(tensors), dim),
        "stack": lambda tensors, *, dim: paddle.stack(list(tensors), dim),
        "hstack": lambda tensors: paddle.hstack(list(tensors)),
        "vstack": lambda tensors: paddle.vstack(list(tensors)),
        "tril": lambda a, *, diagonal: paddle.tril(a, diagonal),
        "triu": lambda a, *, diagonal: paddle.triu(a, diagonal),
        "diag": lambda a, *, diagonal: paddle.diag(a, diagonal),
        "diagonal": lambda a, *, offset, dim1, dim2: paddle.diagonal(a, offset, dim1, dim2),
        "flip": lambda a, *, dims: paddle.flip(a, dims),
        "roll": lambda a, *, shifts, dims: paddle.roll(a, shifts, dims),
        "tile": lambda a, *, dims: paddle.tile(a, dims),
        "repeat": lambda a, *, repeats: paddle.tile(a, repeats),
        "getitem": lambda a, *, index: a[index],
        "gather": lambda a, *, dim, index: _taken(paddle, a, index, dim, broadcast=False),
        "take_along_dim": lambda a, *, indices, dim: (
            _taken(paddle, a, indices, dim)
            if dim is not None
            else _taken(paddle, paddle.reshape(a, (-1,)), paddle.reshape(indices, (-1,)), 0)
        ),
        "masked_fill": lambda a, mask, *, value: paddle.masked_fill(a, mask, value),
        "linalg.slogdet": lambda a: tuple(paddle.linalg.slogdet(a)),
    }
    found |= {f"nn.functional.conv{n}d": _convolution(getattr(functional, f"conv{n}d")) for n in (1, 2, 3)}
    return found


def _renamed(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kw: function(*args, **{KEYWORDS.get(k, k): v for k, v in kw.items()})


def _division(a: Any, b: Any, *, rounding_mode: Any) -> Any:
    if rounding_mode is not None:
        raise Unsupported(f"rounding_mode={rounding_mode!r}")
    return a / b


def _convolution(function: Callable[..., Any]) -> Callable[..., Any]:
    def convolution(a: Any, *rest: Any, padding: Any, dilation: Any, **kw: Any) -> Any:
        if isinstance(padding, str) and any(d != 1 for d in dilation):
            raise Unsupported(f"padding={padding!r}")  # SAME sets the dilation to 1
        return function(a, *rest, padding=padding, dilation=dilation, **kw)

    return convolution


def _smooth(functional: Any) -> Callable[..., Any]:
    def smooth_l1_loss(a: Any, b: Any, *, reduction: str, beta: float) -> Any:
        if beta != 1:
            raise Unsupported(f"beta={beta!r}")  # Paddle's delta is another attribute
        return functional.smooth_l1_loss(a, b, reduction=reduction)

    return smooth_l1_loss


def _taken(paddle: Any, a: Any, index: Any, dim: int, **kw: Any) -> Any:
    if a.ndim == 0:
        raise Unsupported("an index into a number without dimensions")
    return paddle.take_along_axis(a, index, dim, **kw)


def _median(function: Callable[..., Any]) -> Callable[..., Any]:
    def median(a: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
        return function(a, dim, keepdim, mode="min")

    return median


def _extreme(paddle: Any, name: str) -> Callable[..., Any]:
    def extreme(a: Any, *other: Any, dim: int | None = None, keepdim: bool = False) -> Any:
        if other:
            return getattr(paddle, f"{name}imum")(a, *other)
        value = getattr(paddle, name)(a, dim, keepdim)
        return value if dim is None else (value, getattr(paddle, f"arg{name}")(a, dim, keepdim))

    return extreme


def _unbiased(correction: Any) -> bool:
    if correction not in (0, 1):
        raise Unsupported(f"correction={correction!r}")
    return bool(correction)


def _swapped(rank: int, dim0: int, dim1: int) -> list[int]:
    order = list(range(rank))
    if rank:
        order[dim0], order[dim1] = order[dim1], order[dim0]
    return order
