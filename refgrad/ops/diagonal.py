"""Triangles of matrices, and matrices made of diagonals. Taking a diagonal out is a view, and with the views
(`shape`).
"""

from __future__ import annotations

from refgrad.ops.shape import diagonal, diagonal_scatter
from refgrad.rules import structural, zeros

tril = structural(
    "tril", lambda g, *, diagonal: tril(g, diagonal=diagonal), kernel=lambda xp, x, *, diagonal: xp.tril(x, diagonal)
)
triu = structural(
    "triu", lambda g, *, diagonal: triu(g, diagonal=diagonal), kernel=lambda xp, x, *, diagonal: xp.triu(x, diagonal)
)


def diagonal_of(x):  # noqa: ANN201 - arrays and tensors alike
    """The main diagonals of matrices: (…, m, n) -> (…, k)."""
    return diagonal(x, offset=0, dim1=x.ndim - 2, dim2=x.ndim - 1)


def diagonal_embed(x):  # noqa: ANN201 - arrays and tensors alike
    """Zeros, but for the elements of `x` on the diagonal of two last dimensions: (…, n) -> (…, n, n)."""
    shape = (*x.shape, x.shape[-1])
    return diagonal_scatter(zeros(x, shape=shape), x, offset=0, dim1=x.ndim - 1, dim2=x.ndim)
