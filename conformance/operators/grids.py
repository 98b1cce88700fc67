"""Sampling at the points of a grid: inside of the input, beyond it, and exactly on its places, where there are kinks."""

from __future__ import annotations

from typing import Any

from conformance.operators.nearby import upwards
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
_IMAGE, _POINTS = (1, 1, 2, 3), (1, 1, 2, 2)
_BEYOND = {"ranges": {"grid": both(0.7, 2.9, signed=True)}}
_KINKS = {"zeros": (0.0, -1.0, 1.0, 0.5), "border": (0.0, 1.0, 0.5), "reflection": (0.0, 0.5, -0.5)}
"""Places where the gradient is that of the piece to the right. At the lower end of an input whose border goes on, and at both ends
of one that is reflected, PyTorch's is zero.
"""


def _ways(mode: str) -> list[tuple[str, dict[str, Any]]]:
    """Every way of continuing the input, with corners aligned and not."""
    return [
        (f"{mode}-{padding}{'-corners' * corners}", {"mode": mode, "padding_mode": padding, "align_corners": corners})
        for padding in ("zeros", "border", "reflection")
        for corners in (False, True)
    ]


operator("nn.functional.grid_sample(input, grid, *, mode='bilinear', padding_mode='zeros', align_corners=False)", core=False, sampling=varied(calls(
    ("regular", _IMAGE, _POINTS, {}), *((name, (1, 1, 3, 2), _POINTS, {**a, **_BEYOND}) for name, a in _ways("bilinear")), *((name, (1, 1, 2, 2), (1, 1, 1, 2), {**a, **_BEYOND}) for name, a in _ways("bicubic")),
    *((name, _IMAGE, _POINTS, {**a, **_BEYOND, "smooth": False}) for name, a in _ways("nearest")),
    *((f"kink-{name}", (1, 1, 3, 3), _POINTS, {**a, "smooth": False, "ranges": {"grid": points(*_KINKS[a["padding_mode"]])}}) for name, a in _ways("bilinear")),
    ("volume", (1, 1, 2, 1, 2), (1, 1, 1, 1, 3), {}), ("batch", (2, 2, 1, 2), (2, 1, 1, 2), {"align_corners": True}), ("one-place", (1, 1, 1, 1), _POINTS, {"padding_mode": "reflection", "align_corners": True}),
    ("no-points", (1, 1, 2, 2), (1, 0, 2, 2), {}), arguments=("input", "grid"), regions=_PLACES, beside={"grid": upwards},
), forward=False))  # fmt: skip
_NUMBERED = {"arguments": ("input", "grid"), "regions": {name: r for name, r in _PLACES.items() if name != "large"}}
operator("grid_sampler_2d(input, grid, *, interpolation_mode, padding_mode, align_corners)", core=False, sampling=varied(calls(
    ("regular", _IMAGE, _POINTS, {"interpolation_mode": 0, "padding_mode": 1, "align_corners": False}), ("cubic", (1, 1, 2, 2), (1, 1, 1, 2), {"interpolation_mode": 2, "padding_mode": 2, "align_corners": True}),
    ("nearest", _IMAGE, _POINTS, {"interpolation_mode": 1, "padding_mode": 0, "align_corners": True, "smooth": False}), **_NUMBERED,
), forward=False))  # fmt: skip
operator("grid_sampler_3d(input, grid, *, interpolation_mode, padding_mode, align_corners)", core=False, sampling=varied(calls(
    ("regular", (1, 1, 2, 1, 2), (1, 1, 2, 1, 3), {"interpolation_mode": 0, "padding_mode": 0, "align_corners": False}),
    ("border", (1, 1, 1, 2, 2), (1, 1, 1, 1, 3), {"interpolation_mode": 0, "padding_mode": 1, "align_corners": True, **_BEYOND}), ("reflection", (1, 1, 2, 2, 1), (1, 1, 1, 1, 3), {"interpolation_mode": 0, "padding_mode": 2, "align_corners": False, **_BEYOND}),
    ("nearest", (1, 1, 2, 1, 2), (1, 1, 1, 2, 3), {"interpolation_mode": 1, "padding_mode": 2, "align_corners": True, "smooth": False}), **_NUMBERED,
), forward=False))  # fmt: skip
