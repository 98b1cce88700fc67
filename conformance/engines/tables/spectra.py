"""Fourier transforms, complex parts and decompositions over a library that is spelled as NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def fourier(fft: Any) -> dict[str, Callable[..., Any]]:
    """What `numpy.fft` has."""
    one = {
        f"fft.{n}": _renamed(getattr(fft, n), dim="axis") for n in ("fft", "ifft", "rfft", "irfft") if hasattr(fft, n)
    }
    many = {f"fft.{n}": _over_several(getattr(fft, n)) for n in ("fft2", "fftn") if hasattr(fft, n)}
    return {**one, **many}


def complex_parts(np: Any) -> dict[str, Callable[..., Any]]:
    """Conjugates, parts, angles and adjoints."""
    found = {name: getattr(np, name) for name in ("conj", "real", "imag", "angle") if hasattr(np, name)}
    return {
        **found,
        "mT": lambda a: np.swapaxes(a, -1, -2),
        "mH": lambda a: np.conj(np.swapaxes(a, -1, -2)),
        "H": lambda a: np.conj(np.transpose(a)),
        "T": lambda a: np.transpose(a),
        "complex": lambda a, b: a + 1j * b,
        "polar": lambda a, b: a * np.exp(1j * b),
    }


def decompositions(linalg: Any) -> dict[str, Callable[..., Any]]:
    """What `numpy.linalg` has; the suite compares what no choice of signs and phases changes."""
    return {
        "linalg.qr": lambda a, *, mode: tuple(linalg.qr(a, mode)),
        "linalg.eigh": lambda a, *, UPLO: tuple(linalg.eigh(a, UPLO)),
        "linalg.svd": lambda a, *, full_matrices: tuple(linalg.svd(a, full_matrices)),
    }


def _over_several(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(a: Any, *, s: Any = None, dim: Any = None, norm: Any = None) -> Any:
        axes = tuple(range(-len(s), 0)) if dim is None and s is not None else dim  # sizes speak of the last axes
        return function(a, s=s, axes=axes, norm=norm)

    return call


def _renamed(function: Callable[..., Any], **names: str) -> Callable[..., Any]:
    return lambda a, **kw: function(a, **{names.get(k, k): v for k, v in kw.items()})
