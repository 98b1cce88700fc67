"""Wrong values, and a few wrong gradients, planted over the adapter of PyTorch: what is found must not depend on refgrad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.faults.registry import Fault, register
from conformance.faults.twisting import Twist

FAMILY = "over PyTorch"


def _changed(operator: str, change: Callable[[Any, Any, tuple[Any, ...]], Any]) -> Callable[[Any], None]:
    """A patch that passes what the operator gives through `change(torch, result, arguments)`."""

    def patch(engine: Any) -> None:
        find = engine.operator

        def wrong(name: str) -> Callable[..., Any]:
            right = find(name)
            return (lambda *args, **kw: change(engine.torch, right(*args, **kw), args)) if name == operator else right

        engine.operator = wrong

    return patch


def _off_by(relative: float) -> Callable[[Any, Any, Any], Any]:
    return lambda torch, y, args: y * (1 + relative)


_VALUES: dict[str, tuple[str, str, Callable[[Any, Any, tuple[Any, ...]], Any]]] = {
    "torch-exp-slightly-off": ("exp is too large by one part in a million.", "exp", _off_by(1e-6)),
    "torch-sin-by-short-series": (
        "sin is the first three terms of its series.",
        "sin",
        lambda torch, y, args: args[0] - args[0] ** 3 / 6 + args[0] ** 5 / 120,
    ),
    "torch-sum-in-half-precision": (
        "Sums are rounded to half precision.",
        "sum",
        lambda torch, y, args: y if y.is_complex() else y.half().to(y.dtype),
    ),
    "torch-matmul-in-reduced-precision": (
        "Products of matrices are rounded to bfloat16.",
        "matmul",
        lambda torch, y, args: y if y.is_complex() else y.to(torch.bfloat16).to(y.dtype),
    ),
    "torch-log-from-a-table": ("log is too large by one part in a million.", "log", _off_by(2.0**-20)),
    "torch-softmax-sums-short": (
        "softmax divides by a sum that lacks its last term.",
        "softmax",
        lambda torch, y, args: y / (1 - y[..., -1:]) if y.ndim else y,
    ),
    "torch-var-uncorrected": (
        "var divides by the number of elements.",
        "var",
        lambda torch, y, args: y * 0.5,
    ),
    "torch-cumsum-forgets-the-first": (
        "cumsum starts with zero.",
        "cumsum",
        lambda torch, y, args: y - y[..., :1] if y.ndim else y,
    ),
}

for _name, (_statement, _operator, _change) in _VALUES.items():
    register(
        Fault(_name, _statement, _changed(_operator, _change), (f"op/{_operator}/value/*",), FAMILY, engine="torch")
    )

_GRADIENTS: dict[str, tuple[str, Twist]] = {
    "torch-tanh-gradient-slightly-off": (
        "The gradient of tanh is too large by one part in a thousand.",
        Twist("tanh", lambda torch, g, x: g * 1.001),
    ),
    "torch-matmul-gradient-of-first-only": (
        "The right operand of a product of matrices gets no gradient.",
        Twist("matmul", lambda torch, g, x: g * 0, argument=1),
    ),
    "torch-exp-gradient-flat-below": (
        "exp counts as constant below -2.",
        Twist("exp", lambda torch, g, x: g if x.is_complex() else torch.where(x < -2, g * 0, g)),
    ),
}

for _name, (_statement, _twist) in _GRADIENTS.items():
    register(Fault(_name, _statement, _twist.plant, (f"op/{_twist.operator}/vjp/*",), FAMILY, engine="torch"))
