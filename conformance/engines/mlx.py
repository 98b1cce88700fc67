"""MLX on the CPU: functions transformed, evaluated lazily."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from conformance.engines.functional import FunctionalEngine
from conformance.engines.tables.elementwise import elementwise, within
from conformance.engines.tables.norms import norms
from conformance.engines.tables.products import linear_algebra, losses, products
from conformance.engines.tables.reductions import along, orderings, reductions
from conformance.engines.tables.shapes import shapes
from conformance.errors import Unsupported


class MlxEngine(FunctionalEngine):
    """`mlx.core`, as installed, on its CPU device, which alone has float64."""

    name = "mlx"
    features = frozenset({"float64", "float32", "float16", "bfloat16", "detach", "grad", "create-graph",
                          "several-roots", "backward-inputs", "grad-mode", "forward-mode", "func"})  # fmt: skip

    def __init__(self) -> None:
        import mlx.core as mx
        import mlx.nn
        from ml_dtypes import bfloat16

        mx.set_default_device(mx.cpu)
        type(self).version = mx.__version__
        self.mx, self.bfloat16 = mx, bfloat16
        self.operators = table(mx, mlx.nn)

    def leaf(self, array: Any) -> Any:
        array = np.asarray(array)
        kind = "bool_" if array.dtype == bool else array.dtype.name
        if not hasattr(self.mx, kind):
            raise Unsupported(kind)
        return self.mx.array(array, dtype=getattr(self.mx, kind))

    def read(self, tensor: Any) -> Any:
        if tensor.dtype == self.mx.bfloat16:
            return np.array(tensor.astype(self.mx.float32)).astype(self.bfloat16)
        found = np.array(tensor)
        return found.astype(np.int64) if found.dtype == np.uint32 else found  # places are counted in uint32 there

    def vjp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> Sequence[Any]:
        _, pulled = self.mx.vjp(lambda *xs: list(function(*xs)), list(inputs), list(cotangents))
        return pulled

    def jvp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], tangents: Sequence[Any]
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        return self.mx.jvp(lambda *xs: list(function(*xs)), list(inputs), list(tangents))

    def stop_gradient(self, value: Any) -> Any:
        return self.mx.stop_gradient(value)


def table(mx: Any, nn: Any) -> dict[str, Callable[..., Any]]:
    """The operators: NumPy's names from `mlx.core`, activations from `mlx.nn`."""
    found = {**elementwise(mx), **reductions(mx, mx), **orderings(mx, mx.stop_gradient), **shapes(mx), **products(mx)}
    found |= linear_algebra(mx.linalg) | losses(mx) | norms(mx)
    found |= {
        "movedim": _movedim(mx),
        "nn.functional.pad": within(found["nn.functional.pad"], "mode", ("constant", "replicate")),
        "rsqrt": mx.rsqrt,
        "sigmoid": mx.sigmoid,
        "erf": mx.erf,
        "erfinv": mx.erfinv,
        "logcumsumexp": along(mx, mx.logcumsumexp),
        "log_softmax": lambda a, *, dim: nn.log_softmax(a, axis=dim),
        "nn.functional.relu": nn.relu,
        "nn.functional.relu6": nn.relu6,
        "nn.functional.silu": nn.silu,
        "nn.functional.mish": nn.mish,
        "nn.functional.selu": nn.selu,
        "nn.functional.softsign": nn.softsign,
        "nn.functional.logsigmoid": nn.log_sigmoid,
        "nn.functional.hardswish": nn.hardswish,
        "nn.functional.elu": lambda a, *, alpha: nn.elu(a, alpha),
        "nn.functional.celu": lambda a, *, alpha: nn.celu(a, alpha),
        "nn.functional.leaky_relu": lambda a, *, negative_slope: nn.leaky_relu(a, negative_slope),
        "nn.functional.gelu": lambda a, *, approximate: (nn.gelu_approx if approximate == "tanh" else nn.gelu)(a),
        "nn.functional.softshrink": lambda a, *, lambd: nn.softshrink(a, lambd),
        "nn.functional.hardshrink": lambda a, *, lambd: nn.hard_shrink(a, lambd),
        "nn.functional.softmin": along(mx, nn.softmin),
        "repeat_interleave": _repeat(found["repeat_interleave"]),
    }
    return found


def _repeat(function: Callable[..., Any]) -> Callable[..., Any]:
    def repeat_interleave(a: Any, *, repeats: Any, dim: int | None) -> Any:
        if not isinstance(repeats, int):
            raise Unsupported("repeats that differ")
        return function(a, repeats=repeats, dim=dim)

    return repeat_interleave


def _movedim(mx: Any) -> Callable[..., Any]:
    def movedim(a: Any, *, source: Any, destination: Any) -> Any:
        if not isinstance(source, tuple):
            return mx.moveaxis(a, source, destination)
        moved = dict(zip((d % a.ndim for d in destination), (s % a.ndim for s in source), strict=True))
        rest = (k for k in range(a.ndim) if k not in moved.values())
        return mx.transpose(a, [moved[k] if k in moved else next(rest) for k in range(a.ndim)])

    return movedim
