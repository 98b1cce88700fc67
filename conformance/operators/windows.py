"""Short-time Fourier transforms: of signals under a sliding window, and back. Windows are differentiated like signals.

Real and complex signals and windows differ in the sizes that they have spectra of, so that the complex copies of the cases
ask only what holds for both: `onesided` is said only where it is False. Spectra are given as pairs of real numbers, since
windows and signals are real where half of a spectrum is enough.
"""

from __future__ import annotations

from conformance.operators.sampling import both, calls, per_argument
from conformance.operators.spec import operator

_SIGNAL = {"ordinary": both(0.2, 3.0, signed=True), "negative": both(-3.0, -0.2)}
_WINDOW = {"ordinary": both(0.3, 1.5)}  # the squares of windows are divided by where they overlap
_VALUES = {"arguments": ("input", "window"), "regions": per_argument(_SIGNAL, _WINDOW)}

operator(
    "stft(input, *, n_fft, hop_length=OMITTED, win_length=OMITTED, window=None, center=True, pad_mode='reflect', normalized=False, onesided=OMITTED, return_complex=True)",
    core=False,
    sampling=calls(
        ("regular", (2, 5), (4,), {"n_fft": 4, "hop_length": 2}), ("no-window", (6,), None, {"n_fft": 4}), ("narrow", (6,), (2,), {"n_fft": 4, "win_length": 2}),
        ("odd", (5,), (3,), {"n_fft": 3, "hop_length": 1}), ("odd-narrow", (6,), (2,), {"n_fft": 5, "win_length": 2, "hop_length": 3}),
        ("no-center", (6,), (4,), {"n_fft": 4, "hop_length": 1, "center": False}), ("left-over", (7,), (4,), {"n_fft": 4, "hop_length": 2, "center": False}),
        ("constant", (4,), (4,), {"n_fft": 4, "hop_length": 3, "pad_mode": "constant"}), ("replicate", (3,), (4,), {"n_fft": 4, "hop_length": 2, "pad_mode": "replicate"}),
        ("circular", (4,), (3,), {"n_fft": 3, "hop_length": 2, "pad_mode": "circular"}), ("normalized", (5,), (4,), {"n_fft": 4, "hop_length": 2, "normalized": True}),
        ("both-sides", (4,), (3,), {"n_fft": 3, "hop_length": 2, "onesided": False}), ("single", (3,), (1,), {"n_fft": 1, "hop_length": 2}), ("apart", (6,), (2,), {"n_fft": 2, "hop_length": 4, "center": False}),
        complex=True, result="complex", **_VALUES,
    ),
)  # fmt: skip
operator(
    "istft(input, *, n_fft, hop_length=OMITTED, win_length=OMITTED, window=None, center=True, normalized=False, onesided=OMITTED, length=OMITTED, return_complex=False)",
    core=False,
    sampling=calls(
        ("regular", (2, 3, 3, 2), (4,), {"n_fft": 4, "hop_length": 2}), ("no-window", (3, 3, 2), None, {"n_fft": 4}),
        ("odd", (2, 4, 2), (3,), {"n_fft": 3, "hop_length": 1}), ("narrow", (3, 3, 2), (2,), {"n_fft": 4, "hop_length": 1, "win_length": 2}),
        ("no-center", (3, 2, 2), (4,), {"n_fft": 4, "hop_length": 2, "center": False}), ("shorter", (3, 3, 2), (4,), {"n_fft": 4, "hop_length": 1, "length": 2}),
        ("longer", (2, 3, 2), (2,), {"n_fft": 2, "hop_length": 1, "length": 5}), ("normalized", (3, 3, 2), (4,), {"n_fft": 4, "hop_length": 2, "normalized": True}),
        ("both-sides", (3, 3, 2), (3,), {"n_fft": 3, "hop_length": 1, "onesided": False}),
        structured="pairs", layouts=False, **_VALUES,
    ),
)  # fmt: skip
