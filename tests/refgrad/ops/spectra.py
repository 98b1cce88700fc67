"""Rows of the table of calls for transforms of several dimensions, spectra under windows, and functions that take a mask."""

from __future__ import annotations

FOURIER = """
fft.ifft2: t.fft.ifft2(x, s=(2, 5), dim=(0, 2), norm="forward") | 3x2x4 | c
fft.ifftn: t.fft.ifftn(x, s=(3, -1), norm="ortho") | 2x3x2 | c
fft.rfft2: t.fft.rfft2(x, s=(3, 2), norm="forward") | 2x3
fft.rfftn: t.fft.rfftn(x, dim=(-1, 0)) | 2x3
fft.irfft2: t.fft.irfft2(x, s=(3, 5)) | 2x3 | c
fft.irfftn: t.fft.irfftn(x, dim=(2, 0), norm="ortho") | 2x1x3 | c
fft.hfft: t.fft.hfft(x, n=5, dim=0, norm="forward") | 3x2 | c
fft.hfft2: t.fft.hfft2(x, norm="ortho") | 2x3 | c
fft.hfftn: t.fft.hfftn(x, s=(2, 5)) | 2x3x2 | c
fft.ihfft: t.fft.ihfft(x, n=6, dim=0, norm="ortho") | 4x2
fft.ihfft2: t.fft.ihfft2(x, s=(3, 4)) | 2x3
fft.ihfftn: t.fft.ihfftn(x, dim=(0, -1), norm="forward") | 2x3
fft.fftshift: t.fft.fftshift(x, dim=(0, -1)) | 3x2x4 | c
fft.ifftshift: t.fft.ifftshift(x) | 3x4 | c
stft: t.stft(x, 4, 2, window=y, return_complex=True) | 2x7,4
stft: t.stft(x, 5, 3, 2, y, True, "constant", True, None, True) | 6,2
istft: t.istft(t.view_as_complex(x), 4, 1, window=y * y + 0.5, length=5) | 3x4x2,4
"""

MASKED = """
masked.sum: t.masked.sum(x * x, (0, -1), keepdim=True, mask=x[0] > 0) | 2x3
masked.prod: t.masked.prod(x, 1, mask=(x > 0).detach()) | 2x3
masked.logsumexp: t.masked.logsumexp(x, (0, 1), mask=x[:, :1] > x[:, :1] - 1) | 2x3
masked.var: t.masked.var(x, 1, correction=0.5, mask=t.tensor([True, False, True])) | 2x3
masked.std: t.masked.std(x, 1, False, mask=t.tensor([True, False, True])) | 2x3
masked.norm: t.masked.norm(x, 3.0, 0, mask=t.tensor([True, False, True])) | 2x3
masked.normalize: t.masked.normalize(x, 2.0, 1, mask=t.tensor([True, False, True])) | 2x3 | c
masked.softmax: t.masked.softmax(x, 1, mask=t.tensor([True, False, True])) | 2x3 | r
masked.cumsum: t.masked.cumsum(x, 1, mask=t.tensor([True, False, True])) | 2x3 | c
"""
