"""PyTorch itself, on the CPU or a CUDA device."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.engines.namespace import NamespaceEngine


class TorchEngine(NamespaceEngine):
    """`torch`, as installed."""

    name = "torch"

    def namespace(self) -> Any:
        import torch

        torch.set_num_threads(1)  # the suite runs many workers; results do not depend on it
        torch.set_warn_always(True)
        type(self).version = torch.__version__
        if not torch.cuda.is_available():
            type(self).features = frozenset(self.features) - {"cuda"}
        return torch

    def from_numpy(self, array: np.ndarray) -> Any:
        if array.dtype.name == "bfloat16":
            return self.torch.from_numpy(array.view(np.int16).copy()).view(self.torch.bfloat16)
        return super().from_numpy(array)

    def read(self, tensor: Any) -> np.ndarray:
        tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
        if tensor.dtype == self.torch.bfloat16:
            from conformance.codec import numpy_dtype

            return tensor.view(self.torch.int16).numpy().view(numpy_dtype("bfloat16"))
        return tensor.numpy(force=True)  # zeros that PyTorch has not allocated count as zeros

    def environment(self) -> dict[str, Any]:
        return {"torch": self.torch.__version__, "cpu": self.torch.backends.cpu.get_cpu_capability()}
