"""TensorFlow: gradients by tapes, on the CPU."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from conformance.engines.base import CONFESSION
from conformance.engines.functional import FunctionalEngine
from conformance.engines.tables.elementwise import elementwise, only, within
from conformance.engines.tables.products import losses, products
from conformance.engines.tables.reductions import along, axes, orderings, reductions
from conformance.engines.tables.shapes import shapes
from conformance.engines.tables.spectra import complex_parts


class TensorFlowEngine(FunctionalEngine):
    """`tensorflow`, as installed."""

    name = "tensorflow"
    features = frozenset({"float64", "float32", "float16", "bfloat16", "complex", "detach", "grad", "create-graph",
                          "several-roots", "backward-inputs", "grad-mode", "forward-mode", "func"})  # fmt: skip

    lacks = re.compile(CONFESSION.pattern + "|is not in the list of allowed values", re.IGNORECASE)

    def __init__(self) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
        import tensorflow as tf
        import tensorflow.experimental.numpy

        tf.experimental.numpy.experimental_enable_numpy_behavior()
        type(self).version = tf.__version__
        self.tf = tf
        self.operators = table(tf)

    def leaf(self, array: Any) -> Any:
        return self.tf.constant(np.asarray(array))

    def read(self, tensor: Any) -> Any:
        return self.tf.convert_to_tensor(tensor).numpy()

    def vjp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> Sequence[Any]:
        inputs = [self.tf.identity(x) for x in inputs]  # a tensor watched by an outer tape is one of its nodes
        with self.tf.GradientTape() as tape:
            for x in inputs:
                tape.watch(x)
            outputs = list(function(*inputs))
        found = tape.gradient(outputs, inputs, output_gradients=list(cotangents))
        return [None if g is None else self.tf.convert_to_tensor(g) for g in found]  # that of gather is sparse

    def jvp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], tangents: Sequence[Any]
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        inputs = [self.tf.identity(x) for x in inputs]
        with self.tf.autodiff.ForwardAccumulator(inputs, list(tangents)) as accumulator:
            outputs = list(function(*inputs))
        return outputs, accumulator.jvp(outputs, unconnected_gradients=self.tf.UnconnectedGradients.ZERO)

    def stop_gradient(self, value: Any) -> Any:
        return self.tf.stop_gradient(value)


def table(tf: Any) -> dict[str, Callable[..., Any]]:
    """The operators: NumPy's names from `tf.experimental.numpy`, the rest from `tf.math`, `tf.nn` and `tf.linalg`."""
    tnp, math, nn, linalg = tf.experimental.numpy, tf.math, tf.nn, tf.linalg
    found = {**elementwise(tnp), **reductions(tnp, nn), **orderings(tnp), **shapes(tnp), **products(tnp), **losses(tnp)}
    found |= complex_parts(tnp)
    found |= {
        "logsumexp": lambda a, *, dim, keepdim: math.reduce_logsumexp(a, axis=axes(a, dim), keepdims=keepdim),
        "rsqrt": math.rsqrt,
        "sigmoid": math.sigmoid,
        "erf": math.erf,
        "erfc": math.erfc,
        "erfinv": math.erfinv,
        "lgamma": math.lgamma,
        "digamma": math.digamma,
        "xlogy": lambda a, b: math.xlogy(*(tf.cast(x, tnp.result_type(a, b)) for x in (a, b))),  # it promotes nothing
        "i0": math.bessel_i0,
        "special.i0e": math.bessel_i0e,
        "special.i1": math.bessel_i1,
        "special.i1e": math.bessel_i1e,
        "special.ndtri": math.ndtri,
        "cumsum": along(tnp, math.cumsum),
        "cumprod": along(tnp, math.cumprod),
        "logcumsumexp": along(tnp, math.cumulative_logsumexp),
        "linalg.cholesky": only(linalg.cholesky, upper=False),
        "linalg.det": linalg.det,
        "linalg.inv": linalg.inv,
        "linalg.solve": only(
            lambda a, b: linalg.solve(a, b[..., None])[..., 0] if b.ndim < a.ndim else linalg.solve(a, b), left=True
        ),
        "norm": only(tf.norm, p="fro", dim=None, keepdim=False),
        "linalg.slogdet": lambda a: tuple(linalg.slogdet(a)),
        "flip": lambda a, *, dims: tf.reverse(a, list(dims)),
        "nn.functional.pad": within(found["nn.functional.pad"], "mode", ("constant", "reflect")),
        "nn.functional.relu": nn.relu,
        "nn.functional.relu6": nn.relu6,
        "nn.functional.silu": nn.silu,
        "nn.functional.selu": nn.selu,
        "nn.functional.softsign": nn.softsign,
        "nn.functional.logsigmoid": math.log_sigmoid,
        "nn.functional.leaky_relu": lambda a, *, negative_slope: nn.leaky_relu(a, negative_slope),
        "nn.functional.gelu": lambda a, *, approximate: nn.gelu(a, approximate=approximate == "tanh"),
    }
    return found
