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


def diagonal_embed(x, *, offset=0, dim1=-2, dim2=-1):  # noqa: ANN201 - arrays and tensors alike
    """Zeros, but for the elements of `x` on a diagonal between two new dimensions: (…, n) -> (…, n, n)."""
    ndim = x.ndim + 1
    n = x.shape[-1] + (offset if offset >= 0 else -offset)
    dims = (dim1 % ndim, dim2 % ndim)
    lead = list(x.shape[:-1])
    for d in sorted(dims):
        lead.insert(d, n)
    return diagonal_scatter(zeros(x, shape=tuple(lead)), x, offset=offset, dim1=dims[0], dim2=dims[1])
