"""The functions of `torch.fft`."""

from __future__ import annotations

from refgrad.api.names import FFT

globals().update(FFT)
__all__ = list(FFT)
