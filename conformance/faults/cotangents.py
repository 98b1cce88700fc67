"""Cotangents that are mistreated on their way: their sign, size, layout and dtype, and those of several results."""

from __future__ import annotations

from typing import Any

from conformance.faults.mutation.rows import forget_plans, rows, wrap_pulls
from conformance.faults.patching import module
from conformance.faults.registry import fault
from conformance.faults.twisting import Twist, planted

FAMILY = "cotangents"


def _magnitude(torch: Any, g: Any, _x: Any) -> Any:
    return g if g.is_complex() else torch.abs(g)


def _clipped(torch: Any, g: Any, _x: Any) -> Any:
    return g if g.is_complex() else torch.clamp(g, -1, 1)


def _of_sign(torch: Any, g: Any, _x: Any) -> Any:
    return g if g.is_complex() else torch.sign(g)


def _normalised(torch: Any, g: Any, _x: Any) -> Any:
    """Divided by the largest entry."""
    return g if g.is_complex() or g.numel() == 0 else g / torch.clamp(torch.abs(g).max(), min=1e-300)


def _squared(_torch: Any, g: Any, _x: Any) -> Any:
    return g * g


def _first_element(torch: Any, g: Any, _x: Any) -> Any:
    """Spread over all, as from a scalar."""
    return g.reshape(-1)[:1].reshape((1,) * g.ndim).expand(g.shape) if g.numel() else g


def _mean(_torch: Any, g: Any, _x: Any) -> Any:
    return g * 0 + g.mean() if g.numel() else g


def _zero_makes_nan(torch: Any, g: Any, _x: Any) -> Any:
    return g / g * g


def _drop(_torch: Any, g: Any, _x: Any) -> Any:
    return g * 0


def _in_memory_order(_torch: Any, g: Any, _x: Any) -> Any:
    """A cotangent that is not contiguous, read as if it were."""
    return g if g.is_contiguous() or g.ndim != 2 else g.transpose(0, 1).reshape(g.shape)


def _doubled_if_expanded(_torch: Any, g: Any, _x: Any) -> Any:
    return g * 2 if any(s == 0 and n > 1 for s, n in zip(g.stride(), g.shape, strict=True)) else g


