"""A reference automatic-differentiation engine whose public names are PyTorch's: ``import refgrad as torch``."""

from __future__ import annotations

__version__ = "0.1.0"

import math as _math

from refgrad import _C, autograd, cuda, fft, func, linalg, ops, special  # noqa: F401 - public
from refgrad import creation as _creation  # noqa: F401 - public
from refgrad import dispatch as _dispatch
from refgrad import dtypes as _dtypes
from refgrad import methods as _methods
from refgrad import modes as _modes
from refgrad.attributes import Size, device  # noqa: F401 - public
from refgrad.autograd.anomaly_mode import is_anomaly_check_nan_enabled, is_anomaly_enabled  # noqa: F401 - public
from refgrad.creation import *
from refgrad.func import vmap  # noqa: F401 - public
from refgrad.printing import set_printoptions  # noqa: F401 - public
from refgrad.random import *
from refgrad.tensor import Tensor

globals().update(_methods.TORCH_FUNCTIONS)
globals().update({k: v for k, v in vars(_dtypes).items() if isinstance(v, _dtypes.dtype)})
ops.aten = _dispatch.aten
dtype = _dtypes.dtype
e, inf, nan, pi = _math.e, _math.inf, _math.nan, _math.pi
get_default_dtype, promote_types = _dtypes.get_default_dtype, _dtypes.promote_types
no_grad, enable_grad, set_grad_enabled, inference_mode = (
    _modes.no_grad,
    _modes.enable_grad,
    _modes.set_grad_enabled,
    _modes.inference_mode,
)
is_grad_enabled, is_inference_mode_enabled = _modes.is_grad_enabled, _modes.is_inference_mode_enabled
strided, jagged, contiguous_format, preserve_format, channels_last = (
    "torch.strided",
    "torch.jagged",
    "torch.contiguous_format",
    "torch.preserve_format",
    "torch.channels_last",
)


def is_tensor(obj: object) -> bool:
    """Whether the object is a tensor."""
    return isinstance(obj, Tensor)


def is_inference(input: Tensor) -> bool:
    """Whether the tensor was made in inference mode."""
    return input.is_inference()


def numel(input: Tensor) -> int:
    """The number of elements."""
    return input.numel()


def set_default_dtype(d: dtype) -> None:
    """Makes `d` the type of floats that are made without saying which."""
    _dtypes.set_default_dtype(d)


def set_warn_always(b: bool) -> None:
    """Accepted as PyTorch's; how often a warning shows is left to Python's own filters."""


def result_type(tensor1: object, tensor2: object) -> dtype:
    """The dtype of an operation on the two."""
    from refgrad.promotion import promoted

    return promoted([x._data if isinstance(x, Tensor) else x for x in (tensor1, tensor2)])


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether the category of one dtype may be cast to that of the other."""
    return from_.category <= to.category


from refgrad import amp, masked, nested, nn, optim, utils  # noqa: F401, E402 - built on the names above
