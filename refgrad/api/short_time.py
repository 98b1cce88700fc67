"""Short-time Fourier transforms: the spectra of a signal under a sliding window, and the signal from its spectra."""

from __future__ import annotations

import warnings
from typing import Any, NoReturn

from refgrad import dtypes
from refgrad.api.complex import real, view_as_real
from refgrad.api.forms import checked
from refgrad.api.naming import recorded_as
from refgrad.api.padding import pad
from refgrad.api.shape import to_dtype
from refgrad.ops import fft as ops
from refgrad.ops.indexing import narrow
from refgrad.ops.padding import constant_pad
from refgrad.ops.pooling import overlap_add
from refgrad.ops.shape import unfold
from refgrad.tensor import Tensor

_LOWEST = 1e-11
"""What the squares of the windows add up to at least, where a signal can be told from its spectra."""


def _title(y: Tensor, input: Tensor, *_: Any, **__: Any) -> str | None:
    """PyTorch removes the batch, or exchanges the last two dimensions, in place."""
    if not y.dtype.is_complex:
        return None
    return "TransposeBackward1" if input.ndim == 2 else "SqueezeBackward4"


@recorded_as(_title)
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Tensor:
    """The spectra of the windows that slide over a signal, or over each of a batch: (…, frequencies, windows).

    *errors*: RuntimeError for sizes that do not fit each other, for a real signal without `return_complex`, and for half
    of a spectrum where it has no symmetry.

    >>> from refgrad import ones
    >>> stft(ones(6), 4, hop_length=2, center=False, return_complex=True).real
    tensor([[4., 4.],
            [0., 0.],
            [0., 0.]])
    """
    checked(input, "stft")
    is_complex = input.dtype.is_complex or (window is not None and window.dtype.is_complex)
    return_complex = _answered(return_complex, is_complex)
    x = _signal(input, n_fft, pad_mode if center else None)
    hop, width = _hop_and_width(n_fft, hop_length, win_length)
    if not 0 < n_fft <= x.shape[1]:
        _refuse("stft", f"expected 0 < n_fft <= {x.shape[1]}, the length of the signal, but got n_fft={n_fft}")
    if hop <= 0:
        _refuse("stft", f"expected hop_length > 0, but got hop_length={hop}")
    weights = _widened(window, n_fft, width, "stft")
    if align_to_window is not None and center:
        _refuse("stft", "align_to_window only has an effect when center=False: leave it out, or give center=False")
    if align_to_window:
        x = _centred(x, n_fft, width)
    frames = unfold(x, dimension=1, size=n_fft, step=hop)
    y = _spectra(frames if weights is None else frames * weights, normalized, onesided).transpose(1, 2)
    y = y if input.ndim == 2 else y.squeeze(0)
    return y if return_complex else view_as_real(y)


def _hop_and_width(n_fft: int, hop_length: int | None, win_length: int | None) -> tuple[int, int]:
    return n_fft // 4 if hop_length is None else hop_length, n_fft if win_length is None else win_length


def _answered(return_complex: bool | None, is_complex: bool) -> bool:
    if return_complex is None and not is_complex:
        _refuse("stft", "stft requires the return_complex parameter be given for real inputs; give return_complex=True")
    if return_complex is False:
        warnings.warn(
            "stft with return_complex=False is deprecated: give return_complex=True, and use view_as_real on the result",
            UserWarning,
            stacklevel=4,
        )
    return return_complex is not False


