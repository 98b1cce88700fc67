"""Complex numbers: parts, phase, and views as pairs of reals. Gradients follow PyTorch's convention."""

from __future__ import annotations

from refgrad.ops.arithmetic import abs as _abs
from refgrad.rules import conj, discrete, general, structural, where

__all__ = ["conj", "conj_physical"]

real = structural("real", lambda g: _complex(g, None), kernel=lambda xp, x: x.real, node="SelectBackward0", view=True)
imag = structural("imag", lambda g: _complex(None, g), kernel=lambda xp, x: x.imag, node="SelectBackward0", view=True)
complex = structural("complex", lambda g: real(g), lambda g: imag(g), kernel=lambda xp, a, b: a + 1j * b)
conj_physical = conj


def _complex(a, b):
    """The complex number of these parts, of which one may be None (zero)."""
    from refgrad.rules import zeros_like

    return complex(zeros_like(b) if a is None else a, zeros_like(a) if b is None else b)


view_as_real = structural("view_as_real", lambda g: view_as_complex(g), kernel=lambda xp, x: xp.pairs(x), view=True)
view_as_complex = structural(
    "view_as_complex", lambda g: view_as_real(g), kernel=lambda xp, x: xp.unpaired(x), view=True
)
sgn = general(  # of complex numbers; that of real ones is `sign`
    "sgn",
    lambda g, y, x: _project(g, y, x),
    push=lambda ts, y, x: _project(ts[0], y, x),
    kernel=lambda xp, x: xp.sign(x),
)


def _project(v, y, x):
    """The part of `v` across the direction `y`, divided by the modulus: the derivative of z / |z|, which is symmetric."""
    r = _abs(x)
    at_zero = r == 0
    inner = real(v * conj(y))
    return where(at_zero, 0.0, (v - y * inner) / where(at_zero, 1.0, r))


is_complex_nonzero = discrete("is_complex_nonzero", kernel=lambda xp, x: x != 0)
angle = general(
    "angle",
    lambda g, y, x: _turn(g, x),
    push=lambda ts, y, x: imag(ts[0] * conj(x)) / (_abs(x) ** 2) if x.dtype.kind == "c" else ts[0] * 0.0,
    kernel=lambda xp, x: (
        xp.angle(x) if x.dtype.kind == "c" else xp.where(xp.isnan(x), x, xp.where(x < 0, xp.pi, xp.zeros_like(x)))
    ),
)


def _turn(g, x):
    if x.dtype.kind != "c":
        return g * 0.0
    r2 = real(x * conj(x))
    at_zero = r2 == 0
    return where(at_zero, 0.0, x * (1j * (g / where(at_zero, 1.0, r2))))


polar = general(
    "polar",
    lambda g, y, r, theta: real(g * conj(_unit(theta))),
    lambda g, y, r, theta: real(g * conj(y * 1j)),
    push=lambda ts, y, r, theta: _add(
        None if ts[0] is None else ts[0] * _unit(theta), None if ts[1] is None else ts[1] * 1j * y
    ),
    kernel=lambda xp, r, theta: xp.asarray(r * xp.exp(1j * theta)),
)


def _unit(theta):
    from refgrad.ops.elementary import cos, sin

    return complex(cos(theta), sin(theta))


def _add(a, b):
    return b if a is None else a if b is None else a + b
