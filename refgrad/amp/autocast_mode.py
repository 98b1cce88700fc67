"""Decorators for custom functions under autocast. refgrad computes in the dtypes it is given, so there is no autocast
region, and outside of one PyTorch's decorators change nothing either.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

Method = Callable[..., Any]


def custom_fwd(fwd: Method | None = None, *, device_type: str = "cuda", cast_inputs: Any = None) -> Method:
    """The `forward` of a custom function, as it is: with and without arguments to the decorator."""
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def forward(*args: Any, **kwargs: Any) -> Any:
        return fwd(*args, **kwargs)

    return forward


def custom_bwd(bwd: Method | None = None, *, device_type: str = "cuda") -> Method:
    """The `backward` of a custom function, as it is: with and without arguments to the decorator."""
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def backward(*args: Any, **kwargs: Any) -> Any:
        return bwd(*args, **kwargs)

    return backward
