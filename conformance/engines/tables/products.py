"""Products, linear algebra and losses over a library that is spelled as NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.engines.tables.elementwise import only
from conformance.errors import Unsupported


def products(np: Any) -> dict[str, Callable[..., Any]]:
    """Matrix products and their sums."""

    def swap(a: Any) -> Any:
        return np.swapaxes(a, -1, -2)

    found: dict[str, Callable[..., Any]] = {
        name: np.matmul for name in ("matmul", "mm", "bmm", "mv", "dot") if hasattr(np, "matmul")
    }
    found |= {
        "addmm": lambda a, b, c, *, beta, alpha: beta * a + alpha * np.matmul(b, c),
        "addmv": lambda a, b, c, *, beta, alpha: beta * a + alpha * np.matmul(b, c),
        "baddbmm": lambda a, b, c, *, beta, alpha: beta * a + alpha * np.matmul(b, c),
        "addr": lambda a, b, c, *, beta, alpha: beta * a + alpha * (b[:, None] * c[None, :]),
        "outer": lambda a, b: a[:, None] * b[None, :],
        "nn.functional.linear": lambda a, w, b=None: np.matmul(a, swap(w)) if b is None else np.matmul(a, swap(w)) + b,
    }
    for name in ("inner", "kron"):
        if hasattr(np, name):
            found[name] = getattr(np, name)
    if hasattr(np, "tensordot"):
        found["tensordot"] = lambda a, b, *, dims: np.tensordot(a, b, dims)
    if hasattr(np, "einsum"):
        found["einsum"] = lambda tensors, *, equation: np.einsum(equation, *tensors)
    return found


def linear_algebra(linalg: Any) -> dict[str, Callable[..., Any]]:
    """What `numpy.linalg` has."""
    found = {f"linalg.{n}": getattr(linalg, n) for n in ("cholesky", "det", "inv", "solve") if hasattr(linalg, n)}
    for name, accepted in (("solve", {"left": True}), ("cholesky", {"upper": False})):
        if hasattr(linalg, name):
            found[f"linalg.{name}"] = only(getattr(linalg, name), **accepted)
    if hasattr(linalg, "slogdet"):
        found["linalg.slogdet"] = lambda a: tuple(linalg.slogdet(a))
    if hasattr(linalg, "multi_dot"):
        found["linalg.multi_dot"] = lambda tensors: linalg.multi_dot(list(tensors))
    return found


def losses(np: Any) -> dict[str, Callable[..., Any]]:
    """Losses that their formula defines."""

    def reduced(loss: Any, reduction: str) -> Any:
        if reduction == "none":
            return loss
        return np.sum(loss) if reduction == "sum" else np.mean(loss)

    def kl_div(a: Any, b: Any, *, reduction: str, log_target: bool) -> Any:
        if reduction == "batchmean":
            raise Unsupported("reduction='batchmean'")
        return reduced(np.exp(b) * (b - a) if log_target else np.where(b > 0, b * (np.log(b) - a), 0.0 * a), reduction)

    def weighted(loss: Callable[..., Any]) -> Callable[..., Any]:
        def call(a: Any, b: Any, *, reduction: str, weight: Any = None) -> Any:
            if weight is not None:
                raise Unsupported("weight")
            return reduced(loss(a - b), reduction)

        return call

    return {
        "nn.functional.mse_loss": weighted(np.square),
        "nn.functional.l1_loss": weighted(np.abs),
        "nn.functional.soft_margin_loss": lambda a, b, *, reduction: reduced(np.log1p(np.exp(-b * a)), reduction),
        "nn.functional.kl_div": kl_div,
    }


def unweighted(loss: Callable[..., Any]) -> Callable[..., Any]:
    """The loss of a library that has no weights for its elements."""

    def call(a: Any, b: Any, *, weight: Any = None, **kw: Any) -> Any:
        if weight is not None:
            raise Unsupported("weight")
        return loss(a, b, **kw)

    return call


__all__ = ["linear_algebra", "losses", "products", "unweighted"]
