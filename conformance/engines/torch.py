"""PyTorch itself, on the CPU or a CUDA device."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.engines.namespace import NamespaceEngine
from conformance.errors import DeviceError


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

    def check_device(self) -> None:
        """Says what is missing, where `torch` itself only says that something is."""
        torch = self.torch
        if self.device.startswith("cuda") and not torch.cuda.is_available():
            built = torch.version.cuda
            if built is None:
                raise DeviceError(
                    f"torch {torch.__version__} was built without CUDA; install a build for CUDA, as PyTorch's "
                    "installation page says, or leave --device away"
                )
            raise DeviceError(
                f"torch {torch.__version__} for CUDA {built} finds no device; install an NVIDIA driver for that CUDA "
                "(nvidia-smi says which one it supports), or see whether CUDA_VISIBLE_DEVICES hides the device"
            )
        torch.backends.cudnn.allow_tf32 = (
            False  # cases in float32 are about float32; the default rounds factors to 10 bits
        )
        super().check_device()

    def from_numpy(self, array: np.ndarray) -> Any:
        if array.dtype.name == "bfloat16":
            return self.torch.from_numpy(array.view(np.int16).copy()).view(self.torch.bfloat16)
        return super().from_numpy(array)

    def read(self, tensor: Any) -> np.ndarray:
        tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
        if tensor.dtype == self.torch.bfloat16:
            from conformance.codec import numpy_dtype

            return tensor.view(self.torch.int16).numpy(force=True).view(numpy_dtype("bfloat16"))
        return tensor.numpy(force=True)  # zeros that PyTorch has not allocated count as zeros

    def environment(self) -> dict[str, Any]:
        torch = self.torch
        found = {"torch": torch.__version__, "cpu": torch.backends.cpu.get_cpu_capability()}
        if not self.device.startswith("cuda"):
            return found
        matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
        return {
            **found,
            "device": torch.cuda.get_device_name(),
            "capability": ".".join(map(str, torch.cuda.get_device_capability())),
            "cuda": torch.version.cuda,
            "cudnn": cudnn.version(),
            "tf32 in products": matmul.allow_tf32,
            "tf32 in convolutions": cudnn.allow_tf32,
            "reduced precision of half sums": {
                "float16": matmul.allow_fp16_reduced_precision_reduction,
                "bfloat16": matmul.allow_bf16_reduced_precision_reduction,
            },
            "cudnn benchmark": cudnn.benchmark,
            "deterministic algorithms": torch.are_deterministic_algorithms_enabled() or cudnn.deterministic,
        }
