"""The dtypes that an operator is asked in: both floating ones, and complex ones where PyTorch documents support for them."""

from __future__ import annotations

from conformance.operators.spec import OperatorSpec

REAL_DTYPES = ("float64", "float32")
COMPLEX_DTYPES = ("complex128", "complex64")

COMPLEX = frozenset(
    """
    abs acos acosh add addmm asin asinh atan atanh baddbmm bmm broadcast_to cat chunk clone contiguous cos cosh cumprod cumsum diag
    diagonal div dot einsum exp exp2 expand expm1 flatten flip gather getitem hstack index_add index_select inner kron lerp
    linalg.det linalg.inv linalg.solve linalg.multi_dot linalg.vector_norm log log10 log1p log2 logsumexp masked_fill matmul
    mean mm mul mv narrow neg nn.functional.conv1d nn.functional.conv2d nn.functional.conv3d nn.functional.conv_transpose2d
    nn.functional.linear nn.functional.pad nn.functional.unfold nn.functional.softsign nn.functional.tanhshrink outer permute pow prod
    ravel reciprocal repeat repeat_interleave reshape roll rsqrt scatter scatter_add select sigmoid sin sinc sinh split sqrt square
    squeeze stack sub sum t take_along_dim tan tanh tensordot tile trace transpose tril triu true_divide unbind unfold unsqueeze
    view vstack where
    """.split()
)
"""Operators of both kinds of numbers in PyTorch's documentation, where the derivative in complex numbers is one of its own."""

REAL_ATTRIBUTES = frozenset({"rounding_mode", "aweights"})
"""Attributes and arguments that mean nothing for complex numbers."""


def dtypes_of(spec: OperatorSpec) -> tuple[str, ...]:
    """The dtypes in which the operator is asked; real ones first.

    >>> from conformance.operators import find
    >>> dtypes_of(find("relu")), len(dtypes_of(find("mul")))
    (('float64', 'float32'), 4)
    """
    takes = spec.name in COMPLEX or (spec.sampling is not None and spec.sampling.complex)
    return REAL_DTYPES + (COMPLEX_DTYPES if takes else ())
