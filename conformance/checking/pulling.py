"""The backward pass of a function of tensors: cotangents in, flat gradients out; all rows of a Jacobian at once; forward mode."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.checking.flat import real, real_rows, strided
from conformance.checking.subject import Run

if TYPE_CHECKING:
    from conformance.checking.tensors import TensorSubject


def cotangents(subject: TensorSubject, w: np.ndarray, outputs: Sequence[Any], *, spread: bool = False) -> list[Any]:
    """One tensor per output from a flat cotangent, non-contiguous with `spread`."""
    made = []
    for where, shape, is_complex, like in zip(
        subject.output_slices, subject.output_shapes, subject.output_complex, outputs, strict=True
    ):
        part = w[where].view(np.complex128) if is_complex else w[where]
        part = part.reshape(shape)
        made.append(subject.tensor(strided(part) if spread else part, like))
    return made


def pull_all(subject: TensorSubject, jobs: Sequence[tuple[Run, Sequence[Any]]]) -> np.ndarray:
    """The flat pull-backs of several graphs in one backward pass, as rows."""
    g = np.zeros((len(jobs), subject.n))
    roots, seeds, leaves, places = [], [], [], []
    for row, (run, given) in enumerate(jobs):
        for output, cotangent in zip(run.outputs, given, strict=True):
            if output.requires_grad:
                roots.append(output)
                seeds.append(cotangent)
        for k, leaf in enumerate(run.leaves):
            if leaf.requires_grad:
                leaves.append(leaf)
                places.append((row, k))
    if roots and leaves:
        found = subject.ns.autograd.grad(roots, leaves, seeds, retain_graph=True, allow_unused=True)
        for (row, k), gradient in zip(places, found, strict=True):
            if gradient is not None:
                g[row, subject.slices[k]] = _flat_gradient(subject, k, subject.array(gradient))
    return g


def _flat_gradient(subject: TensorSubject, k: int, gradient: np.ndarray) -> np.ndarray:
    if gradient.shape != subject.shapes[k]:
        raise AssertionError(
            f"the gradient of {subject.names[k]} has shape {gradient.shape}, the input {subject.shapes[k]}; "
            "sum the cotangent over the dimensions that were broadcast"
        )
    return real(gradient.astype(np.complex128) if subject.complex[k] else gradient)


def pull_batched(subject: TensorSubject, run: Run) -> np.ndarray | None:
    """The whole Jacobian in one backward pass over all unit cotangents; nothing where that cannot be batched."""
    if any(subject.complex) or any(subject.output_complex):
        return None
    roots = [o for o in run.outputs if o.requires_grad]
    units = [c for c, o in zip(_units(subject, run), run.outputs, strict=True) if o.requires_grad]

    def pull(*seeds: Any) -> tuple[Any, ...]:
        found = subject.ns.autograd.grad(roots, run.leaves, seeds, retain_graph=True, allow_unused=True)
        return tuple(subject.ns.zeros_like(x) if c is None else c for x, c in zip(run.leaves, found, strict=True))

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # operators without a batching rule warn that they are slow
            rows = [real_rows(subject.array(g), subject.m) for g in subject.ns.vmap(pull)(*units)]
    except Exception:  # noqa: BLE001 - whatever a batching rule lacks, the backward pass itself is asked next
        return None
    return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1)


def _units(subject: TensorSubject, run: Run) -> list[Any]:
    """The unit cotangents, batch first, one tensor per output."""
    units = np.eye(subject.m)
    return [
        subject.tensor(np.ascontiguousarray(units[:, where]).reshape(subject.m, *shape), like)
        for where, shape, like in zip(subject.output_slices, subject.output_shapes, run.outputs, strict=True)
    ]


def push(subject: TensorSubject, v: np.ndarray) -> np.ndarray:
    """The flat push-forward of a flat tangent; raises where an operator has no forward mode."""
    mode = subject.ns.autograd.forward_ad
    with mode.dual_level(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        duals = [mode.make_dual(*pair) for pair in zip(subject.point(subject.x0), subject.point(v), strict=True)]
        tangents = [(o, mode.unpack_dual(o).tangent) for o in subject.select(subject.call(duals))]
        return np.concatenate([real(subject.array(o) * 0 if t is None else subject.array(t)) for o, t in tangents])
