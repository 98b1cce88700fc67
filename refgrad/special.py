"""The functions of `torch.special`."""

from __future__ import annotations

from refgrad.api.names import SPECIAL

globals().update(SPECIAL)
__all__ = list(SPECIAL)
