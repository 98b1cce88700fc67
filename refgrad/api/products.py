"""Products of tensors by their indices: einsum, tensordot, Kronecker and cross products; and products added to
something.
"""

from __future__ import annotations

import math
from typing import Any

from refgrad.api.forms import one_dim
from refgrad.api.linalg import matmul
from refgrad.api.naming import recorded_as
from refgrad.tensor import Tensor

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def einsum(equation: Any, *operands: Any) -> Tensor:
    """The sum of products that the equation writes, such as ``"bij,bjk->bik"``; operands are contracted from left
    to right.
    """
    if isinstance(equation, Tensor):
        equation, operands = _from_sublists((equation, *operands))
    operands = tuple(operands[0]) if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else operands
    inputs, output = _labels(equation.replace(" ", ""), operands)
    terms = [_without_repeats(x, labels) for x, labels in zip(operands, inputs, strict=True)]
    x, labels = terms[0]
    for i, (other, theirs) in enumerate(terms[1:], 1):
        needed = set(output).union(*(ls for _, ls in terms[i + 1 :]))
        x, labels = _contracted(x, labels, other, theirs, needed)
    surplus = tuple(i for i, label in enumerate(labels) if label not in output)
    if surplus:
        x, labels = x.sum(surplus), [label for label in labels if label in output]
    return x.permute(*(labels.index(label) for label in output)) if output else x


def _from_sublists(args: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    def text(labels: Any) -> str:
        return "".join("..." if i is Ellipsis else LETTERS[i] for i in labels)

    pairs = len(args) // 2
    equation = ",".join(text(args[2 * i + 1]) for i in range(pairs))
    return equation + ("->" + text(args[-1]) if len(args) % 2 else ""), tuple(args[2 * i] for i in range(pairs))


def _labels(equation: str, operands: tuple[Any, ...]) -> tuple[list[list[str]], list[str]]:
    """The label of each dimension; those under an ellipsis are called by their number, counted from the last."""
    left, arrow, right = equation.partition("->")
    inputs = []
    for term, x in zip(left.split(","), operands, strict=True):
        covered = x.ndim - len(term.replace("...", ""))
        if covered < 0 or (covered and "..." not in term):
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({len(term)}) does not match the number of "
                "dimensions "
                f"({x.ndim}) for an operand and no ellipsis was given"
            )
        head, _, tail = term.partition("...")
        inputs.append([*head, *(str(covered - i) for i in range(covered)), *tail] if "..." in term else list(term))
    ellipsis = max(([label for label in labels if label.isdigit()] for labels in inputs), key=len)
    if arrow:
        head, dots, tail = right.partition("...")
        return inputs, [*head, *(ellipsis if dots else []), *tail]
    every = [label for labels in inputs for label in labels]
    return inputs, [
        *ellipsis,
        *sorted(label for label in set(every) if every.count(label) == 1 and not label.isdigit()),
    ]


def _without_repeats(x: Tensor, labels: list[str]) -> tuple[Tensor, list[str]]:
    """Diagonals for labels that occur twice in one term."""
    labels = list(labels)
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            i = labels.index(label)
            j = labels.index(label, i + 1)
            x = x.diagonal(0, i, j)
            labels = [other for k, other in enumerate(labels) if k not in (i, j)] + [label]
    return x, labels


def _contracted(a: Tensor, left: list[str], b: Tensor, right: list[str], needed: set[str]) -> tuple[Tensor, list[str]]:
    """The product of two terms as one product of matrices: (both, left only, sum) @ (both, sum, right only)."""
    alone_a = tuple(i for i, label in enumerate(left) if label not in needed and label not in right)
    alone_b = tuple(i for i, label in enumerate(right) if label not in needed and label not in left)
    a, left = (a.sum(alone_a), [s for i, s in enumerate(left) if i not in alone_a]) if alone_a else (a, left)
    b, right = (b.sum(alone_b), [s for i, s in enumerate(right) if i not in alone_b]) if alone_b else (b, right)
    size = _sizes(a, left, b, right)
    both = [s for s in left if s in right and s in needed]
    total = [s for s in left if s in right and s not in needed]
    only_a, only_b = [s for s in left if s not in right], [s for s in right if s not in left]
    x = _arranged(a, left, (both, only_a, total), size)
    y = _arranged(b, right, (both, total, only_b), size)
    labels = [*both, *only_a, *only_b]
    return matmul(x, y).reshape(*(size[s] for s in labels)), labels


