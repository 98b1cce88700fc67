"""HIPS autograd: NumPy functions traced and pulled back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from conformance.engines.functional import FunctionalEngine
from conformance.engines.tables.elementwise import elementwise, within
from conformance.engines.tables.norms import norms
from conformance.engines.tables.products import linear_algebra, losses, products
from conformance.engines.tables.reductions import orderings, reductions
from conformance.engines.tables.shapes import shapes
from conformance.engines.tables.spectra import complex_parts, decompositions, fourier
from conformance.errors import Unsupported


class AutogradEngine(FunctionalEngine):
    """`autograd`, as installed."""

    name = "autograd"
    features = frozenset({"float64", "float32", "complex", "detach", "grad", "create-graph", "several-roots",
                          "backward-inputs", "grad-mode", "forward-mode", "func"})  # fmt: skip

    def __init__(self) -> None:
        from importlib.metadata import version

        import autograd
        import autograd.builtins
        import autograd.numpy
        import autograd.numpy.fft
        import autograd.scipy.special

        type(self).version = version("autograd")
        self.autograd = autograd
        self.operators = table(autograd)

    def leaf(self, array: Any) -> Any:
        return np.asarray(array)

    def read(self, tensor: Any) -> Any:
        return np.asarray(tensor)

    def vjp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> Sequence[Any]:
        made = self.autograd.builtins.tuple
        pull_back, _ = self.autograd.make_vjp(lambda xs: made(function(*xs)))(made(tuple(inputs)))
        return self._conjugated(pull_back(made(self._conjugated(cotangents))))

    def _conjugated(self, cotangents: Sequence[Any]) -> tuple[Any, ...]:
        """Cotangents in the other convention: autograd documents the transpose of the Jacobian, PyTorch the adjoint."""
        anp = self.autograd.numpy
        return tuple(anp.conj(c) if anp.iscomplexobj(c) else c for c in cotangents)

    def jvp(
        self, function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], tangents: Sequence[Any]
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        made = self.autograd.builtins.tuple
        push = self.autograd.differential_operators.make_jvp(lambda xs: made(function(*xs)))
        return push(made(tuple(inputs)))(made(tuple(tangents)))

    def stop_gradient(self, value: Any) -> Any:
        return self.autograd.tracer.getval(value)


def table(autograd: Any) -> dict[str, Callable[..., Any]]:
    """The operators: NumPy's and SciPy's names from `autograd.numpy` and `autograd.scipy`."""
    anp, special = autograd.numpy, autograd.scipy.special
    found = {**elementwise(anp), **reductions(anp), **orderings(anp), **shapes(anp), **products(anp)}
    found |= linear_algebra(anp.linalg) | losses(anp) | norms(anp) | fourier(anp.fft)
    found |= complex_parts(anp) | decompositions(anp.linalg)
    found["logsumexp"] = lambda a, *, dim, keepdim: special.logsumexp(a, axis=dim, keepdims=keepdim)
    found |= {
        "sigmoid": _real(special.expit),
        "nn.functional.pad": within(found["nn.functional.pad"], "mode", ("constant",)),
        "erf": special.erf,
        "erfc": special.erfc,
        "erfinv": special.erfinv,
        "lgamma": special.gammaln,
        "digamma": special.psi,
        "i0": special.i0,
        "special.i1": special.i1,
        "nn.functional.relu": lambda a: anp.maximum(a, 0.0),
    }
    return found


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of SciPy's that has no complex numbers."""

    def call(a: Any) -> Any:
        if np.issubdtype(a.dtype, np.complexfloating):
            raise Unsupported("complex")
        return function(a)

    return call
