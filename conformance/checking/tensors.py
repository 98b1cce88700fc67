"""A function of tensors as a subject. The only place of live checking, with its parts `sampling` and `pulling`, that touches them.

The namespace is that of the inputs: PyTorch's, or one spelled like it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import count
from typing import Any

import numpy as np

from conformance.checking import pulling, sampling
from conformance.checking.flat import ROUNDOFF, real, slices, strided
from conformance.checking.nesting import is_differentiable, is_tensor, named_tensors, namespace, replaced
from conformance.checking.subject import Run, Subject
from conformance.errors import UsageError


class TensorSubject(Subject):
    """`fn` at `inputs`."""

    def __init__(self, fn: Callable[..., Any], inputs: Sequence[Any]) -> None:
        self.fn, self.inputs = fn, inputs
        self._plain = bool(inputs) and all(map(is_tensor, inputs))  # nothing is nested: no rebuilding needed
        found = [(f"input[{k}]", t) for k, t in enumerate(inputs)] if self._plain else [*named_tensors(inputs, "input")]
        if not found:
            raise UsageError("check_gradients found no tensor among the inputs; pass tensors, or nested tuples of them")
        floating = [k for k, (_, t) in enumerate(found) if is_differentiable(t)]
        if not floating:
            raise UsageError("no input has a floating or complex dtype; only such inputs have gradients")
        chosen = [k for k in floating if found[k][1].requires_grad] or floating
        self._plain = self._plain and len(chosen) == len(found)
        self._chosen = frozenset(chosen)  # by position, since one tensor may be passed twice
        self._kept: frozenset[int] = frozenset()  # outputs that can be differentiated, by position
        self.names = [found[k][0] for k in chosen]
        self.tensors = [found[k][1] for k in chosen]
        self.ns = namespace(type(self.tensors[0]))
        self._float64, self._cpu = self.ns.float64, _cpu(self.ns)
        self._describe_inputs([self.array(t) for t in self.tensors])

    def _describe_inputs(self, arrays: list[np.ndarray]) -> None:
        self.shapes = [a.shape for a in arrays]
        self.dtypes = [a.dtype for a in arrays]
        self.complex = [d.kind == "c" for d in self.dtypes]
        self.roundoff = self.given_roundoff = max([_roundoff(t.dtype) for t in self.tensors])
        self.wide = self.roundoff > 2.0**-53  # if the function lets itself be evaluated so
        self.x0 = self._x = real(arrays[0]).copy() if len(arrays) == 1 else np.concatenate([real(a) for a in arrays])
        self.n = len(self.x0)
        self.slices = slices([a.size << c for a, c in zip(arrays, self.complex, strict=True)])
        self.output_names = []
        if not np.isfinite(self.x0).all():
            raise UsageError("an input is NaN or infinite there; there is no derivative to check, choose finite inputs")

    def _describe_outputs(self, found: list[tuple[str, Any]]) -> None:
        """Outputs without a graph are constants by declaration; but if none has one, all are held against differences."""
        floating = [k for k, (_, t) in enumerate(found) if is_differentiable(t)]
        if not floating:
            raise UsageError("the function returned no floating or complex tensor; there is nothing to differentiate")
        kept = [k for k in floating if found[k][1].requires_grad] or floating
        self._kept = frozenset(kept)
        tensors = [found[k][1] for k in kept]
        self.output_names = [found[k][0] for k in kept]
        self.output_shapes = [tuple(t.shape) for t in tensors]
        self.output_complex = [t.dtype.is_complex for t in tensors]
        self.roundoff = max([self.roundoff, *(_roundoff(t.dtype) for t in tensors)])
        self.output_slices = slices([t.numel() << c for t, c in zip(tensors, self.output_complex, strict=True)])
        self.m = self.output_slices[-1].stop

    # tensors and arrays

    def array(self, tensor: Any) -> np.ndarray:
        """The values as NumPy's, bfloat16 widened to float32."""
        tensor = tensor.detach()
        if tensor.dtype is self._float64 and tensor.device == self._cpu:
            return tensor.numpy()
        if getattr(tensor, "is_conj", bool)() or getattr(tensor, "is_neg", bool)():
            tensor = tensor.resolve_conj().resolve_neg()
        if str(tensor.dtype).endswith("bfloat16"):
            tensor = tensor.to(self.ns.float32)
        return (tensor if tensor.device == self._cpu else tensor.cpu()).numpy()

    def tensor(self, array: np.ndarray, like: Any, *, wide: bool = False) -> Any:
        """A tensor of the dtype and device of `like`, or of 64 bits."""
        made = self.ns.from_numpy(array)
        if like.device != self._cpu:
            made = made.to(like.device)
        return made if wide or made.dtype is like.dtype else made.to(like.dtype)

    def split(self, rows: np.ndarray) -> list[np.ndarray]:
        """Rows of flat numbers as one array per input, batch first."""
        parts = []
        for where, shape, is_complex in zip(self.slices, self.shapes, self.complex, strict=True):
            part = rows[:, where]
            if is_complex:
                part = np.ascontiguousarray(part).view(np.complex128)
            parts.append(part.reshape(len(rows), *shape))
        return parts

    def point(self, x: np.ndarray) -> list[Any]:
        """One tensor per input, with memory of its own, from a flat point."""
        return [
            self.tensor(part[0, ...].copy(), like) for part, like in zip(self.split(x[None]), self.tensors, strict=True)
        ]

    def flat(self, tensors: Sequence[Any]) -> np.ndarray:
        arrays = [real(self.array(t)) for t in tensors]
        return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)

    # forward

    def call(self, tensors: Sequence[Any], *, wide: bool = False) -> Any:
        """What the function returns for these in the places of the checked inputs; with `wide`, others are made so too."""
        if self._plain:
            return self.fn(*tensors)
        position, given = count(), iter(tensors)

        def other(tensor: Any) -> Any:
            if next(position) in self._chosen:
                return next(given)
            if wide and is_differentiable(tensor):
                return tensor.to(self.ns.complex128 if tensor.dtype.is_complex else self.ns.float64)
            return tensor

        return self.fn(*replaced(tuple(self.inputs), other))

    def caller(self) -> Callable[..., Any]:
        """The function of as many tensors as are checked, in the dtypes in which it is evaluated."""
        return self.fn if self._plain else lambda *tensors: self.call(tensors, wide=self.wide)

    def select(self, found: Any) -> list[Any]:
        """Those of the returned tensors that are differentiated."""
        if is_tensor(found):
            return [found]
        return [t for k, (_, t) in enumerate(named_tensors(found, "output")) if k in self._kept]

    def run(
        self,
        *,
        strided: bool = False,
        active: Sequence[int] | None = None,
        x: np.ndarray | None = None,
        shared: tuple[int, int] | None = None,
    ) -> Run:
        leaves = self.leaves(self.x0 if x is None else x, spread=strided)
        for k, leaf in enumerate(leaves):
            if active is None or k in active:
                leaf.requires_grad_()
        if shared is not None:
            leaves[shared[1]] = leaves[shared[0]]
        found = self.call(leaves)
        self.evaluations += 1
        if not self.output_names:
            self._describe_outputs([*named_tensors(found, "output")])
        return Run(leaves, self.select(found))

    def leaves(self, x: np.ndarray, *, spread: bool = False) -> list[Any]:
        """Fresh tensors with these values, in the layout that the user gave them, or non-contiguous."""
        if x is self._x and not spread:
            return [t.detach().clone() for t in self.tensors]
        if not spread:
            return self.point(x)
        return [self.tensor(strided(p[0, ...]), t) for p, t in zip(self.split(x[None]), self.tensors, strict=True)]

    def values(self, run: Run) -> np.ndarray:
        return self.flat(run.outputs)

    def evaluate(self, rows: np.ndarray) -> np.ndarray:
        return sampling.evaluate(self, rows)

    # backward

    def cotangents(self, w: np.ndarray, outputs: Sequence[Any], *, strided: bool = False) -> list[Any]:
        return pulling.cotangents(self, w, outputs, spread=strided)

    def expanded(self, run: Run) -> list[Any]:
        return [self.tensor(np.ones(()), o).expand(o.shape) for o in run.outputs]

    def pull_all(self, jobs: Sequence[tuple[Run, Sequence[Any]]]) -> np.ndarray:
        return pulling.pull_all(self, jobs)

    def pull_rows(self, run: Run) -> np.ndarray:
        rows = pulling.pull_batched(self, run) if self.batched else None
        return super().pull_rows(run) if rows is None else rows

    def push(self, v: np.ndarray) -> np.ndarray:
        return pulling.push(self, v)


@cache
def _roundoff(dtype: Any) -> float:
    return ROUNDOFF[str(dtype).rpartition(".")[2]]


@cache
def _cpu(ns: Any) -> Any:
    return ns.zeros(()).device
