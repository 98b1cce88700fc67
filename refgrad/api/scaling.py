"""Numbers as binary floating point, with the signatures of `torch`."""

from __future__ import annotations

from typing import Any

from refgrad.api.forms import checked, fields
from refgrad.api.naming import recorded_as
from refgrad.ops import scaling as ops
from refgrad.tensor import Tensor


def ldexp(input: Tensor, other: Tensor) -> Tensor:
    """``input * 2 ** other``, also where the power alone would overflow.

    >>> from refgrad import tensor
    >>> ldexp(tensor([1.0, -3.0]), tensor([3, -1])).tolist()
    [8.0, -1.5]
    """
    return ops.ldexp(checked(input, "ldexp"), checked(other, "ldexp", "other"))


def frexp(input: Tensor) -> Any:
    """The `mantissa`, from 1/2 to 1 in size, and the integral `exponent` with ``input == mantissa * 2 ** exponent``; the
    exponent is constant to differentiation. Raises RuntimeError for tensors that do not hold real floating-point numbers.

    >>> from refgrad import tensor
    >>> [part.tolist() for part in frexp(tensor([6.0, -0.25]))]
    [[0.75, -0.5], [3, -1]]
    """
    if not input.dtype.is_floating_point:
        raise RuntimeError("torch.frexp() only supports floating-point dtypes")
    exponent = ops.exponent(input)
    mantissa = recorded_as("FrexpBackward0")(ops.ldexp)(input, -exponent)
    return fields("frexp", "mantissa", "exponent")(mantissa, exponent)


def nextafter(input: Tensor, other: Tensor) -> Tensor:
    """The next number of the dtype after `input` towards `other`; its derivative by `input` is 1 where they differ."""
    return ops.nextafter(checked(input, "nextafter"), checked(other, "nextafter", "other"))
