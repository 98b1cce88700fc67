"""Small drawings as SVG, in the page's own colours; they read at any size and need nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from markupsafe import Markup

WIDTH, HEIGHT = 520, 168
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 6, 12, 20
_FINITE = _TOP + 12  # below the line on which infinite errors lie
_CEILING = 16.0  # decimal exponent: in float64 an error of 1e16 ulp leaves no digit right
_FLOOR = -0.5
_TICKS = ((0, "1"), (3, "10³"), (6, "10⁶"), (9, "10⁹"), (12, "10¹²"), (15, "10¹⁵"))
_LABELS = {
    "float64": ("−∞", "−2²⁷", "−8", "−¼", "−2⁻²⁷", "", "0", "", "2⁻²⁷", "¼", "8", "2²⁷", "∞"),
    "float32": ("−∞", "−2¹²", "−8", "−¼", "−2⁻¹²", "", "0", "", "2⁻¹²", "¼", "8", "2¹²", "∞"),
}

Profile = Sequence[float | str | None]


def error_chart(title: str, dtype: str, profiles: Mapping[int, Profile]) -> Markup:
    """The worst error over the range, one line for each order: ulp upwards by decades, the range from -∞ to ∞ by magnitude."""
    lines = "".join(_line(order, profile) for order, profile in sorted(profiles.items(), reverse=True))
    label = escape(f"{title} in {dtype}: worst error in units in the last place over the range", quote=True)
    return Markup(  # noqa: S704 - made of numbers, and of a title that is escaped
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{_frame(dtype)}{lines}</svg>'
    )


def _frame(dtype: str) -> str:
    """Bands, ticks and labels."""
    labels = _LABELS[dtype]
    bands = len(labels) - 1
    parts = []
    for i in range(bands):
        if i % 2 == 0:
            x, width = _x(i / bands), _x((i + 1) / bands) - _x(i / bands)
            parts.append(
                f'<rect class="band" x="{x:.1f}" y="{_TOP}" width="{width:.1f}" height="{HEIGHT - _TOP - _BOTTOM}"/>'
            )
    for i, text in enumerate(labels):
        anchor = "start" if i == 0 else "end" if i == bands else "middle"
        parts.append(
            f'<text x="{_x(i / bands):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{text}</text>' if text else ""
        )
    for decade, text in _TICKS:
        y = _y(10.0**decade)
        parts.append(f'<path class="tick" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 3.5:.1f}" text-anchor="end">{text}</text>')
    parts.append(f'<path class="tick" d="M{_LEFT} {_TOP}H{WIDTH - _RIGHT}"/>')
    parts.append(f'<text x="{_LEFT - 5}" y="{_TOP + 3.5}" text-anchor="end">∞</text>')
    parts.append(f'<path class="zero" d="M{_x(0.5):.1f} {_TOP}V{HEIGHT - _BOTTOM}"/>')
    return "".join(parts)


def _line(order: int, profile: Profile) -> str:
    """A step for each bucket that was measured; the pen is lifted where none was."""
    moves, down = [], False
    width = 1 / len(profile)
    for i, value in enumerate(profile):
        if value is None:
            down = False
            continue
        y = _y(math.inf if isinstance(value, str) else float(value))
        moves.append(f"{'V' if down else f'M{_x(i * width):.1f} '}{y:.1f}H{_x((i + 1) * width):.1f}")
        down = True
    return f'<path class="o{order}" d="{"".join(moves)}"/>' if moves else ""


def _x(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(ulp: float) -> float:
    """Infinity on the top line; finite errors below, by decades."""
    if math.isinf(ulp):
        return _TOP
    decade = min(max(math.log10(ulp) if ulp > 0 else _FLOOR, _FLOOR), _CEILING)
    return HEIGHT - _BOTTOM - (decade - _FLOOR) / (_CEILING - _FLOOR) * (HEIGHT - _BOTTOM - _FINITE)
