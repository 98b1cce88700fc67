"""Looking rows up in a table, with what PyTorch lets the gradient of the table leave out or scale."""

from __future__ import annotations

from refgrad.ops.indexing import index, index_put
from refgrad.rules import linear, reshape, where, zeros


def _table_gradient(g, shape, at, padding_idx, scale_grad_by_freq):
    """The rows' gradients summed where they were looked up: g (*at, d) -> (n, d)."""
    if padding_idx is not None:
        g = where(reshape(at == padding_idx, shape=(*at.shape, 1)), 0.0, g)
    if scale_grad_by_freq:
        ones = zeros(g, shape=tuple(at.shape)) + 1
        counts = index_put(zeros(g, shape=(shape[0],)), ones, at, accumulate=True)
        g = g / reshape(index(counts, at), shape=(*at.shape, 1))
    return index_put(zeros(g, shape=tuple(shape)), g, at, accumulate=True)


embedding = linear(
    "embedding",
    lambda g, _table, at, *, padding_idx, scale_grad_by_freq: _table_gradient(
        g, _table.shape, at, padding_idx, scale_grad_by_freq
    ),
    None,
    kernel=lambda xp, table, at, *, padding_idx, scale_grad_by_freq: xp.take(table, at, axis=0),
)
