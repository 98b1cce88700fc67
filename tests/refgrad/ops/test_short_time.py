"""Short-time Fourier transforms beside PyTorch's: values, gradients of signals and windows, and misuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import refgrad

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

SIGNAL = [0.5, -1.25, 2.0, 0.75, -0.5, 1.5, -2.25, 1.0, 0.25]
TURNED = [complex(a, b) for a, b in zip(SIGNAL, SIGNAL[::-1], strict=True)]
BATCH = [SIGNAL, SIGNAL[::-1]]
WINDOW = [0.5, 1.25, 1.0, 0.75]
COMPLEX_WINDOW = [0.5 + 1j, 1.25 - 0.5j, 1.0, 0.75 + 0.25j]
SPECTRA = [[complex(a, 2 * b) for a, b in zip(SIGNAL[i:], SIGNAL[::-1], strict=False)][:5] for i in range(4)]
HALF = SPECTRA[:3]

Form = tuple[Callable[..., Any], Any, Any]  # of the engine, the signal or spectra and the window, as given beside
STFT: dict[str, Form] = {
    "plain": (lambda T, x, w: T.stft(x, 4, window=w, return_complex=True), SIGNAL, WINDOW),
    "method": (lambda T, x, w: x.stft(4, 2, window=w, return_complex=True), BATCH, WINDOW),
    "narrow": (lambda T, x, w: T.stft(x, 6, 2, 4, w, return_complex=True, normalized=True), SIGNAL, WINDOW),
    "odd": (lambda T, x, w: T.stft(x, 7, 3, 4, w, pad_mode="constant", onesided=False, return_complex=True), SIGNAL, WINDOW),
    "circular": (lambda T, x, w: T.stft(x, 7, 3, 4, w, pad_mode="circular", return_complex=True), SIGNAL, WINDOW),
    "parts": (lambda T, x, w: T.stft(x, 4, 3, window=w, pad_mode="replicate", return_complex=False), SIGNAL, WINDOW),
    "no center": (lambda T, x, w: T.stft(x, 4, 3, window=w, center=False, return_complex=True), SIGNAL, WINDOW),
    "aligned": (lambda T, x, w: T.stft(x, 6, 3, 4, w, center=False, align_to_window=True, return_complex=True), SIGNAL, WINDOW),
    "not aligned": (lambda T, x, w: T.stft(x, 6, 3, 4, w, center=False, align_to_window=False, return_complex=True), SIGNAL, WINDOW),
    "no window": (lambda T, x, w: w.sum() * T.stft(x, 5, 2, 3, return_complex=True), SIGNAL, WINDOW),
    "complex": (lambda T, x, w: T.stft(x, 4, window=w), TURNED, COMPLEX_WINDOW),
    "complex window": (lambda T, x, w: T.stft(x, 4, window=w), SIGNAL, COMPLEX_WINDOW),
}  # fmt: skip
ISTFT: dict[str, Form] = {
    "plain": (lambda T, s, w: T.istft(s, 4, window=w), HALF, WINDOW),
    "method": (lambda T, s, w: T.stack([s, 2 * s]).istft(4, 2, window=w), HALF, WINDOW),
    "normalized": (lambda T, s, w: T.istft(s, 4, 2, window=w, normalized=True), HALF, WINDOW),
    "no center": (lambda T, s, w: T.istft(s, 4, 1, window=w, center=False), HALF, WINDOW),
    "shorter": (lambda T, s, w: T.istft(s, 4, 1, window=w, length=3), HALF, WINDOW),
    "longer": (lambda T, s, w: T.istft(s, 4, 1, window=w, length=9), HALF, WINDOW),
    "odd": (lambda T, s, w: T.istft(s, 5, 2, 4, window=w), HALF, WINDOW),
    "no window": (lambda T, s, w: w.sum() * T.istft(s, 5, 2, 3), HALF, WINDOW),
    "whole spectra": (lambda T, s, w: T.istft(s, 4, 1, window=w), SPECTRA, WINDOW),
    "complex": (lambda T, s, w: T.istft(s, 4, 1, window=w, return_complex=True), SPECTRA, COMPLEX_WINDOW),
}
FORMS = {f"stft, {name}": form for name, form in STFT.items()} | {
    f"istft, {name}": form for name, form in ISTFT.items()
}


def leaf(T: Any, values: Any) -> Any:
    return T.tensor(values, dtype=T.complex128 if "j" in str(values) else T.float64, requires_grad=True)


@pytest.mark.parametrize("form", FORMS)
def test_values_and_gradients_are_pytorchs(form: str) -> None:
    function, *given = FORMS[form]
    found = []
    for T in (refgrad, torch):
        leaves = [leaf(T, values) for values in given]
        y = function(T, *leaves)
        total = (y.abs().square() * T.arange(1, y.numel() + 1).reshape(y.shape)).sum()
        found.append([v.detach() for v in (y, *T.autograd.grad(total, leaves))])
    for ours, theirs in zip(*found, strict=True):
        assert list(ours.shape) == list(theirs.shape)
        assert str(ours.dtype).rpartition(".")[2] == str(theirs.dtype).rpartition(".")[2]
        assert ours.reshape(-1).tolist() == pytest.approx(theirs.reshape(-1).tolist(), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_derivatives_are_those_of_differences_to_order_2(form: str) -> None:
    function, *given = FORMS[form]
    leaves = [leaf(refgrad, values) for values in given]
    assert refgrad.autograd.gradgradcheck(lambda *xs: function(refgrad, *xs), leaves)


MISUSE: dict[str, Callable[[Any], Any]] = {
    "no answer for complex": lambda T: T.stft(T.tensor(SIGNAL), 4),
    "integers": lambda T: T.stft(T.arange(9), 4, return_complex=True, center=False),
    "too many dimensions": lambda T: T.stft(T.tensor([BATCH]), 4, return_complex=True, center=False),
    "too long": lambda T: T.stft(T.tensor(SIGNAL), 10, return_complex=True, center=False),
    "too long to reflect": lambda T: T.stft(T.tensor(SIGNAL), 40, return_complex=True),
    "no hop": lambda T: T.stft(T.tensor(SIGNAL), 4, 0, return_complex=True),
    "wide window": lambda T: T.stft(T.tensor(SIGNAL), 4, win_length=5, return_complex=True),
    "another window": lambda T: T.stft(T.tensor(SIGNAL), 5, window=T.tensor(WINDOW), return_complex=True),
    "half of complex": lambda T: T.stft(T.tensor(TURNED), 4, onesided=True),
    "aligned in the center": lambda T: T.stft(T.tensor(SIGNAL), 6, 3, 4, align_to_window=True, return_complex=True),
    "real spectra": lambda T: T.istft(T.tensor(HALF).real, 4),
    "empty spectra": lambda T: T.istft(T.tensor(HALF)[:, :0], 4),
    "half as whole": lambda T: T.istft(T.tensor(HALF), 4, onesided=False),
    "whole as half": lambda T: T.istft(T.tensor(SPECTRA), 4, onesided=True),
    "windows apart": lambda T: T.istft(T.tensor(HALF), 4, 5),
    "no such window": lambda T: T.istft(T.tensor(HALF), 4, 1, 3, window=T.tensor(WINDOW)),
    "complex of half": lambda T: T.istft(T.tensor(HALF), 4, return_complex=True),
    "complex window": lambda T: T.istft(T.tensor(HALF), 4, window=T.tensor(COMPLEX_WINDOW)),
    "a window of zeros": lambda T: T.istft(T.tensor(HALF), 4, window=T.zeros(4)),
    "zero at the ends": lambda T: T.istft(T.tensor(HALF), 4, 2, window=T.tensor([0.0, 1.0, 1.0, 0.0]), center=False),
}


@pytest.mark.parametrize("form", MISUSE)
def test_misuse_raises_what_pytorch_raises(form: str) -> None:
    for T in (torch, refgrad):
        with pytest.raises(RuntimeError):
            MISUSE[form](T)


def test_zeros_at_the_ends_of_windows_do_not_matter_in_the_center() -> None:
    window = refgrad.tensor([0.0, 1.0, 1.0, 0.0])
    x = refgrad.tensor(SIGNAL[:8])
    back = refgrad.istft(refgrad.stft(x, 4, 2, window=window, return_complex=True), 4, 2, window=window)
    assert back.tolist() == pytest.approx(x.tolist(), rel=1e-5)
