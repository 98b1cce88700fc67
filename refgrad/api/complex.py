"""Complex numbers."""

from __future__ import annotations

from refgrad.api.forms import unary
from refgrad.api.naming import recorded_as
from refgrad.ops import complex as ops
from refgrad.ops.arithmetic import sign as _sign
from refgrad.rules import conj as _conj
from refgrad.tensor import Tensor


def real(input: Tensor) -> Tensor:
    """The real part: a view; a real tensor itself."""
    return ops.real(input) if input.dtype.is_complex else input


def imag(input: Tensor) -> Tensor:
    """The imaginary part: a view."""
    if not input.dtype.is_complex:
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return ops.imag(input)


def conj(input: Tensor) -> Tensor:
    """The complex conjugate; a real tensor itself."""
    return _conj(input) if input.dtype.is_complex else input


def conj_physical(input: Tensor) -> Tensor:
    """The complex conjugate as a copy."""
    return _conj(input) if input.dtype.is_complex else input.clone()


resolve_conj = resolve_neg = lambda input: input


def complex(real: Tensor, imag: Tensor) -> Tensor:
    """Complex numbers of these parts."""
    return ops.complex(real, imag)


def polar(abs: Tensor, angle: Tensor) -> Tensor:
    """Complex numbers of these moduli and angles."""
    return ops.polar(abs, angle)


def sgn(input: Tensor) -> Tensor:
    """The sign; of complex numbers, those of the same direction and modulus one."""
    return ops.sgn(input) if input.dtype.is_complex else recorded_as("SgnBackward0")(_sign)(input)


angle = unary(ops.angle)
view_as_real = unary(ops.view_as_real)
view_as_complex = unary(ops.view_as_complex)


def is_complex(input: Tensor) -> bool:
    """Whether the dtype is complex."""
    return input.dtype.is_complex


def is_floating_point(input: Tensor) -> bool:
    """Whether the dtype is a floating-point one."""
    return input.dtype.is_floating_point
