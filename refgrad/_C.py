"""What programs ask of PyTorch's `torch._C`: which modes this thread is in."""  # noqa: N999 - PyTorch's name

from __future__ import annotations

from refgrad.modes import is_grad_enabled, is_inference_mode_enabled, state

__all__ = ["_is_multithreading_enabled", "is_grad_enabled", "is_inference_mode_enabled"]


def _is_multithreading_enabled() -> bool:
    """What `set_multithreading_enabled` was last told in this thread."""
    return state.multithreading