def _sizes(a: Tensor, left: list[str], b: Tensor, right: list[str]) -> dict[str, int]:
    size = dict(zip(left, a.shape, strict=True))
    for label, n in zip(right, b.shape, strict=True):
        if size.get(label, 1) != 1 and n not in (1, size[label]):
            raise RuntimeError(
                f"einsum(): subscript {label} has size {n} for operand 1 which does not broadcast with previously "
                f"seen size {size[label]}"
            )
        size[label] = n if size.get(label, 1) == 1 else size[label]
    return size


def _arranged(x: Tensor, labels: list[str], groups: tuple[list[str], ...], size: dict[str, int]) -> Tensor:
    """`x` with its dimensions gathered in three groups."""
    order = [s for group in groups for s in group]
    x = x.expand(*(size[s] for s in labels)).permute(*(labels.index(s) for s in order)) if order else x
    return x.reshape(*(math.prod(size[s] for s in group) for group in groups))


def tensordot(a: Tensor, b: Tensor, dims: Any = 2, out: Tensor | None = None) -> Tensor:
    """The sum of products over the last dimensions of `a` and the first of `b`, or over the pairs given."""
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        left, right = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    else:
        left, right = (
            [one_dim(d, x.ndim) for d in ((ds,) if isinstance(ds, int) else ds)]
            for ds, x in zip(dims, (a, b), strict=True)
        )
    for i, j in zip(left, right, strict=True):  # a size of 1 is broadcast: what the other has is summed first
        a = a.sum(i, keepdim=True) if b.shape[j] == 1 != a.shape[i] else a
        b = b.sum(j, keepdim=True) if a.shape[i] == 1 != b.shape[j] else b
    if [a.shape[i] for i in left] != [b.shape[j] for j in right]:
        raise RuntimeError(
            f"contracted dimensions need to match, but got {[a.shape[i] for i in left]} and "
            f"{[b.shape[j] for j in right]}"
        )
    free_a, free_b = [i for i in range(a.ndim) if i not in left], [j for j in range(b.ndim) if j not in right]
    shared = math.prod(a.shape[i] for i in left)
    rows = a.permute(*free_a, *left).reshape(math.prod(a.shape[i] for i in free_a), shared)
    columns = b.permute(*right, *free_b).reshape(shared, math.prod(b.shape[j] for j in free_b))
    return matmul(rows, columns).reshape(*(a.shape[i] for i in free_a), *(b.shape[j] for j in free_b))


def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product: a block `other` times each element of `input`."""
    ndim = max(input.ndim, other.ndim)
    a, b = ((1,) * (ndim - x.ndim) + tuple(x.shape) for x in (input, other))
    left = input.reshape([n for size in a for n in (size, 1)])
    right = other.reshape([n for size in b for n in (1, size)])
    return (left * right).reshape([m * n for m, n in zip(a, b, strict=True)])


def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The cross product of vectors of three elements, which lie along the first dimension of that size if none is given."""
    if dim is None:
        dim = next((d for d, n in enumerate(input.shape) if n == 3), None)
        if dim is None:
            raise RuntimeError("no dimension of size 3 in input")
    return linalg_cross(input, other, dim=dim)


@recorded_as("LinalgCrossBackward0")
def linalg_cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """The cross product of vectors of three elements."""
    if input.ndim != other.ndim:
        raise RuntimeError(
            f"linalg.cross: inputs must have the same number of dimensions. Got {input.ndim} and {other.ndim}"
        )
    if input.dtype != other.dtype:
        raise RuntimeError(
            f"linalg.cross: expected both inputs to have the same dtype, got {input.dtype} and {other.dtype}"
        )
    if not input.ndim:
        raise IndexError(f"linalg.cross: Dimension specified as {dim} but tensor has no dimensions")
    dim = one_dim(dim, input.ndim)
    if input.shape[dim] != 3 or other.shape[dim] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {input.shape[dim]} and {other.shape[dim]}"
        )
    return input.roll(-1, dim) * other.roll(-2, dim) - input.roll(-2, dim) * other.roll(-1, dim)


def chain_matmul(*matrices: Tensor) -> Tensor:
    """The product of the matrices."""
    y, *rest = matrices
    for x in rest:
        y = matmul(y, x)
    return y


@recorded_as(lambda _product, x, y, **_: "VdotBackward0" if x.ndim == y.ndim == 1 else None)
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """The dot products along the dimension, the first factor conjugated."""
    if not (x.dtype.is_floating_point or x.dtype.is_complex):
        raise RuntimeError(f"linalg.vecdot: Expected a floating point or complex tensor as input. Got {x.dtype}")
    if x.dtype != y.dtype:
        raise RuntimeError(
            f"linalg.vecdot: Expected x and y to have the same dtype, but found x of type {x.dtype} and y of type "
            f"{y.dtype} instead"
        )
    return ((x.conj() if x.dtype.is_complex else x) * y).sum(dim)
