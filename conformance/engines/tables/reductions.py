"""Reductions, cumulations and orderings over a library that is spelled as NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.errors import Unsupported


def reductions(np: Any, nn: Any = None) -> dict[str, Callable[..., Any]]:
    """The entries that this library has functions for; `nn` has softmax and its like, where the library has them."""
    kept = {"sum": "sum", "mean": "mean", "amax": "max", "amin": "min", "prod": "prod"}
    found = {name: _over(getattr(np, own)) for name, own in kept.items() if hasattr(np, own)}
    found |= {name: along(np, getattr(np, name)) for name in ("cumsum", "cumprod") if hasattr(np, name)}
    found |= {name: along(np, getattr(nn, name)) for name in ("softmax", "log_softmax") if hasattr(nn, name)}
    if hasattr(nn, "softmax"):
        found["nn.functional.softmin"] = along(np, lambda a, axis: nn.softmax(-a, axis=axis))
    if hasattr(nn, "logsumexp"):
        found["logsumexp"] = _over(nn.logsumexp)
    if hasattr(np, "trace"):
        found["trace"] = np.trace
    var, std = _spread(np, "var"), _spread(np, "std")
    found |= {"var": var, "std": std, "var_mean": _with_mean(np, var), "std_mean": _with_mean(np, std)}
    return found


def _over(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, *, dim=None, keepdim=False: function(a, axis=axes(a, dim), keepdims=keepdim)


def axes(a: Any, dim: Any) -> Any:
    """NumPy's axes: PyTorch reduces everything for an empty tuple, and lets a 0-d tensor have dimension 0."""
    return None if dim == () or a.ndim == 0 else dim


def along(np: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a tensor along one axis, where PyTorch lets a 0-d tensor have dimension 0."""

    def call(a: Any, *, dim: int) -> Any:
        if a.ndim == 0:
            return np.reshape(function(np.reshape(a, (1,)), axis=0), ())
        return function(a, axis=dim)

    return call


def _spread(np: Any, name: str) -> Callable[..., Any]:
    function = getattr(np, name, None)

    def spread(a: Any, *, dim: Any = None, correction: Any = 1, keepdim: bool = False) -> Any:
        if function is None:
            raise Unsupported(f"operator:{name}")
        try:
            return function(a, axis=axes(a, dim), ddof=correction, keepdims=keepdim)
        except TypeError:
            if correction != 0:
                raise Unsupported(f"correction={correction!r}") from None
            return function(a, axis=axes(a, dim), keepdims=keepdim)

    return spread


def _with_mean(np: Any, spread: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, *, dim, correction, keepdim: (
        spread(a, dim=dim, correction=correction, keepdim=keepdim),
        np.mean(a, axis=axes(a, dim), keepdims=keepdim),
    )


def orderings(np: Any, constant: Callable[[Any], Any] = lambda x: x) -> dict[str, Callable[..., Any]]:
    """Sorting, and the largest and smallest with their places; `constant` keeps a tracer off these, where it must be kept."""

    def extreme(pick: str, arg: str) -> Callable[..., Any]:
        def call(a: Any, *other: Any, dim: int | None = None, keepdim: bool = False) -> Any:
            if other:
                return getattr(np, f"{pick}imum")(a, *other)
            if dim is None:
                return getattr(np, pick)(a)
            if a.ndim == 0:
                value, place = call(np.reshape(a, (1,)), dim=0)
                return np.reshape(value, ()), np.reshape(place, ())
            place = np.expand_dims(constant(getattr(np, arg)(a, axis=dim)), dim)
            value = np.take_along_axis(a, place, axis=dim)
            return (value, place) if keepdim else (np.squeeze(value, dim), np.squeeze(place, dim))

        return call

    def sort(a: Any, *, dim: int, descending: bool) -> Any:
        if a.ndim == 0:
            value, order = sort(np.reshape(a, (1,)), dim=0, descending=descending)
            return np.reshape(value, ()), np.reshape(order, ())
        order = constant(np.argsort(-a if descending else a, axis=dim))
        return np.take_along_axis(a, order, axis=dim), order

    found: dict[str, Callable[..., Any]] = {}
    if hasattr(np, "take_along_axis") and hasattr(np, "argmax"):
        found |= {"max": extreme("max", "argmax"), "min": extreme("min", "argmin")}
    if hasattr(np, "take_along_axis") and hasattr(np, "argsort"):
        found["sort"] = sort
    return found


__all__ = ["along", "axes", "orderings", "reductions"]
