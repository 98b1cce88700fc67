"""Derivatives that are wrong in a region of numbers only: tails, small numbers, one sign, whole numbers, boundaries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.faults.twisting import Twist, planted

Region = Callable[[Any, Any], Any]


def _cut(operator: str, region: Region, *, argument: int = 0) -> Twist:
    """Nothing passes where the argument is in the region."""
    return _scaled(operator, region, 0.0, argument=argument)


def _scaled(operator: str, region: Region, by: float, *, argument: int = 0) -> Twist:
    """What passes where the argument is in the region is multiplied."""

    def change(torch: Any, g: Any, x: Any) -> Any:
        return g if x.is_complex() else torch.where(region(torch, x), g * by, g)

    return Twist(operator, change, change, argument)


def _whole(torch: Any, x: Any) -> Any:
    return (x == torch.round(x)) & (x != 0)


planted(
    "only in a region",
    {
        "exp-flat-below": (
            "exp counts as constant below -2, where it is small.",
            _cut("exp", lambda torch, x: x < -2),
            ["op/exp/vjp/*"],
        ),
        "expm1-series-too-wide": (
            "expm1 takes the slope 1 of its series up to |x| = 0.25.",
            Twist(
                "expm1",
                lambda torch, g, x: torch.where(torch.abs(x) < 0.25, g * torch.exp(-x), g),
                lambda torch, g, x: torch.where(torch.abs(x) < 0.25, g * torch.exp(-x), g),
            ),
            ["op/expm1/vjp/*"],
        ),
        "tanh-saturates-early": (
            "tanh counts as constant beyond |x| = 2.5.",
            _cut("tanh", lambda torch, x: torch.abs(x) > 2.5),
            ["op/tanh/vjp/*"],
        ),
        "sigmoid-saturates-early": (
            "sigmoid counts as constant below -2.5.",
            _cut("sigmoid", lambda torch, x: x < -2.5),
            ["op/sigmoid/vjp/*"],
        ),
        "erf-saturates-early": (
            "erf counts as constant beyond |x| = 2.",
            _cut("erf", lambda torch, x: torch.abs(x) > 2),
            ["op/erf/vjp/*"],
        ),
        "erfc-tail-dropped": (
            "erfc counts as constant above 2.5.",
            _cut("erfc", lambda torch, x: x > 2.5),
            ["op/erfc/vjp/*"],
        ),
        "gelu-tail-dropped": (
            "gelu counts as zero below -2.",
            _cut("nn.functional.gelu", lambda torch, x: x < -2),
            ["op/nn.functional.gelu/vjp/*"],
        ),
        "silu-tail-dropped": (
            "silu counts as zero below -2.",
            _cut("nn.functional.silu", lambda torch, x: x < -2),
            ["op/nn.functional.silu/vjp/*"],
        ),
        "softplus-linear-too-early": (
            "softplus counts as the identity above 2.",
            Twist(
                "nn.functional.softplus",
                lambda torch, g, x: torch.where(x > 2, g * (1 + torch.exp(-x)), g),
                lambda torch, g, x: torch.where(x > 2, g * (1 + torch.exp(-x)), g),
            ),
            ["op/nn.functional.softplus/vjp/*"],
        ),
        "softplus-flat-below": (
            "softplus counts as constant below -2.",
            _cut("nn.functional.softplus", lambda torch, x: x < -2),
            ["op/nn.functional.softplus/vjp/*"],
        ),
        "elu-flat-below": (
            "elu counts as constant below -1.5.",
            _cut("nn.functional.elu", lambda torch, x: x < -1.5),
            ["op/nn.functional.elu/vjp/*"],
        ),
        "log-clipped-near-zero": (
            "log divides by at least 0.01.",
            Twist(
                "log",
                lambda torch, g, x: torch.where(torch.abs(x) < 0.01, g * x / 0.01, g),
                lambda torch, g, x: torch.where(torch.abs(x) < 0.01, g * x / 0.01, g),
            ),
            ["op/log/vjp/boundary/*"],
        ),
        "sqrt-clipped-near-zero": (
            "sqrt counts as constant below 0.01.",
            _cut("sqrt", lambda torch, x: x < 0.01),
            ["op/sqrt/vjp/*"],
        ),
        "rsqrt-clipped-near-zero": (
            "rsqrt counts as constant below 0.01.",
            _cut("rsqrt", lambda torch, x: x < 0.01),
            ["op/rsqrt/vjp/*"],
        ),
        "asin-clipped-at-the-ends": (
            "asin counts as constant beyond |x| = 0.99.",
            _cut("asin", lambda torch, x: torch.abs(x) > 0.99),
            ["op/asin/vjp/*"],
        ),
        "atanh-clipped-at-the-ends": (
            "atanh counts as constant beyond |x| = 0.99.",
            _cut("atanh", lambda torch, x: torch.abs(x) > 0.99),
            ["op/atanh/vjp/*"],
        ),
        "log1p-loses-negative-side": (
            "log1p counts as constant for negative numbers.",
            _cut("log1p", lambda torch, x: x < 0),
            ["op/log1p/vjp/*"],
        ),
        "sin-reduced-to-one-period": (
            "sin counts as constant beyond |x| = π/2.",
            _cut("sin", lambda torch, x: torch.abs(x) > 1.5707963267948966),
            ["op/sin/vjp/*"],
        ),
        "cos-odd-below-zero": (
            "cos has a slope of the wrong sign for negative numbers.",
            _scaled("cos", lambda torch, x: x < 0, -1.0),
            ["op/cos/vjp/negative/*"],
        ),
        "atan2-quadrant-lost": (
            "atan2 has a slope of the wrong sign where its first argument is negative.",
            _scaled("atan2", lambda torch, x: x < 0, -1.0),
            ["op/atan2/vjp/*"],
        ),
        "abs-slope-of-relu": (
            "abs counts as constant for negative numbers.",
            _cut("abs", lambda torch, x: x < 0),
            ["op/abs/vjp/*"],
        ),
        "leaky-slope-of-relu": (
            "leaky_relu counts as constant for negative numbers.",
            _cut("nn.functional.leaky_relu", lambda torch, x: x < 0),
            ["op/nn.functional.leaky_relu/vjp/*"],
        ),
        "pow-small-base-cut": (
            "A power of a number below 1/2 counts as constant.",
            _cut("pow", lambda torch, x: x < 0.5),
            ["op/pow/vjp/*"],
        ),
        "pow-negative-base-cut": (
            "A power of a negative number counts as constant.",
            _cut("pow", lambda torch, x: x < 0),
            ["op/pow/vjp/base-below-zero/*"],
        ),
        "lgamma-negative-side-mirrored": (
            "lgamma has a slope of the wrong sign for negative numbers.",
            _scaled("lgamma", lambda torch, x: x < 0, -1.0),
            ["op/lgamma/vjp/*"],
        ),
        "digamma-reflection-dropped": (
            "digamma counts as constant for negative numbers.",
            _cut("digamma", lambda torch, x: x < 0),
            ["op/digamma/vjp/*"],
        ),
        "frac-jumps-count": (
            "frac counts as constant at whole numbers.",
            _cut("frac", lambda torch, x: x == torch.round(x)),
            ["op/frac/vjp/*"],
        ),
        "square-by-integer-table": (
            "square takes half of its slope at whole numbers.",
            _scaled("square", _whole, 0.5),
            ["op/square/vjp/integers/*"],
        ),
        "sinc-zero-at-integers": (
            "sinc counts as constant at whole numbers, where it is zero.",
            _cut("sinc", _whole),
            ["op/sinc/vjp/integers/*"],
        ),
        "mul-by-one-skipped": (
            "A factor of exactly 1 gets no gradient, as if the product had been left out.",
            _cut("mul", lambda torch, x: x == 1, argument=1),
            ["op/mul/vjp/*"],
        ),
        "huber-outside-unsigned": (
            "huber_loss has the same slope on both sides of its linear part.",
            Twist(
                "nn.functional.huber_loss",
                lambda torch, g, x: torch.where(x < -1, -g, g),
                lambda torch, g, x: torch.where(x < -1, -g, g),
            ),
            ["op/nn.functional.huber_loss/vjp/*"],
        ),
        "reciprocal-flushes-large": (
            "reciprocal counts as constant above 2, where it is small.",
            _cut("reciprocal", lambda torch, x: x > 2),
            ["op/reciprocal/vjp/*"],
        ),
        "small-inputs-flushed": (
            "The gradient of sin at numbers below 1e-6 is dropped.",
            _cut("sin", lambda torch, x: (torch.abs(x) < 1e-6) & (x != 0)),
            ["op/sin/vjp/tiny/*"],
        ),
        "huge-inputs-saturate": (
            "atan counts as constant beyond 1e6.",
            _cut("atan", lambda torch, x: torch.abs(x) > 1e6),
            ["op/atan/vjp/huge/*"],
        ),
        "subnormal-inputs-flushed": (
            "The gradient of asinh at subnormal numbers is dropped.",
            _cut("asinh", lambda torch, x: (torch.abs(x) < 1e-38) & (x != 0)),
            ["op/asinh/vjp/subnormal/*"],
        ),
        "prod-of-zero-cut": (
            "prod passes nothing back to an element that is 0, where it is the others' product.",
            _cut("prod", lambda torch, x: x == 0),
            ["op/prod/vjp/*"],
        ),
        "cumprod-of-zero-cut": (
            "cumprod passes nothing back to an element that is 0.",
            _cut("cumprod", lambda torch, x: x == 0),
            ["op/cumprod/vjp/*"],
        ),
        "logsumexp-minor-terms-dropped": (
            "logsumexp passes nothing back to elements that are negative, since their share is small.",
            _cut("logsumexp", lambda torch, x: x < 0),
            ["op/logsumexp/vjp/*"],
        ),
    },
)
