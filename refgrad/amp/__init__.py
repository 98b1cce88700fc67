"""Mixed precision: PyTorch's `torch.amp`, as far as it is about gradients. There is no autocast."""

from refgrad.amp.autocast_mode import custom_bwd, custom_fwd
from refgrad.amp.grad_scaler import GradScaler

__all__ = ["GradScaler", "custom_bwd", "custom_fwd"]
