"""The part of `numpy.linalg` that balls have."""

from __future__ import annotations

from numpy.linalg import LinAlgError

from refgrad.backends.ball.solving import cholesky, det, inv, matrix_power, qr, slogdet, solve
from refgrad.backends.ball.spectral import eig, eigh, svd

__all__ = ["LinAlgError", "cholesky", "det", "eig", "eigh", "inv", "matrix_power", "qr", "slogdet", "solve", "svd"]
