"""MindSpore on the CPU: functions transformed, executed eagerly."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from conformance.engines.functional import FunctionalEngine
from conformance.engines.tables.products import unweighted
from conformance.errors import Unsupported
from conformance.program import Program

SAME = (
    "abs", "acos", "acosh", "addmm", "asin", "asinh", "atan", "atan2", "atanh", "baddbmm", "bmm", "ceil", "copysign",
    "cos", "cosh", "deg2rad", "digamma", "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "floor", "fmax", "fmod",
    "frac", "hypot", "inner", "kron", "lerp", "lgamma", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2",
    "matmul", "maximum", "minimum", "mm", "mv", "neg", "outer", "pow", "rad2deg", "reciprocal", "remainder", "round",
    "rsqrt", "sigmoid", "sign", "sin", "sinc", "sinh", "sqrt", "square", "t", "tan", "tanh", "trace", "trunc", "where",
    "xlogy",
)  # fmt: skip
ACTIVATIONS = ("celu", "elu", "hardshrink", "hardsigmoid", "hardswish", "logsigmoid", "mish",
               "relu", "relu6", "selu", "silu", "softshrink", "softsign", "tanhshrink")  # fmt: skip
LOSSES = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "soft_margin_loss")


class MindSporeEngine(FunctionalEngine):
    """`mindspore`, as installed."""

    name = "mindspore"
    features = frozenset({"float64", "float32", "float16", "detach", "grad", "create-graph", "several-roots",
                          "backward-inputs", "grad-mode", "func"})  # fmt: skip

    lacks = re.compile(
        r"must be a type of|supports types|unregistered|bprop not defined|must be 1\.0f|not supported yet|Unsupported op \["
        r"|only support decimals equal 0|must be float,but got|rank of 'x' must be greater than 0|must be in \[0,0\)"
    )

    def __init__(self) -> None:
        import mindspore
        from mindspore.common.api import _pynative_executor

        mindspore.set_device("CPU")
        mindspore.set_context(mode=mindspore.PYNATIVE_MODE)
        type(self).version = mindspore.__version__
        self.mindspore = mindspore
        self.executor = _pynative_executor
        self.operators = table(mindspore.ops)

    def run(self, program: Program) -> dict[str, Any]:
        reply = super().run(program)
        if reply["status"] != "done":
            # What went wrong in its queue is raised once more, by whatever waits for the queue next.
            with contextlib.suppress(Exception):
                self.executor.sync()
            # What is raised within a derivative of a derivative leaves the graph of that open to what comes after it.
            self.executor.clear_res()
        return reply

    def leaf(self, array: Any) -> Any:
        return self.mindspore.Tensor(np.ascontiguousarray(array).reshape(np.shape(array)))

    def read(self, tensor: Any) -> Any:
        return tensor.asnumpy()

    def vjp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> Sequence[Any]:
        _, pull_back = self.mindspore.vjp(lambda *xs: tuple(function(*xs)), *inputs)
        found = pull_back(*cotangents)
        return found if isinstance(found, tuple) else (found,)

    def stop_gradient(self, value: Any) -> Any:
        return self.mindspore.ops.stop_gradient(value)


def table(ops: Any) -> dict[str, Callable[..., Any]]:
    """The operators by the names of `mindspore.ops`, most of which are PyTorch's."""
    found = {name: getattr(ops, name) for name in SAME if hasattr(ops, name)}
    found |= {f"nn.functional.{name}": getattr(ops, name) for name in (*ACTIVATIONS, *LOSSES) if hasattr(ops, name)}
    found |= {
        "add": lambda a, b, *, alpha: a + b if alpha == 1 else a + alpha * b,
        "sub": lambda a, b, *, alpha: a - b if alpha == 1 else a - alpha * b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b, *, rounding_mode: ops.div(a, b, rounding_mode=rounding_mode),
        "clamp": lambda a, *, min, max: ops.clamp(a, min, max),
        "sum": lambda a, *, dim, keepdim: ops.sum(a, dim, keepdim),
        "mean": lambda a, *, dim, keepdim: ops.mean(a, dim, keepdim),
        "prod": lambda a, *, dim=None, keepdim=False: ops.prod(a, dim, keepdim),
        "amax": lambda a, *, dim, keepdim: ops.amax(a, dim, keepdim),
        "amin": lambda a, *, dim, keepdim: ops.amin(a, dim, keepdim),
        "var": lambda a, *, dim, correction, keepdim: ops.var(a, dim, _ddof(correction), keepdim),
        "std": lambda a, *, dim, correction, keepdim: ops.std(a, dim, _ddof(correction), keepdim),
        "logsumexp": lambda a, *, dim, keepdim: ops.logsumexp(a, dim, keepdim),
        "softmax": lambda a, *, dim: ops.softmax(a, axis=dim),
        "log_softmax": lambda a, *, dim: ops.log_softmax(a, axis=dim),
        "nn.functional.softmin": lambda a, *, dim: ops.softmin(a, axis=dim),
        "nn.functional.glu": lambda a, *, dim: ops.glu(a, axis=dim),
        "nn.functional.gelu": lambda a, *, approximate: ops.gelu(a, approximate=approximate),
        "nn.functional.leaky_relu": lambda a, *, negative_slope: ops.leaky_relu(a, alpha=negative_slope),
        "cumsum": lambda a, *, dim: ops.cumsum(a, dim),
        "cumprod": lambda a, *, dim: ops.cumprod(a, dim) if a.ndim else a + 0,
        "reshape": lambda a, *, shape: ops.reshape(a, shape),
        "view": lambda a, *, size: a.view(size),
        "flatten": lambda a, *, start_dim, end_dim: ops.flatten(a, start_dim=start_dim, end_dim=end_dim),
        "permute": lambda a, *, dims: ops.permute(a, dims),
        "transpose": lambda a, *, dim0, dim1: ops.swapaxes(a, dim0, dim1),
        "movedim": lambda a, *, source, destination: ops.movedim(a, source, destination),
        "expand": lambda a, *, size: ops.broadcast_to(a, size),
        "broadcast_to": lambda a, *, size: ops.broadcast_to(a, size),
        "squeeze": lambda a, *, dim: ops.squeeze(a, dim),
        "unsqueeze": lambda a, *, dim: ops.unsqueeze(a, dim),
        "cat": lambda tensors, *, dim: ops.cat(list(tensors), dim),
        "stack": lambda tensors, *, dim: ops.stack(list(tensors), dim),
        "tril": lambda a, *, diagonal: ops.tril(a, diagonal),
        "triu": lambda a, *, diagonal: ops.triu(a, diagonal),
        "diag": lambda a, *, diagonal: ops.diagonal(a, diagonal) if a.ndim == 2 else _diag(ops, a, diagonal),
        "diagonal": lambda a, *, offset, dim1, dim2: ops.diagonal(a, offset, dim1, dim2),
        "flip": lambda a, *, dims: ops.flip(a, dims),
        "tile": lambda a, *, dims: ops.tile(a, dims),
        "getitem": lambda a, *, index: a[index],
        "gather": lambda a, *, dim, index: ops.gather_elements(a, dim, index),
        "index_select": lambda a, *, dim, index: ops.index_select(a, dim, index),
        "masked_fill": lambda a, mask, *, value: ops.masked_fill(a, mask, value),
        "unbind": lambda a, *, dim: ops.unbind(a, dim),
        "chunk": lambda a, *, chunks, dim: ops.chunk(a, chunks, dim),
        "nn.functional.l1_loss": unweighted(ops.l1_loss),
        "nn.functional.mse_loss": unweighted(ops.mse_loss),
        "nn.functional.huber_loss": unweighted(ops.huber_loss),
        "linalg.inv": ops.inverse,
        "linalg.det": ops.det,
        "linalg.cholesky": ops.cholesky,
        "linalg.slogdet": ops.slogdet,
    }
    return found


def _ddof(correction: Any) -> int:
    if correction not in (0, 1):
        raise Unsupported(f"correction={correction!r}")
    return int(correction)


def _diag(ops: Any, vector: Any, diagonal: int) -> Any:
    if diagonal != 0:
        raise Unsupported(f"diagonal={diagonal!r}")
    return ops.diag(vector)