planted(
    FAMILY,
    {
        "cotangent-loses-sign": (
            "exp passes the magnitude of its cotangent back.",
            Twist("exp", _magnitude),
            ["op/exp/vjp/*"],
        ),
        "cotangent-clipped": ("sin clips its cotangent to [-1, 1].", Twist("sin", _clipped), ["op/sin/vjp/*"]),
        "cotangent-of-sign-only": (
            "tanh passes back the sign of its cotangent only.",
            Twist("tanh", _of_sign),
            ["op/tanh/vjp/*"],
        ),
        "cotangent-normalised": (
            "matmul divides what it passes back by its largest entry.",
            Twist("matmul", _normalised),
            ["op/matmul/vjp/*"],
        ),
        "cotangent-squared": (
            "softmax uses its cotangent twice, as a factor.",
            Twist("softmax", _squared, output=0),
            ["op/softmax/vjp/*"],
        ),
        "cotangent-from-first-element": (
            "The cotangent of sum over a dimension is that of its first element.",
            Twist("sum", _first_element, output=0),
            ["op/sum/vjp/*"],
        ),
        "cotangent-averaged": (
            "cumsum passes on the mean of its cotangent.",
            Twist("cumsum", _mean, output=0),
            ["op/cumsum/vjp/*"],
        ),
        "zero-cotangent-gives-nan": (
            "Where the cotangent of log is 0 it passes NaN back.",
            Twist("log", _zero_makes_nan, output=0),
            ["op/log/vjp/cotangent-zero/*"],
        ),
        "one-hot-cotangent-dropped": (
            "A product ignores zeros in the cotangent, and with them everything else.",
            Twist("mul", lambda torch, g, x: g * 0 if g.numel() > 1 and bool((g == 0).any()) else g, output=0),
            ["op/mul/vjp/cotangent-one-hot/*"],
        ),
        "transposed-cotangent-misread": (
            "exp reads a transposed cotangent in the order of its storage.",
            Twist("exp", _in_memory_order, output=0),
            ["op/exp/vjp/cotangent-transposed/*"],
        ),
        "expanded-cotangent-counted-twice": (
            "sin counts an expanded cotangent twice.",
            Twist("sin", _doubled_if_expanded, output=0),
            ["op/sin/vjp/cotangent-expanded/*"],
        ),
        "second-piece-dropped": (
            "Of the pieces of split the second passes nothing back.",
            Twist("split", _drop, output=1),
            ["op/split/vjp/*"],
        ),
        "second-row-dropped": (
            "Of the rows of unbind the second passes nothing back.",
            Twist("unbind", _drop, output=1),
            ["op/unbind/vjp/*"],
        ),
        "variance-detached-from-pair": (
            "var_mean passes the cotangent of the mean back only.",
            Twist("var_mean", _drop, output=0),
            ["op/var_mean/vjp/*"],
        ),
        "deviation-counted-twice-in-pair": (
            "std_mean passes the cotangent of the deviation back twice.",
            Twist("std_mean", lambda torch, g, x: g * 2, output=0),
            ["op/std_mean/vjp/*"],
        ),
        "eigenvectors-detached": (
            "The eigenvectors of eigh are constants.",
            Twist("linalg.eigh", _drop, output=1),
            ["op/linalg.eigh/vjp/*"],
        ),
        "eigenvalues-detached": (
            "The eigenvalues of eigh are constants.",
            Twist("linalg.eigh", _drop, output=0),
            ["op/linalg.eigh/vjp/*"],
        ),
        "triangular-factor-detached": (
            "The triangular factor of qr is a constant.",
            Twist("linalg.qr", _drop, output=1),
            ["op/linalg.qr/vjp/*"],
        ),
        "logarithm-of-determinant-doubled": (
            "slogdet passes the cotangent of the logarithm back twice.",
            Twist("linalg.slogdet", lambda torch, g, x: g * 2, output=1),
            ["op/linalg.slogdet/vjp/*"],
        ),
        "topk-cotangent-to-the-first": (
            "topk passes the whole cotangent to the largest element.",
            Twist("topk", lambda torch, g, x: g * 0 + g.sum(-1, keepdim=True), output=0),
            ["op/topk/vjp/*"],
        ),
    },
)


@fault("outputs-cotangents-swapped", finds=["op/unbind/vjp/*", "op/split/vjp/*"], family=FAMILY)
def outputs_cotangents_swapped(engine):
    """The cotangents of the first two results of an operation change places."""
    backward = module("backward")
    pulled = backward._pulled

    def wrong(run, node, g):
        swappable = (
            isinstance(g, list) and len(g) > 1 and not any(c is None for c in g[:2]) and g[0].shape == g[1].shape
        )
        return pulled(run, node, [g[1], g[0], *g[2:]] if swappable else g)

    backward._pulled = wrong


@fault("unused-output-gives-ones", finds=["multi-views.unused-piece-gets-zero*"], family=FAMILY)
def unused_output_gives_ones(engine):
    """A result that nothing uses counts with a cotangent of ones instead of zeros."""
    backward = module("backward")
    zeros = backward._zeros_for

    def wrong(*args):
        found = zeros(*args)
        return None if found is None else found + 1

    backward._zeros_for = wrong


@fault("cotangent-modified-in-place", finds=["backward-arg.argument-not-modified"], family=FAMILY)
def cotangent_modified_in_place(engine):
    """The product's backward scales the incoming cotangent where it lies, although others hold it too."""
    operator = rows()["arithmetic.mul"]

    def make(pull):
        def wrong(g, y, xs, attrs):
            c = pull(g, y, xs, attrs)
            data = getattr(g, "_data", g)
            if getattr(data, "flags", None) is not None and data.flags.writeable and data.shape == c.shape:
                data[...] = getattr(c, "_data", c)
            return c

        return wrong

    wrap_pulls(operator, 0, make)
    forget_plans(operator)
