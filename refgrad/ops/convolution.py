"""Convolution and the two maps that transpose it: one trilinear form ⟨y, x ∗ w⟩, each row a derivative of the other
two.

Attributes have one entry for each spatial dimension; `out` is the size of the result, so that rounding and output
padding are decided once, by the caller. Bias, `padding="same"` and transposed convolution are written on top, in
`refgrad.api`.
"""

from __future__ import annotations

from refgrad.backends import windows
from refgrad.rules import linear

convolution = linear(  # (N, C, *sizes), (O, C/groups, *kernel) -> (N, O, *out)
    "convolution",
    lambda g, _x, w, *, stride, padding, dilation, groups: convolution_input(
        g, w, size=tuple(_x.shape[2:]), stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    lambda g, x, _w, *, stride, padding, dilation, groups: convolution_weight(
        x, g, kernel=tuple(_w.shape[2:]), stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    kernel=windows.convolution,
)
convolution_input = linear(  # (N, O, *out), (O, C/groups, *kernel) -> (N, C, *size)
    "convolution_input",
    lambda g, _y, w, *, stride, padding, dilation, groups: convolution(
        g, w, out=tuple(_y.shape[2:]), stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    lambda g, y, _w, *, stride, padding, dilation, groups: convolution_weight(
        g, y, kernel=tuple(_w.shape[2:]), stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    kernel=windows.convolution_input,
    node="ConvolutionBackward0",
)
convolution_weight = linear(  # (N, C, *sizes), (N, O, *out) -> (O, C/groups, *kernel)
    "convolution_weight",
    lambda g, _x, y, *, stride, padding, dilation, groups: convolution_input(
        y, g, size=tuple(_x.shape[2:]), stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    lambda g, x, _y, *, stride, padding, dilation, groups: convolution(
        x, g, out=tuple(_y.shape[2:]), stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    kernel=windows.convolution_weight,
    node="ConvolutionBackwardBackward0",
)
