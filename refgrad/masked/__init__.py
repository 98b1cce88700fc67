"""PyTorch's `torch.masked`: tensors of which some elements do not count, and reductions over those that do.

What is here is what differentiation through masks needs. Values where the mask is False are no one's business: they are
computed, and never shown.
"""

from refgrad.masked.normalisations import cumprod, cumsum, log_softmax, logaddexp, normalize, softmax, softmin
from refgrad.masked.operators import apply_masked
from refgrad.masked.reductions import amax, amin, logsumexp, mean, median, norm, prod, std, sum, var
from refgrad.masked.tensor import MaskedTensor, as_masked_tensor, is_masked_tensor, masked_tensor
from refgrad.modes import masking

masking.operator = apply_masked

__all__ = [
    "MaskedTensor",
    "amax",
    "amin",
    "as_masked_tensor",
    "cumprod",
    "cumsum",
    "is_masked_tensor",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "masked_tensor",
    "mean",
    "median",
    "norm",
    "normalize",
    "prod",
    "softmax",
    "softmin",
    "std",
    "sum",
    "var",
]
