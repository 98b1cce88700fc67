"""The functions of `torch.linalg`."""

from __future__ import annotations

from refgrad.api.names import LINALG

globals().update(LINALG)
__all__ = list(LINALG)
