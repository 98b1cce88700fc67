"""Pooling, each layer a function and its options."""

from __future__ import annotations

from typing import Any

from refgrad.api.convolution import each
from refgrad.nn import functional as F
from refgrad.nn.modules.function_module import REQUIRED, FunctionModule


class _Pool(FunctionModule):
    """Pooling over windows, whose step is their size unless given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stride = self.kernel_size if self.stride is None else self.stride


_MAX = {
    "kernel_size": REQUIRED, "stride": None, "padding": 0, "dilation": 1, "return_indices": False, "ceil_mode": False,
}  # fmt: skip
_MAX_SHOWN = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")


class MaxPool1d(_Pool):
    """The largest element of each window of a line."""

    function, options, shown = F.max_pool1d, _MAX, _MAX_SHOWN


class MaxPool2d(_Pool):
    """The largest element of each window of a plane.

    >>> from refgrad import arange
    >>> MaxPool2d(2)(arange(16.0).reshape(1, 1, 4, 4))
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])
    """

    function, options, shown = F.max_pool2d, _MAX, _MAX_SHOWN


class MaxPool3d(_Pool):
    """The largest element of each window of a volume."""

    function, options, shown = F.max_pool3d, _MAX, _MAX_SHOWN


_AVG = {"kernel_size": REQUIRED, "stride": None, "padding": 0, "ceil_mode": False, "count_include_pad": True}
_AVG_SHOWN = ("kernel_size", "stride", "padding")


class AvgPool1d(_Pool):
    """The mean of each window of a line."""

    function, options, shown = F.avg_pool1d, _AVG, _AVG_SHOWN

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _AVG_SHOWN:
            setattr(self, name, each(getattr(self, name), 1))


class AvgPool2d(_Pool):
    """The mean of each window of a plane."""

    function, options, shown = F.avg_pool2d, {**_AVG, "divisor_override": None}, _AVG_SHOWN


class AvgPool3d(_Pool):
    """The mean of each window of a volume."""

    function, options, shown = F.avg_pool3d, {**_AVG, "divisor_override": None}, _AVG_SHOWN


_SIZE = {"output_size": REQUIRED}


class AdaptiveAvgPool1d(FunctionModule):
    """Means of as many windows of a line as are asked for."""

    function, options, shown = F.adaptive_avg_pool1d, _SIZE, tuple(_SIZE)


class AdaptiveAvgPool2d(FunctionModule):
    """Means of as many windows of a plane as are asked for."""

    function, options, shown = F.adaptive_avg_pool2d, _SIZE, tuple(_SIZE)


class AdaptiveAvgPool3d(FunctionModule):
    """Means of as many windows of a volume as are asked for."""

    function, options, shown = F.adaptive_avg_pool3d, _SIZE, tuple(_SIZE)


class AdaptiveMaxPool1d(FunctionModule):
    """The largest elements of as many windows of a line as are asked for."""

    function, options, shown = F.adaptive_max_pool1d, {**_SIZE, "return_indices": False}, tuple(_SIZE)


class AdaptiveMaxPool2d(FunctionModule):
    """The largest elements of as many windows of a plane as are asked for."""

    function, options, shown = F.adaptive_max_pool2d, {**_SIZE, "return_indices": False}, tuple(_SIZE)


_LP = {"norm_type": REQUIRED, "kernel_size": REQUIRED, "stride": None, "ceil_mode": False}


class LPPool1d(FunctionModule):
    """The p-norm of each window of a line."""

    function, options, shown = F.lp_pool1d, _LP, tuple(_LP)


class LPPool2d(FunctionModule):
    """The p-norm of each window of a plane."""

    function, options, shown = F.lp_pool2d, _LP, tuple(_LP)


class LPPool3d(FunctionModule):
    """The p-norm of each window of a volume."""

    function, options, shown = F.lp_pool3d, _LP, tuple(_LP)
