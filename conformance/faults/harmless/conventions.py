"""Other choices where there is no derivative, within the set of acceptable ones: kinks and ties of single operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.faults.harmless.registry import harmless
from conformance.faults.patching import replace_rule
from refgrad.ops.arithmetic import sign
from refgrad.ops.complex import sgn
from refgrad.ops.cumulative import cumsum
from refgrad.ops.reduction import sum
from refgrad.ops.shape import kept
from refgrad.rules import cast, where


def _one_sided(name: str, statement: str, chapter: str, row: str, rule: Any, operators: tuple[str, ...]) -> None:
    def patch(_engine: Any) -> None:
        replace_rule(chapter, row, 0, rule)

    patch.__doc__ = statement
    harmless(name, operators=operators)(patch)


_RULES: dict[str, tuple[str, str, str, Callable[..., Any], tuple[str, ...]]] = {
    "relu-slope-one": (
        "relu has the slope 1 at 0.",
        "activation",
        "relu",
        lambda _y, x: where(x < 0, 0.0, 1.0),
        ("nn.functional.relu",),
    ),
    "relu-slope-half": (
        "relu has the slope 1/2 at 0.",
        "activation",
        "relu",
        lambda _y, x: where(x == 0, 0.5, where(x < 0, 0.0, 1.0)),
        ("nn.functional.relu",),
    ),
    "leaky-slope-one": (
        "leaky_relu has the slope 1 at 0.",
        "activation",
        "leaky_relu",
        lambda _y, x, *, negative_slope: where(x >= 0, 1.0, negative_slope),
        ("nn.functional.leaky_relu",),
    ),
    "hardtanh-slope-one-at-bounds": (
        "hardtanh has the slope 1 at its bounds.",
        "activation",
        "hardtanh",
        lambda _y, x, *, min_val, max_val: where((x < min_val) | (x > max_val), 0.0, 1.0),
        ("nn.functional.hardtanh", "nn.functional.relu6"),
    ),
    "hardsigmoid-slope-at-bounds": (
        "hardsigmoid has the slope 1/6 at its bounds.",
        "activation",
        "hardsigmoid",
        lambda _y, x: where((x < -3) | (x > 3), 0.0, 1 / 6),
        ("nn.functional.hardsigmoid",),
    ),
    "clamp-slope-zero-at-bounds": (
        "clamp has the slope 0 at its bounds.",
        "arithmetic",
        "clamp",
        lambda _y, x, low, high: where(
            (x > low if low is not None else x == x) & (x < high if high is not None else x == x),  # noqa: PLR0124 - true but for nan
            1.0,
            0.0,
        ),
        ("clamp",),
    ),
}

for _name, (_statement, _chapter, _row, _rule, _operators) in _RULES.items():
    _one_sided(_name, _statement, _chapter, _row, _rule, _operators)


@harmless("abs-slope-one", operators=("abs",))
def abs_slope_one(_engine: Any) -> None:
    """Abs has the slope 1 at 0, in reverse mode."""
    replace_rule(
        "arithmetic",
        "abs",
        0,
        lambda g, _y, x: g * sgn(x) if x.dtype.kind == "c" else g * where(x == 0, 1.0, sign(x)),
    )


def _to_one_of_the_ties(first: bool) -> Callable[..., Any]:
    """The whole cotangent to the first of several extreme elements along one dimension, or to the last."""

    def pull(g: Any, y: Any, x: Any, *, dim: Any, keepdim: bool) -> Any:
        hit = cast(x == kept(y, x, dim, keepdim), dtype=x.dtype)
        along = dim or tuple(range(len(x.shape)))
        if len(along) != 1:  # of several dimensions ties share, as documented
            return kept(g, x, dim, keepdim) * (hit / sum(hit, dim=along, keepdim=True))
        counted = cumsum(hit, dim=along[0])
        number = 1.0 if first else sum(hit, dim=along, keepdim=True)
        return kept(g, x, dim, keepdim) * where((counted == number) & (hit > 0), 1.0, 0.0)

    return pull


@harmless("amax-to-the-first", operators=("amax",))
def amax_to_the_first(_engine: Any) -> None:
    """The first of several largest elements gets the whole gradient of amax."""
    replace_rule("reduction", "amax", 0, _to_one_of_the_ties(first=True))


@harmless("amin-to-the-last", operators=("amin",))
def amin_to_the_last(_engine: Any) -> None:
    """The last of several smallest elements gets the whole gradient of amin."""
    replace_rule("reduction", "amin", 0, _to_one_of_the_ties(first=False))


@harmless("maximum-to-the-first", operators=("maximum",))
def maximum_to_the_first(_engine: Any) -> None:
    """Of two equal operands the first gets the whole gradient of maximum."""
    replace_rule("arithmetic", "maximum", 0, lambda _y, a, b: where(a >= b, 1.0, 0.0))
    replace_rule("arithmetic", "maximum", 1, lambda _y, a, b: where(b > a, 1.0, 0.0))


@harmless("minimum-to-the-second", operators=("minimum",))
def minimum_to_the_second(_engine: Any) -> None:
    """Of two equal operands the second gets the whole gradient of minimum."""
    replace_rule("arithmetic", "minimum", 0, lambda _y, a, b: where(a < b, 1.0, 0.0))
    replace_rule("arithmetic", "minimum", 1, lambda _y, a, b: where(b <= a, 1.0, 0.0))