def _signal(input: Tensor, n_fft: int, mode: str | None) -> Tensor:
    """A batch of signals of which every element is in the middle of a window, if there is a mode to fill up their ends."""
    if input.dtype.category < dtypes.FLOATING:
        _refuse("stft", f"expected a tensor of floating point or complex values, got {input.dtype}")
    if input.ndim not in (1, 2):
        _refuse("stft", f"expected a 1D or 2D tensor, got {input.ndim}D")
    x = input if input.ndim == 2 else input.unsqueeze(0)
    return x if mode is None else pad(x.unsqueeze(0), (n_fft // 2, n_fft // 2), mode).squeeze(0)


def _widened(window: Tensor | None, n_fft: int, width: int, name: str) -> Tensor | None:
    """The window in the middle of zeros; None for one that is 1 throughout."""
    if not 0 < width <= n_fft:
        _refuse(name, f"expected 0 < win_length <= n_fft, but got win_length={width}, n_fft={n_fft}")
    if window is None and width == n_fft:
        return None
    if window is not None and tuple(window.shape) != (width,):
        _refuse(
            name,
            f"expected a 1D window tensor of size equal to win_length={width}, but got window with size {tuple(window.shape)}",
        )
    if window is None:
        from refgrad.creation import ones

        window = ones(width)
    return _centred(window, n_fft, width)


def _centred(x: Tensor, n_fft: int, width: int) -> Tensor:
    """As many zeros at both ends as make a window wide enough for the transform."""
    left = (n_fft - width) // 2
    return constant_pad(x, pad=(left, n_fft - width - left), value=0.0)


def _spectra(frames: Tensor, normalized: bool, onesided: bool | None) -> Tensor:
    scale, last = "sqrt" if normalized else "none", (frames.ndim - 1,)
    is_complex = frames.dtype.is_complex
    if is_complex and onesided:
        _refuse("stft", "Cannot have onesided output if window or input is complex")
    if is_complex or onesided is False:
        frames = frames if is_complex else to_dtype(frames, frames.dtype.to_complex())
        return ops.c2c(frames, dim=last, scale=scale, forward=True)
    return ops.r2c(frames, dim=last, scale=scale)


def istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    """The signal whose spectra come nearest to these, in the sense of least squares: the inverse of `stft`.

    *errors*: RuntimeError for sizes that do not fit each other, and where the squares of the windows add up to nothing.

    >>> from refgrad import arange
    >>> istft(stft(arange(6.0), 4, return_complex=True), 4)
    tensor([0., 1., 2., 3., 4., 5.])
    """
    checked(input, "istft")
    hop, width = _hop_and_width(n_fft, hop_length, win_length)
    onesided = _fitting(input, n_fft, onesided)
    if not 0 < hop <= width:
        _refuse("istft", f"expected 0 < hop_length <= win_length, but got hop_length={hop}, win_length={width}")
    weights = _widened(window, n_fft, width, "istft")
    x = (input if input.ndim == 3 else input.unsqueeze(0)).transpose(1, 2)
    frames = _frames(x, n_fft, normalized, onesided, return_complex, window)
    total, overlap = frames.shape[1] * hop + n_fft - hop, frames[:1].detach() * 0 + 1
    if weights is not None:
        frames, overlap = frames * weights, overlap * (weights * weights)
    start = n_fft // 2 if center else 0
    end = start + length if length is not None else total - start
    y, squares = (_kept(_added(f, total, hop), start, min(end, total)) for f in (frames, overlap))
    if (squares.detach().abs() < _LOWEST).any():
        _refuse("istft", "window overlap add min: 1; the squares of the windows must not add up to 0 anywhere")
    y = y / squares
    y = y if input.ndim == 3 else y.squeeze(0)
    if end > total:
        warnings.warn(
            f"The length of signal is shorter than the length parameter: {end - total} zeros are added to its tail",
            UserWarning,
            stacklevel=2,
        )
        y = constant_pad(y, pad=(0, end - total), value=0.0)
    return y


def _fitting(input: Tensor, n_fft: int, onesided: bool | None) -> bool:
    """Whether half of each spectrum is given, which is guessed from the sizes where nobody says it."""
    if not input.dtype.is_complex:
        _refuse(
            "istft",
            "istft requires a complex-valued input tensor matching the output from stft with return_complex=True",
        )
    if input.ndim not in (2, 3):
        _refuse("istft", f"expected a tensor with 2 or 3 dimensions, but got {input.ndim}")
    if not input.numel():
        _refuse("istft", "input tensor cannot be empty")
    given = input.shape[input.ndim - 2]
    onesided = given != n_fft if onesided is None else onesided
    wanted = n_fft // 2 + 1 if onesided else n_fft
    if given != wanted:
        words = "n_fft / 2 + 1" if onesided else "n_fft"
        _refuse(
            "istft",
            f"expected the frequency dimension of the input tensor to match {words} when onesided={onesided}, "
            f"but got {given} and n_fft={n_fft}",
        )
    return onesided


def _frames(
    x: Tensor, n_fft: int, normalized: bool, onesided: bool, return_complex: bool, window: Tensor | None
) -> Tensor:
    """What each spectrum is the transform of: (batch, windows, n_fft)."""
    scale = "sqrt" if normalized else "full"
    if return_complex:
        if onesided:
            _refuse("istft", "Cannot have onesided output if window or input is complex")
        return ops.c2c(x, dim=(2,), scale=scale, forward=False)
    if window is not None and window.dtype.is_complex:
        _refuse("istft", "Complex windows are incompatible with return_complex=False")
    half = x if onesided else narrow(x, dim=2, start=0, length=n_fft // 2 + 1)
    return real(ops.c2r(half, dim=(2,), scale=scale, size=n_fft))


def _added(frames: Tensor, total: int, hop: int) -> Tensor:
    """The frames where they came from, their sum where they overlap: (batch, windows, n_fft) -> (batch, total)."""
    return overlap_add(frames, size=(total,), stride=(hop,), padding=(0,), dilation=(1,))


def _kept(x: Tensor, start: int, end: int) -> Tensor:
    return narrow(x, dim=1, start=start, length=max(end - start, 0))


def _refuse(name: str, why: str) -> NoReturn:
    raise RuntimeError(f"{name}(): {why}")
