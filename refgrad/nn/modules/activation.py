"""Activations, each of them a function and its options."""

from __future__ import annotations

from typing import Any

from refgrad import creation
from refgrad.nn import functional as F
from refgrad.nn.modules.function_module import REQUIRED, FunctionModule
from refgrad.nn.modules.module import Module
from refgrad.nn.parameter import Parameter
from refgrad.tensor import Tensor


class ReLU(FunctionModule):
    """The positive part.

    >>> ReLU()(creation.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    function, options, shown = F.relu, {"inplace": False}, ("inplace",)


class ReLU6(FunctionModule):
    """The input kept between 0 and 6."""

    function, options, shown = F.relu6, {"inplace": False}, ("inplace",)


class LeakyReLU(FunctionModule):
    """The input, its negative part scaled."""

    function, options = F.leaky_relu, {"negative_slope": 0.01, "inplace": False}
    shown = ("negative_slope", "inplace")


class Threshold(FunctionModule):
    """The input above the threshold, a value elsewhere."""

    function, options = F.threshold, {"threshold": REQUIRED, "value": REQUIRED, "inplace": False}
    shown = ("threshold", "value", "inplace")


class Hardtanh(FunctionModule):
    """The input kept between two bounds."""

    function, options = F.hardtanh, {"min_val": -1.0, "max_val": 1.0, "inplace": False}
    shown = ("min_val", "max_val", "inplace")


class Hardsigmoid(FunctionModule):
    """A sigmoid of three straight pieces."""

    function, options = F.hardsigmoid, {"inplace": False}


class Hardswish(FunctionModule):
    """The input times its hard sigmoid."""

    function, options = F.hardswish, {"inplace": False}


class ELU(FunctionModule):
    """The input where positive, scaled exponentials less one elsewhere."""

    function, options, shown = F.elu, {"alpha": 1.0, "inplace": False}, ("alpha", "inplace")


class CELU(FunctionModule):
    """ELU with a continuous derivative."""

    function, options, shown = F.celu, {"alpha": 1.0, "inplace": False}, ("alpha", "inplace")


class SELU(FunctionModule):
    """ELU scaled such that mean 0 and variance 1 stay."""

    function, options, shown = F.selu, {"inplace": False}, ("inplace",)


class SiLU(FunctionModule):
    """The input times its sigmoid."""

    function, options, shown = F.silu, {"inplace": False}, ("inplace",)


class Mish(FunctionModule):
    """The input times the tanh of its softplus."""

    function, options, shown = F.mish, {"inplace": False}, ("inplace",)


class GELU(FunctionModule):
    """The input times the normal distribution function of it."""

    function, options, shown = F.gelu, {"approximate": "none"}, ("approximate",)


class Softplus(FunctionModule):
    """A smooth ReLU."""

    function, options, shown = F.softplus, {"beta": 1.0, "threshold": 20.0}, ("beta", "threshold")


class Softshrink(FunctionModule):
    """The input moved towards zero."""

    function, options = F.softshrink, {"lambd": 0.5}

    def extra_repr(self) -> str:
        """By how much."""
        return str(self.lambd)


class Hardshrink(Softshrink):
    """The input, small values set to zero."""

    function, options = F.hardshrink, {"lambd": 0.5}


class Softsign(FunctionModule):
    """The input over one plus its absolute value."""

    function = F.softsign


class Tanhshrink(FunctionModule):
    """The input less its tanh."""

    function = F.tanhshrink


class LogSigmoid(FunctionModule):
    """The logarithm of the sigmoid."""

    function = F.logsigmoid


class Sigmoid(FunctionModule):
    """The logistic function."""

    function = F.sigmoid


class Tanh(FunctionModule):
    """The hyperbolic tangent."""

    function = F.tanh


class GLU(FunctionModule):
    """One half of the input times the sigmoid of the other."""

    function, options, shown = F.glu, {"dim": -1}, ("dim",)


class Softmax(FunctionModule):
    """Exponentials over their sum."""

    function, options, shown = F.softmax, {"dim": None}, ("dim",)


class LogSoftmax(FunctionModule):
    """The logarithm of softmax."""

    function, options, shown = F.log_softmax, {"dim": None}, ("dim",)


class Softmin(FunctionModule):
    """Softmax of the negative."""

    function, options, shown = F.softmin, {"dim": None}, ("dim",)


class PReLU(Module):
    """The input, its negative part scaled by learnt weights."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = Parameter(creation.full((num_parameters,), init, dtype=dtype, device=device))

    def forward(self, input: Tensor) -> Tensor:
        """The scaled input."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """How many weights."""
        return f"num_parameters={self.num_parameters}"
