"""refgrad, judged like any other engine."""

from __future__ import annotations

from typing import Any

from conformance.engines.namespace import NamespaceEngine


class RefgradEngine(NamespaceEngine):
    """`refgrad` on NumPy."""

    name = "refgrad"
    features = NamespaceEngine.features - {
        "autocast", "compile", "cuda", "distributions", "library", "masked", "sparse"
    }  # fmt: skip

    def namespace(self) -> Any:
        import refgrad

        type(self).version = refgrad.__version__
        return refgrad
