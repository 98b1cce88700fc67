"""Products of matrices and vectors."""

from __future__ import annotations

from refgrad.ops.shape import mT, unsqueeze
from refgrad.rules import linear, reshape


def _left(g, _a, b):
    """The cotangent of `a` in ``a @ b``, with the dimensions that vectors lack put in and taken out."""
    if len(b.shape) == 1:
        return g * b if len(_a.shape) == 1 else unsqueeze(g, dim=-1) * b
    if len(_a.shape) == 1:
        c = matmul(unsqueeze(g, dim=-2), mT(b))
        return reshape(c, shape=(*c.shape[:-2], c.shape[-1]))
    return matmul(g, mT(b))


def _right(g, a, _b):
    """The cotangent of `b` in ``a @ b``."""
    if len(a.shape) == 1:
        return g * a if len(_b.shape) == 1 else unsqueeze(a, dim=-1) * unsqueeze(g, dim=-2)
    if len(_b.shape) == 1:
        c = matmul(mT(a), unsqueeze(g, dim=-1))
        return reshape(c, shape=tuple(c.shape[:-1]))
    return matmul(mT(a), g)


def _matmul_node(a, b):
    return _NAMES.get((len(a.shape), len(b.shape)), "BmmBackward0")


_NAMES = {(2, 2): "MmBackward0", (2, 1): "MvBackward0", (1, 1): "DotBackward0"}
matmul = linear("matmul", _left, _right, node=_matmul_node)
