"""Layers that drop elements at random while training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from refgrad.nn import functional as F
from refgrad.nn.modules.function_module import FunctionModule
from refgrad.tensor import Tensor


class _Drop(FunctionModule):
    """Dropping with probability p, in training mode only."""

    options: ClassVar[Mapping[str, Any]] = {"p": 0.5, "inplace": False}

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__(p, inplace)
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")

    def forward(self, input: Tensor) -> Tensor:
        """What is left of the input."""
        return type(self).function(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        """The options."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Drop):
    """Elements set to zero with probability p, the others divided by 1 - p.

    >>> from refgrad import ones
    >>> Dropout(0.5).eval()(ones(3))
    tensor([1., 1., 1.])
    """

    function = F.dropout


class Dropout1d(_Drop):
    """Whole channels of lines set to zero."""

    function = F.dropout1d


class Dropout2d(_Drop):
    """Whole channels of planes set to zero."""

    function = F.dropout2d


class Dropout3d(_Drop):
    """Whole channels of volumes set to zero."""

    function = F.dropout3d


class AlphaDropout(_Drop):
    """Dropout that keeps mean and variance of what SELU gives."""

    function = F.alpha_dropout
