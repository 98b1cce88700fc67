"""Operators that move elements, over a library that is spelled as NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.engines.tables.elementwise import only
from conformance.errors import Unsupported


def shapes(np: Any) -> dict[str, Callable[..., Any]]:
    """The entries that this library has functions for."""
    needs: dict[str, tuple[str, Callable[..., Any]]] = {
        "reshape": ("reshape", lambda a, *, shape: np.reshape(a, shape)),
        "view": ("reshape", lambda a, *, size: np.reshape(a, size)),
        "ravel": ("reshape", lambda a: np.reshape(a, (-1,))),
        "flatten": ("reshape", lambda a, *, start_dim, end_dim: np.reshape(a, _flat(shape_of(a), start_dim, end_dim))),
        "permute": ("transpose", lambda a, *, dims: np.transpose(a, dims)),
        "t": ("transpose", np.transpose),
        "transpose": ("swapaxes", lambda a, *, dim0, dim1: np.swapaxes(a, dim0, dim1)),
        "movedim": ("moveaxis", lambda a, *, source, destination: np.moveaxis(a, source, destination)),
        "expand": ("broadcast_to", lambda a, *, size: np.broadcast_to(a, _sizes(shape_of(a), size))),
        "broadcast_to": ("broadcast_to", lambda a, *, size: np.broadcast_to(a, _sizes(shape_of(a), size))),
        "squeeze": ("reshape", lambda a, *, dim: np.reshape(a, _squeezed(shape_of(a), dim))),
        "unsqueeze": ("expand_dims", lambda a, *, dim: np.expand_dims(a, dim)),
        "cat": ("concatenate", lambda tensors, *, dim: np.concatenate(list(tensors), axis=dim)),
        "stack": ("stack", lambda tensors, *, dim: np.stack(list(tensors), axis=dim)),
        "hstack": ("hstack", lambda tensors: np.hstack(list(tensors))),
        "vstack": ("vstack", lambda tensors: np.vstack(list(tensors))),
        "tril": ("tril", lambda a, *, diagonal: np.tril(a, diagonal)),
        "triu": ("triu", lambda a, *, diagonal: np.triu(a, diagonal)),
        "diag": ("diag", lambda a, *, diagonal: np.diag(a, diagonal)),
        "diagonal": ("diagonal", lambda a, *, offset, dim1, dim2: np.diagonal(a, offset, dim1, dim2)),
        "flip": ("flip", lambda a, *, dims: np.flip(a, dims)),
        "roll": ("roll", lambda a, *, shifts, dims: np.roll(a, shifts, dims) if dims else np.roll(a, *shifts)),
        "tile": ("tile", lambda a, *, dims: np.tile(a, dims)),
        "repeat": ("tile", lambda a, *, repeats: np.tile(a, repeats)),
        "repeat_interleave": ("repeat", lambda a, *, repeats, dim: np.repeat(a, repeats, axis=dim)),
        "getitem": ("reshape", lambda a, *, index: a[index]),
        "narrow": ("reshape", lambda a, *, dim, start, length: a[_along(a.ndim, dim, slice(start, start + length))]),
        "select": ("reshape", lambda a, *, dim, index: a[_along(a.ndim, dim, index)]),
        "unbind": ("reshape", lambda a, *, dim: tuple(a[_along(a.ndim, dim, k)] for k in range(shape_of(a)[dim]))),
        "split": ("reshape", _split),
        "chunk": ("reshape", lambda a, *, chunks, dim: _split(a, -(-shape_of(a)[dim] // chunks), dim)),
        "gather": ("take_along_axis", _gather(np)),
        "take_along_dim": (
            "take_along_axis",
            lambda a, *, indices, dim: np.take_along_axis(a, indices, axis=dim),
        ),
        "index_select": ("take", lambda a, *, dim, index: np.take(a, index, axis=dim)),
        "nn.functional.embedding": ("take", _embedding(np)),
        "nn.functional.pad": ("pad", _pad(np)),
        "nan_to_num": ("nan_to_num", only(np.nan_to_num, nan=0.0, posinf=None, neginf=None) if _has(np) else None),
    }  # type: ignore[assignment]
    return {name: entry for name, (function, entry) in needs.items() if hasattr(np, function) and entry}


def shape_of(a: Any) -> tuple[int, ...]:
    """The shape of an array, also of a symbolic one that knows it."""
    return tuple(getattr(getattr(a, "type", a), "shape", a.shape))


def _has(np: Any) -> bool:
    return hasattr(np, "nan_to_num")


def _flat(shape: tuple[int, ...], start: int, end: int) -> tuple[int, ...]:
    if not shape:
        return (1,)
    start, end = start % len(shape), end % len(shape)
    size = 1
    for n in shape[start : end + 1]:
        size *= int(n)
    return (*shape[:start], size, *shape[end + 1 :])


def _sizes(shape: tuple[int, ...], size: tuple[int, ...]) -> tuple[int, ...]:
    own = (1,) * (len(size) - len(shape)) + tuple(shape)
    return tuple(o if s == -1 else s for o, s in zip(own, size, strict=True))


def _squeezed(shape: tuple[int, ...], dim: Any) -> tuple[int, ...]:
    dims = {d % len(shape) for d in (dim if isinstance(dim, tuple) else (dim,))} if shape else set()
    return tuple(n for k, n in enumerate(shape) if k not in dims or n != 1)


def _along(rank: int, dim: int, index: Any) -> tuple[Any, ...]:
    return (*[slice(None)] * (dim % rank), index)


def _split(a: Any, split_size_or_sections: Any, dim: int) -> tuple[Any, ...]:
    total, given = shape_of(a)[dim], split_size_or_sections
    sizes = list(given) if isinstance(given, tuple) else [given] * (-(-total // given) if given else 1)
    edges = [0]
    for size in sizes:
        edges.append(min(edges[-1] + size, total))
    return tuple(a[_along(a.ndim, dim, slice(p, q))] for p, q in zip(edges, edges[1:], strict=False))


def _gather(np: Any) -> Callable[..., Any]:
    def gather(a: Any, *, dim: int, index: Any) -> Any:
        if a.ndim == 0:
            return np.reshape(gather(np.reshape(a, (1,)), dim=0, index=np.reshape(index, (-1,))), shape_of(index))
        # PyTorch lets the index be shorter than the tensor along the other dimensions
        for k in range(a.ndim):
            if k != dim % a.ndim:
                a = a[_along(a.ndim, k, slice(0, shape_of(index)[k]))]
        return np.take_along_axis(a, index, axis=dim)

    return gather


def _embedding(np: Any) -> Callable[..., Any]:
    def embedding(indices: Any, weight: Any, *, padding_idx: Any = None, scale_grad_by_freq: bool = False) -> Any:
        if padding_idx is not None or scale_grad_by_freq:  # both change gradients by decree
            raise Unsupported("padding_idx" if padding_idx is not None else "scale_grad_by_freq")
        return np.take(weight, indices, axis=0)

    return embedding


def _pad(np: Any) -> Callable[..., Any]:
    modes = {"constant": "constant", "reflect": "reflect", "circular": "wrap", "replicate": "edge"}

    def pad(a: Any, *, pad: tuple[int, ...], mode: str, value: Any) -> Any:
        if min(pad, default=0) < 0 and mode != "constant":
            raise Unsupported(f"pad={pad!r}")
        widths = [(0, 0)] * (a.ndim - len(pad) // 2) + list(zip(pad[::2], pad[1::2], strict=True))[::-1]
        for k, (before, after) in enumerate(widths):
            a = a[_along(a.ndim, k, slice(max(0, -before), shape_of(a)[k] - max(0, -after)))]
        widths = [(max(0, b), max(0, c)) for b, c in widths]
        if mode == "constant":
            return np.pad(a, widths, mode="constant", constant_values=0.0 if value is None else value)
        return np.pad(a, widths, mode=modes[mode])

    return pad
