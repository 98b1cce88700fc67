"""JAX: functions transformed, on the CPU, with 64-bit numbers enabled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from conformance.engines.functional import FunctionalEngine
from conformance.engines.tables.convolution import windows
from conformance.engines.tables.elementwise import elementwise
from conformance.engines.tables.norms import norms
from conformance.engines.tables.products import linear_algebra, losses, products
from conformance.engines.tables.reductions import along, orderings, reductions
from conformance.engines.tables.shapes import shapes
from conformance.engines.tables.spectra import complex_parts, decompositions, fourier


class JaxEngine(FunctionalEngine):
    """`jax`, as installed."""

    name = "jax"
    features = frozenset({"float64", "float32", "float16", "bfloat16", "complex", "detach", "grad", "create-graph",
                          "several-roots", "backward-inputs", "forward-mode", "func", "custom-rules",
                          "grad-mode"})  # fmt: skip

    def __init__(self) -> None:
        import jax

        jax.config.update("jax_enable_x64", True)
        jax.config.update("jax_platforms", "cpu")
        type(self).version = jax.__version__
        self.jax = jax
        self.operators = table(jax)

    def leaf(self, array: Any) -> Any:
        return self.jax.numpy.asarray(array)

    def read(self, tensor: Any) -> Any:
        return np.asarray(tensor)

    def vjp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> Sequence[Any]:
        _, pull_back = self.jax.vjp(function, *inputs)
        return self._conjugated(pull_back(self._conjugated(cotangents)))

    def _conjugated(self, cotangents: Sequence[Any]) -> tuple[Any, ...]:
        """Cotangents in the other convention: JAX documents the transpose of the Jacobian, PyTorch the adjoint."""
        np = self.jax.numpy
        return tuple(np.conj(c) if np.iscomplexobj(c) else c for c in cotangents)

    def jvp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], tangents: Sequence[Any]
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        return self.jax.jvp(function, tuple(inputs), tuple(tangents))

    def stop_gradient(self, value: Any) -> Any:
        return self.jax.lax.stop_gradient(value)

    def custom(self, forward: Callable[..., Any], rule: Callable[..., tuple[Any, ...]], inputs: Any) -> tuple[Any, ...]:
        function = self.jax.custom_vjp(lambda *xs: tuple(forward(*xs)[0]))
        function.defvjp(
            lambda *xs: forward(*xs),
            lambda saved, cotangents: self._conjugated(rule(saved, self._conjugated(cotangents))),
        )
        return function(*inputs)


def table(jax: Any) -> dict[str, Callable[..., Any]]:
    """The operators: NumPy's names from `jax.numpy`, and what `jax.nn`, `jax.scipy` and `jax.lax` document."""
    jnp, nn, lax, special = jax.numpy, jax.nn, jax.lax, jax.scipy.special
    found = {**elementwise(jnp), **reductions(jnp, nn), **orderings(jnp), **shapes(jnp), **products(jnp)}
    found |= linear_algebra(jnp.linalg) | losses(jnp) | windows(jax) | norms(jnp) | fourier(jnp.fft)
    found |= complex_parts(jnp) | decompositions(jnp.linalg)
    found |= {
        "rsqrt": lax.rsqrt,
        "sigmoid": nn.sigmoid,
        "erf": special.erf,
        "erfc": special.erfc,
        "erfinv": special.erfinv,
        "lgamma": special.gammaln,
        "digamma": special.digamma,
        "xlogy": special.xlogy,
        "i0": special.i0,
        "special.i0e": special.i0e,
        "special.i1": special.i1,
        "special.i1e": special.i1e,
        "special.ndtr": special.ndtr,
        "special.ndtri": special.ndtri,
        "special.log_ndtr": special.log_ndtr,
        "special.entr": special.entr,
        "cummax": _running(jnp, lax, lax.cummax),
        "cummin": _running(jnp, lax, lax.cummin),
        "logcumsumexp": along(jnp, lambda a, axis: lax.cumlogsumexp(a, axis=axis % a.ndim)),
        "scatter_add": lambda a, *, dim, index, src: _put(jnp, a, dim, index, src, "add"),
        "scatter": lambda a, *, dim, index, src: _put(jnp, a, dim, index, src, "set"),
        "index_add": lambda a, *, dim, index, source, alpha: a.at[_at(a, dim, index)].add(alpha * source),
        "index_copy": lambda a, *, dim, index, source: a.at[_at(a, dim, index)].set(source),
        "nn.functional.relu": nn.relu,
        "nn.functional.relu6": nn.relu6,
        "nn.functional.silu": nn.silu,
        "nn.functional.mish": nn.mish,
        "nn.functional.selu": nn.selu,
        "nn.functional.softsign": nn.soft_sign,
        "nn.functional.logsigmoid": nn.log_sigmoid,
        "nn.functional.hardsigmoid": nn.hard_sigmoid,
        "nn.functional.hardswish": nn.hard_swish,
        "nn.functional.elu": lambda a, *, alpha: nn.elu(a, alpha),
        "nn.functional.celu": lambda a, *, alpha: nn.celu(a, alpha),
        "nn.functional.leaky_relu": lambda a, *, negative_slope: nn.leaky_relu(a, negative_slope),
        "nn.functional.gelu": lambda a, *, approximate: nn.gelu(a, approximate=approximate == "tanh"),
        "nn.functional.glu": lambda a, *, dim: nn.glu(a, axis=dim),
    }
    return found


def _running(jnp: Any, lax: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    def running(a: Any, *, dim: int) -> tuple[Any, Any]:
        if a.ndim == 0:
            values, places = running(jnp.reshape(a, (1,)), dim=0)
            return jnp.reshape(values, ()), jnp.reshape(places, ())
        dim %= a.ndim
        values = function(a, axis=dim)
        reached = (a == values) | jnp.isnan(a)  # the last place that reached the value is the one PyTorch documents
        places = jnp.where(reached, lax.broadcasted_iota(jnp.int64, a.shape, dim), 0)
        return values, lax.cummax(places, axis=dim)

    return running


def _put(jnp: Any, a: Any, dim: int, index: Any, values: Any, how: str) -> Any:
    places = list(jnp.meshgrid(*[jnp.arange(n) for n in index.shape], indexing="ij"))
    places[dim % a.ndim] = index
    values = values[tuple(slice(0, n) for n in index.shape)]
    return getattr(a.at[tuple(places)], how)(values)


def _at(a: Any, dim: int, index: Any) -> tuple[Any, ...]:
    return (*[slice(None)] * (dim % a.ndim), index)
