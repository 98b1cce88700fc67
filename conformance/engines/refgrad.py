"""refgrad, judged like any other engine."""

from __future__ import annotations

import os
from typing import Any

from conformance.engines.namespace import NamespaceEngine


class RefgradEngine(NamespaceEngine):
    """`refgrad` on NumPy, or on CuPy."""

    name = "refgrad"
    features = NamespaceEngine.features - {
        "autocast", "compile", "cuda", "distributions", "library", "sparse"
    }  # fmt: skip

    def namespace(self) -> Any:
        import refgrad

        type(self).version = refgrad.__version__
        if self.device != "cpu":
            type(self).features = frozenset(self.features) | {"cuda"}
        return refgrad

    def environment(self) -> dict[str, Any]:
        """On a device: what it is, and what decides how products of float32 are computed there."""
        if self.device == "cpu":
            return super().environment()
        cuda = self.torch.cuda
        return {
            "device": cuda.get_device_name(),
            "capability": ".".join(map(str, cuda.get_device_capability())),
            **cuda.versions(),
            "tf32": os.environ.get("CUPY_TF32", "0") == "1",  # CuPy rounds to TF32 only where this asks for it
            "cudnn": "not used",
        }
