"""What discrete Fourier transforms refuse, and what they write into, beside PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import refgrad

torch = pytest.importorskip("torch")

REAL, COMPLEX = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[1 + 1j, 2 - 1j, 3j], [4.0, 5j, 6.0]]

MISUSE: dict[str, Callable[[Any], Any]] = {
    "no points": lambda T: T.fft.hfft(T.tensor(REAL), 0),
    "fewer than no points": lambda T: T.fft.ihfft(T.tensor(REAL), -2),
    "a dimension of size 1, halved": lambda T: T.fft.irfft2(T.ones(2, 1)),
    "no such dimension": lambda T: T.fft.rfft2(T.tensor(REAL), dim=(0, 5)),
    "a dimension twice": lambda T: T.fft.ifft2(T.tensor(REAL), dim=(0, -2)),
    "more sizes than dimensions given": lambda T: T.fft.rfftn(T.tensor(REAL), s=(2, 3), dim=(1,)),
    "more sizes than dimensions": lambda T: T.fft.ifftn(T.tensor(REAL), s=(2, 3, 4)),
    "one size for two": lambda T: T.fft.ifft2(T.tensor(REAL), s=3),
    "no such norm": lambda T: T.fft.hfftn(T.tensor(REAL), norm="orthogonal"),
    "complex signals": lambda T: T.fft.rfft2(T.tensor(COMPLEX)),
    "complex spectra": lambda T: T.fft.ihfftn(T.tensor(COMPLEX)),
    "no dimension": lambda T: T.fft.rfftn(T.tensor(REAL), dim=()),
    "no dimension to halve": lambda T: T.fft.irfftn(T.tensor(1.0)),
    "a vector for a matrix": lambda T: T.fft.hfft2(T.tensor([1.0, 2.0])),
    "a list": lambda T: T.fft.ifft2(REAL),
    "no such shift": lambda T: T.fft.fftshift(T.tensor(REAL), dim=3),
    "nothing to shift along": lambda T: T.fft.ifftshift(T.tensor(REAL), dim=()),
    "a number to shift": lambda T: T.fft.fftshift(T.tensor(1.0)),
    "out of what requires grad": lambda T: T.fft.hfft(T.tensor(REAL, requires_grad=True), out=T.empty(0)),
}


@pytest.mark.parametrize("form", MISUSE)
def test_misuse_raises_what_pytorch_raises(form: str) -> None:
    raised = []
    for T in (refgrad, torch):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is what is compared
            MISUSE[form](T)
        raised.append(caught.type.__name__)
    assert raised[0] == raised[1]


FAMILY = [f"{name}{ending}" for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft") for ending in ("", "2", "n")]


@pytest.mark.parametrize("name", FAMILY)
def test_values_written_into_a_tensor_are_pytorchs(name: str) -> None:
    found = []
    for T in (refgrad, torch):
        x = T.tensor(REAL, dtype=T.float64)
        out = T.empty_like(getattr(T.fft, name)(x))
        assert getattr(T.fft, name)(x, norm="ortho", out=out) is out
        found.append(out.reshape(-1).tolist())
    assert found[0] == pytest.approx(found[1], rel=1e-12, abs=1e-12)
