"""A function of tensors as a function of one flat vector of float64 numbers, with its pull-back. Complex numbers are pairs.

The only place of live checking that touches tensors. The namespace is that of the inputs: PyTorch's, or one spelled like it.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, count
from typing import Any

import numpy as np

from conformance.checking.outcome import Inconclusive, Report
from conformance.errors import UsageError

_ROUNDOFF = {"float64": 2.0**-53, "complex128": 2.0**-53, "float32": 2.0**-24, "complex64": 2.0**-24,
             "float16": 2.0**-11, "bfloat16": 2.0**-8}  # fmt: skip
_BATCH = 1 << 22  # numbers in one batched call: 32 MiB


@dataclass
class Run:
    """One forward pass with its graph: the leaves, the outputs that can be differentiated, all outputs flat."""

    leaves: list[Any]
    outputs: list[Any]


class Subject:
    """`fn` at `inputs`. `x` is the flat point, `n` and `m` count its elements and those of the outputs."""

    def __init__(self, fn: Callable[..., Any], inputs: Sequence[Any], *, wide: bool = True) -> None:
        self.fn, self.inputs = fn, inputs
        self._plain = bool(inputs) and all(map(_is_tensor, inputs))  # nothing is nested: no rebuilding needed
        tensors = [(f"input[{k}]", t) for k, t in enumerate(inputs)] if self._plain else list(_tensors(inputs, "input"))
        if not tensors:
            raise UsageError("check_gradients found no tensor among the inputs; pass tensors, or nested tuples of them")
        floating = [k for k, (_, t) in enumerate(tensors) if _is_differentiable(t)]
        if not floating:
            raise UsageError("no input has a floating or complex dtype; only such inputs have gradients")
        chosen = [k for k in floating if tensors[k][1].requires_grad] or floating
        self._plain = self._plain and len(chosen) == len(tensors)
        self._chosen = frozenset(chosen)  # by position, since one tensor may be passed twice
        self.names = [tensors[k][0] for k in chosen]
        self.tensors = [tensors[k][1] for k in chosen]
        self.ns = _namespace(type(self.tensors[0]))
        self._float64, self._cpu = self.ns.float64, _cpu(self.ns)
        arrays = [self.array(t) for t in self.tensors]
        self.shapes = [a.shape for a in arrays]
        self.dtypes = [a.dtype for a in arrays]
        self.complex = [d.kind == "c" for d in self.dtypes]
        self.roundoff = self._given_roundoff = max([_roundoff(t.dtype) for t in self.tensors])
        self.x = _real(arrays[0]).copy() if len(arrays) == 1 else np.concatenate([_real(a) for a in arrays])
        self.x0 = self.x  # a copy of the subject may look at another point
        self.n = len(self.x)
        self.slices = _slices([a.size << c for a, c in zip(arrays, self.complex, strict=True)])
        if not np.isfinite(self.x).all():
            raise UsageError("an input is NaN or infinite there; there is no derivative to check, choose finite inputs")
        # Differences are taken in float64 whatever the dtype, if the function lets itself be evaluated so.
        self.wide = wide and self.roundoff > 2.0**-53
        self.noise = 2.0**-53  # the roundoff of the values that were sampled
        self.batched = True
        self.activity = True  # whether some inputs may be constants
        self.aliasing = True  # whether one tensor may stand for two inputs
        self.evaluations = 0
        self.output_names: list[str] = []
        self._kept: frozenset[int] = frozenset()  # outputs that can be differentiated, by position
        self.output_shapes: list[tuple[int, ...]] = []
        self.output_complex: list[bool] = []
        self.output_slices: list[slice] = []
        self.m = 0

    @property
    def grid(self) -> float:
        """The roundoff of the points at which the function is evaluated."""
        return 2.0**-53 if self.wide else self._given_roundoff

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

    def _split(self, rows: np.ndarray) -> list[np.ndarray]:
        """Rows of flat numbers as one array per input, batch first."""
        parts = []
        for where, shape, is_complex in zip(self.slices, self.shapes, self.complex, strict=True):
            part = rows[:, where]
            if is_complex:
                part = np.ascontiguousarray(part).view(np.complex128)
            parts.append(part.reshape(len(rows), *shape))
        return parts

    def _call(self, tensors: Sequence[Any], *, wide: bool = False) -> Any:
        if self._plain:
            return self.fn(*tensors)
        position, given = count(), iter(tensors)
        return self.fn(*(self._rebuild(value, position, given, wide=wide) for value in self.inputs))

    def _rebuild(self, value: Any, position: Iterator[int], given: Iterator[Any], *, wide: bool) -> Any:
        """The inputs in their nesting, the checked tensors replaced in order."""
        if isinstance(value, tuple | list):
            return _same_kind(value, [self._rebuild(v, position, given, wide=wide) for v in value])
        if isinstance(value, dict):
            return {k: self._rebuild(v, position, given, wide=wide) for k, v in value.items()}
        if not _is_tensor(value):
            return value
        if next(position) in self._chosen:
            return next(given)
        if wide and _is_differentiable(value):
            return value.to(self.ns.complex128 if value.dtype.is_complex else self.ns.float64)
        return value

    # forward

    def run(
        self,
        *,
        strided: bool = False,
        active: Sequence[int] | None = None,
        x: np.ndarray | None = None,
        shared: tuple[int, int] | None = None,
    ) -> Run:
        """A forward pass that records its graph, at fresh leaves; only the `active` inputs require grad, two may be one tensor."""
        leaves = self._leaves(self.x0 if x is None else x, strided=strided)
        for k, leaf in enumerate(leaves):
            if active is None or k in active:
                leaf.requires_grad_()
        if shared is not None:
            leaves[shared[1]] = leaves[shared[0]]
        found = self._call(leaves)
        self.evaluations += 1
        if not self.output_names:
            self._describe_outputs(list(_tensors(found, "output")))
        return Run(leaves, self._select(found))

    def _leaves(self, x: np.ndarray, *, strided: bool) -> list[Any]:
        """Fresh tensors with these values; in the layout that the user gave them unless told otherwise."""
        if x is self.x and not strided:
            return [t.detach().clone() for t in self.tensors]
        parts = self._split(x[None])
        return [
            self.tensor(_strided(part[0, ...]) if strided else part[0, ...].copy(), like)
            for part, like in zip(parts, self.tensors, strict=True)
        ]

    def values(self, run: Run) -> np.ndarray:
        """The flat outputs of a run."""
        return self.flat(run.outputs)

    def flat(self, tensors: Sequence[Any]) -> np.ndarray:
        """Tensors as one flat vector of float64."""
        arrays = [_real(self.array(t)) for t in tensors]
        return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)

    def _select(self, found: Any) -> list[Any]:
        if _is_tensor(found):
            return [found]
        return [t for k, (_, t) in enumerate(_tensors(found, "output")) if k in self._kept]

    def _describe_outputs(self, found: list[tuple[str, Any]]) -> None:
        """Outputs without a graph are constants by declaration; but if none has one, all are held against differences."""
        floating = [k for k, (_, t) in enumerate(found) if _is_differentiable(t)]
        if not floating:
            raise UsageError("the function returned no floating or complex tensor; there is nothing to differentiate")
        kept = [k for k in floating if found[k][1].requires_grad] or floating
        self._kept = frozenset(kept)
        tensors = [found[k][1] for k in kept]
        self.output_names = [found[k][0] for k in kept]
        self.output_shapes = [tuple(t.shape) for t in tensors]
        self.output_complex = [t.dtype.is_complex for t in tensors]
        self.roundoff = max([self.roundoff, *(_roundoff(t.dtype) for t in tensors)])
        self.output_slices = _slices([t.numel() << c for t, c in zip(tensors, self.output_complex, strict=True)])
        self.m = self.output_slices[-1].stop

    def evaluate(self, rows: np.ndarray, *, only: int | None = None) -> np.ndarray:
        """The outputs at every row of flat inputs, as rows; batched where the namespace's vmap can, else one by one.

        With `only`, rows hold one input, and the others stay as they are: batching one operand of a product is cheaper.
        """
        limit = max(1, _BATCH // max(1, rows.shape[1] + self.m))
        if len(rows) > limit:
            return np.concatenate([self.evaluate(rows[k : k + limit], only=only) for k in range(0, len(rows), limit)])
        self.evaluations += len(rows)
        while True:
            try:
                return self._evaluate(rows, only)
            except Exception:
                if not self.wide:
                    raise
                self.wide = False  # tensors that the function holds are narrow: its own dtype must do

    def _evaluate(self, rows: np.ndarray, only: int | None) -> np.ndarray:
        arrays: list[np.ndarray | None] = self._split(rows) if only is None else self._split_one(rows, only)
        fixed = self.tensors if only is None else self._fixed()
        given = [
            f if a is None else self.tensor(a, t, wide=self.wide)
            for a, t, f in zip(arrays, self.tensors, fixed, strict=True)
        ]
        axes = tuple(None if a is None else 0 for a in arrays)
        if self.batched and len(rows) > 1:
            try:
                return self._batch(given, axes, len(rows))
            except Exception:  # noqa: BLE001 - whatever a batching rule lacks, the function itself is asked next
                self.batched = False
        return self._loop(given, axes, len(rows))

    def _split_one(self, rows: np.ndarray, only: int) -> list[np.ndarray | None]:
        part = np.ascontiguousarray(rows).view(np.complex128) if self.complex[only] else rows
        arrays: list[np.ndarray | None] = [None] * len(self.shapes)
        arrays[only] = part.reshape(len(rows), *self.shapes[only])
        return arrays

    def _batch(self, given: list[Any], axes: tuple[int | None, ...], size: int) -> np.ndarray:
        with self.ns.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # operators without a batching rule warn that they are slow
            outputs = self.ns.vmap(lambda *xs: self._outputs(xs), in_dims=axes)(*given)
        return self._rows(outputs, size)

    def _fixed(self) -> list[Any]:
        """The inputs as they are, as the function is sampled."""
        parts = self._split(self.x0[None])
        return [self.tensor(p[0, ...].copy(), t, wide=self.wide) for p, t in zip(parts, self.tensors, strict=True)]

    def _loop(self, given: list[Any], axes: tuple[int | None, ...], size: int) -> np.ndarray:
        """One row after the other; a function may write into what it is given, which is nobody else's then."""
        columns = [
            [t.clone() for _ in range(size)] if axis is None else t.unbind(0)
            for t, axis in zip(given, axes, strict=True)
        ]
        with self.ns.no_grad():
            found = [self._outputs_or_none(xs) for xs in zip(*columns, strict=True)]
            good = [outputs for outputs in found if outputs is not None]
            if not good:
                self._outputs([column[0] for column in columns])  # raises what it is
            rows = self._rows([self.ns.stack(each) for each in zip(*good, strict=True)], len(good))
        if len(good) < size:
            every = np.full((size, rows.shape[1]), np.nan)
            every[[outputs is not None for outputs in found]] = rows
            return every
        return rows

    def _outputs_or_none(self, tensors: Sequence[Any]) -> tuple[Any, ...] | None:
        """The outputs; nothing at a point that the function refuses, since a step may leave its domain."""
        try:
            return self._outputs(tensors)
        except Exception:  # noqa: BLE001 - if it refuses all points, the last one is asked again
            return None

    def _outputs(self, tensors: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(self._select(self._call(tensors, wide=self.wide)))

    def _rows(self, outputs: Sequence[Any], size: int) -> np.ndarray:
        self.noise = max([_roundoff(t.dtype) for t in outputs])
        rows = [_real_rows(self.array(t), size) for t in outputs]
        return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1)

    # backward

    def cotangents(self, w: np.ndarray, outputs: Sequence[Any], *, strided: bool = False) -> list[Any]:
        """One tensor per output from a flat cotangent."""
        made = []
        for where, shape, is_complex, like in zip(
            self.output_slices, self.output_shapes, self.output_complex, outputs, strict=True
        ):
            part = w[where].view(np.complex128) if is_complex else w[where]
            part = part.reshape(shape)
            made.append(self.tensor(_strided(part) if strided else part, like))
        return made

    def expanded(self, run: Run) -> list[Any]:
        """Ones for cotangents, without memory of their own."""
        one = np.ones(())
        return [self.tensor(one.astype(complex) if o.dtype.is_complex else one, o).expand(o.shape) for o in run.outputs]

    def pull(self, run: Run, w: np.ndarray, *, strided: bool = False) -> np.ndarray:
        """The flat pull-back of a flat cotangent; zero along inputs that it does not reach."""
        return self.pull_all([(run, self.cotangents(w, run.outputs, strided=strided))])[0]

    def pull_all(self, jobs: Sequence[tuple[Run, Sequence[Any]]]) -> np.ndarray:
        """The flat pull-backs of several graphs in one backward pass, as rows; the cotangents are tensors already."""
        g = np.zeros((len(jobs), self.n))
        roots, seeds, leaves, places = [], [], [], []
        for row, (run, cotangents) in enumerate(jobs):
            for output, cotangent in zip(run.outputs, cotangents, strict=True):
                if output.requires_grad:
                    roots.append(output)
                    seeds.append(cotangent)
            for k, leaf in enumerate(run.leaves):
                if leaf.requires_grad:
                    leaves.append(leaf)
                    places.append((row, k))
        if roots and leaves:
            found = self.ns.autograd.grad(roots, leaves, seeds, retain_graph=True, allow_unused=True)
            for (row, k), gradient in zip(places, found, strict=True):
                if gradient is not None:
                    g[row, self.slices[k]] = self._flat_gradient(k, self.array(gradient))
        return g

    def _flat_gradient(self, k: int, gradient: np.ndarray) -> np.ndarray:
        if gradient.shape != self.shapes[k]:
            raise AssertionError(
                f"the gradient of {self.names[k]} has shape {gradient.shape}, the input {self.shapes[k]}; "
                "sum the cotangent over the dimensions that were broadcast"
            )
        return _real(gradient.astype(np.complex128) if self.complex[k] else gradient)

    def pull_rows(self, run: Run) -> np.ndarray:
        """The whole Jacobian, by pulling back every unit cotangent: batched if that works, else in turn."""
        units = np.eye(self.m)
        if self.batched:
            for batched in (self._pull_transformed, self._pull_batched):
                try:
                    return batched(run, units)
                except Exception:  # noqa: BLE001, S112 - the function, or one of its rules, cannot be batched
                    continue
        return np.stack([self.pull(run, unit) for unit in units]) if self.m else np.empty((0, self.n))

    def _pull_transformed(self, _run: Run, units: np.ndarray) -> np.ndarray:
        if self.wide or self.roundoff > 2.0**-53 or any(self.complex) or any(self.output_complex):
            raise NotImplementedError("only real float64 functions are pulled back as transformed ones")
        leaves = self._leaves(self.x0, strided=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, back = self.ns.func.vjp(lambda *xs: self._outputs(xs), *leaves)
            (found,) = (self.ns.vmap(back)(tuple(self._unit_cotangents(units))),)
        return np.concatenate([_real_rows(self.array(g), len(units)) for g in found], axis=1)

    def _pull_batched(self, run: Run, units: np.ndarray) -> np.ndarray:
        if any(self.complex) or any(self.output_complex) or not all(o.requires_grad for o in run.outputs):
            raise NotImplementedError("only real functions are pulled back in batches")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = [c.to(o.dtype) for c, o in zip(self._unit_cotangents(units), run.outputs, strict=True)]
            found = self.ns.autograd.grad(
                run.outputs, run.leaves, made, retain_graph=True, allow_unused=True, is_grads_batched=True
            )
        blank = np.zeros
        return np.concatenate(
            [blank((len(units), s.stop - s.start)) if g is None else _real_rows(self.array(g), len(units))
             for g, s in zip(found, self.slices, strict=True)], axis=1,
        )  # fmt: skip

    def _unit_cotangents(self, units: np.ndarray) -> list[Any]:
        return [
            self.ns.from_numpy(np.ascontiguousarray(units[:, where]).reshape(len(units), *shape))
            for where, shape in zip(self.output_slices, self.output_shapes, strict=True)
        ]

    def push(self, v: np.ndarray) -> np.ndarray:
        """The flat push-forward of a flat tangent, where the namespace and all operators have a forward mode."""
        mode = self.ns.autograd.forward_ad
        with mode.dual_level(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            duals = [
                mode.make_dual(self.tensor(x[0, ...].copy(), like), self.tensor(t[0, ...].copy(), like))
                for x, t, like in zip(self._split(self.x0[None]), self._split(v[None]), self.tensors, strict=True)
            ]
            tangents = [(o, mode.unpack_dual(o).tangent) for o in self._select(self._call(duals))]
            return np.concatenate([_real(self.array(o) * 0 if t is None else self.array(t)) for o, t in tangents])

    def nothing_to_compare(self, run: Run, mode: str, order: int, seed: int) -> Report:
        """The report where there are no inputs or no outputs: the backward pass must work, and give the right shapes."""
        self.pull(run, np.zeros(self.m))
        notes = ("there is nothing to compare: the inputs or the outputs have no elements",)
        return Report("pass", mode, order, self.n, self.m, 0, 0.0, 0.0, self.evaluations, False, seed, notes)

    # places

    def input_place(self, j: int) -> tuple[str, tuple[int, ...]]:
        """The name and index of a flat input position."""
        return _place(j, self.slices, self.shapes, self.complex, self.names)

    def output_place(self, i: int) -> tuple[str, tuple[int, ...]]:
        """The name and index of a flat output position."""
        return _place(i, self.output_slices, self.output_shapes, self.output_complex, self.output_names)

    def require_finite(self, y: np.ndarray, seed: int) -> None:
        """Raises `Inconclusive` where the function is not finite at the point itself."""
        finite = np.isfinite(y)
        if not finite.all():
            name, index = self.output_place(int(np.flatnonzero(~finite)[0]))
            raise Inconclusive(
                f"{name}{list(index)} is not finite at these inputs; choose inputs inside the domain", seed=seed
            )


@cache
def _namespace(kind: type) -> Any:
    """The package whose tensors these are; of a subclass, that of its base."""
    packages = (sys.modules.get(c.__module__.partition(".")[0]) for c in kind.__mro__)
    return next(p for p in packages if hasattr(p, "autograd"))


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "requires_grad") and hasattr(value, "detach")


def _is_differentiable(tensor: Any) -> bool:
    return tensor.dtype.is_floating_point or tensor.dtype.is_complex


def _tensors(value: Any, name: str) -> Any:
    """Every tensor of a nested value with its name, such as ``input[0]["weight"]``."""
    if _is_tensor(value):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _tensors(inner, f"{name}[{key!r}]")
    elif isinstance(value, tuple | list):
        for position, inner in enumerate(value):
            yield from _tensors(inner, f"{name}[{position}]")


@cache
def _roundoff(dtype: Any) -> float:
    return _ROUNDOFF[str(dtype).rpartition(".")[2]]


@cache
def _cpu(namespace: Any) -> Any:
    return namespace.zeros(()).device


def _same_kind(value: Any, parts: list[Any]) -> Any:
    if isinstance(value, list):
        return parts
    return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)


