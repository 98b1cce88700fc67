"""Sampling at the points of a grid, inside of the input, beyond it, and exactly on its places and borders."""

from __future__ import annotations

from typing import Any

from conformance.operators.nearby import rightwards
from conformance.operators.sampling import both, calls, per_argument, points, varied
from conformance.operators.spec import operator

_PLACES = per_argument(
    {
        "ordinary": both(0.2, 3.0, signed=True),
        "large": both(1e2, 1e3, signed=True),
        "beyond": both(0.2, 3.0, signed=True),
    },
    {"ordinary": both(-0.96, 0.96), "beyond": both(1.02, 3.3, signed=True)},
)
_KINKS = {"smooth": False, "ranges": {"grid": points(0.0, -1.0, 0.5, 1.0, -0.25, 0.0)}}
_ASKED = {"arguments": ("input", "grid"), "regions": _PLACES, "beside": {"grid": rightwards}}
_IMAGE, _POINTS = (1, 2, 2, 3), (1, 2, 2, 2)


def _modes(*modes: Any) -> list[tuple[str, dict[str, Any]]]:
    """Every way of continuing the input under each mode, with corners aligned and not."""
    return [
        (f"{name}-{padding}{'-corners' * corners}", {"mode": mode, "padding_mode": padding, "align_corners": corners})
        for name, mode in modes
        for padding in ("zeros", "border", "reflection")
        for corners in (False, True)
    ]


_NAMED = _modes(*((m, m) for m in ("bilinear", "nearest", "bicubic")))
_BEYOND = {"ranges": {"grid": both(0.7, 2.9, signed=True)}}
operator("nn.functional.grid_sample(input, grid, *, mode='bilinear', padding_mode='zeros', align_corners=False)", core=False, sampling=varied(calls(
    ("regular", _IMAGE, _POINTS, {}), *((name, (1, 1, 3, 3), _POINTS, {**a, **_BEYOND}) for name, a in _NAMED),
    *((f"kink-{name}", (1, 1, 3, 3), _POINTS, {**a, **_KINKS}) for name, a in _NAMED if a["mode"] == "bilinear"),
    ("volume", (1, 1, 2, 2, 2), (1, 1, 1, 2, 3), {}), ("batch", (2, 1, 2, 2), (2, 1, 2, 2), {"align_corners": True}), ("one-place", (1, 2, 1, 1), (1, 1, 2, 2), {"padding_mode": "reflection", "align_corners": True}),
    ("no-points", (1, 1, 2, 2), (1, 0, 2, 2), {}), **_ASKED,
), forward=False))  # fmt: skip
_NUMBERED = {"arguments": ("input", "grid"), "regions": _PLACES}
operator("grid_sampler_2d(input, grid, *, interpolation_mode, padding_mode, align_corners)", core=False, sampling=varied(calls(
    ("regular", _IMAGE, _POINTS, {"interpolation_mode": 0, "padding_mode": 1, "align_corners": False}), ("cubic", (1, 1, 3, 3), (1, 1, 2, 2), {"interpolation_mode": 2, "padding_mode": 2, "align_corners": True}),
    ("nearest", _IMAGE, _POINTS, {"interpolation_mode": 1, "padding_mode": 0, "align_corners": True}), **_NUMBERED,
), forward=False))  # fmt: skip
operator("grid_sampler_3d(input, grid, *, interpolation_mode, padding_mode, align_corners)", core=False, sampling=varied(calls(
    ("regular", (1, 1, 2, 2, 2), (1, 1, 2, 1, 3), {"interpolation_mode": 0, "padding_mode": 0, "align_corners": False}),
    *((f"volume-{name}", (1, 1, 2, 2, 2), (1, 1, 1, 2, 3), {"interpolation_mode": m, "padding_mode": p, "align_corners": c, **_BEYOND}) for name, m, p, c in (
        ("border", 0, 1, True), ("reflection", 0, 2, False), ("nearest", 1, 2, True))), **_NUMBERED,
), forward=False))  # fmt: skip