def _real(array: np.ndarray) -> np.ndarray:
    """Flat float64 numbers; complex ones as pairs."""
    if array.dtype.kind == "c":
        return np.ascontiguousarray(array, dtype=np.complex128).reshape(-1).view(np.float64)
    return np.asarray(array, dtype=np.float64).reshape(-1)


def _real_rows(array: np.ndarray, size: int) -> np.ndarray:
    if array.dtype.kind == "c":
        return (
            np.ascontiguousarray(array, dtype=np.complex128).reshape(size, array.size // max(size, 1)).view(np.float64)
        )
    return np.asarray(array, dtype=np.float64).reshape(size, array.size // max(size, 1))


def _strided(array: np.ndarray) -> np.ndarray:
    """The same values, every second element of a larger array: neither contiguous nor dense."""
    if not array.ndim:
        return array.copy()
    room = np.full((*array.shape[:-1], 2 * array.shape[-1]), np.nan, dtype=array.dtype)
    view = room[..., ::2]
    view[...] = array
    return view


def _slices(sizes: Sequence[int]) -> list[slice]:
    ends = [0, *accumulate(sizes)]
    return [slice(a, b) for a, b in zip(ends, ends[1:], strict=False)]


def _place(
    k: int, slices: Sequence[slice], shapes: Sequence[tuple[int, ...]], pairs: Sequence[bool], names: Sequence[str]
) -> tuple[str, tuple[int, ...]]:
    for where, shape, is_complex, name in zip(slices, shapes, pairs, names, strict=True):
        if where.start <= k < where.stop:
            position = (k - where.start) // (2 if is_complex else 1)
            part = ("", ".imag")[(k - where.start) % 2] if is_complex else ""
            return name + part, tuple(int(i) for i in np.unravel_index(position, shape))
    raise IndexError(k)
