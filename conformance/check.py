"""check_gradients: whether the backward pass of a function agrees with its own forward pass, for people's own tests."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any, Literal

from conformance.checking.full import check_full
from conformance.checking.outcome import GradientMismatch, Inconclusive, InconclusiveWarning, Report
from conformance.checking.projected import check_projected
from conformance.checking.second import second_order
from conformance.checking.tensors import TensorSubject
from conformance.errors import UsageError

__all__ = ["GradientMismatch", "Inconclusive", "InconclusiveWarning", "Report", "check_gradients"]


def check_gradients(
    fn: Callable[..., Any],
    *inputs: Any,
    mode: Literal["projected", "full"] = "projected",
    order: Literal[1, 2] = 1,
    seed: int | None = None,
    forward_mode: bool = False,
    on_inconclusive: Literal["raise", "warn"] = "raise",
) -> Report:
    """The numbers of a check that found nothing wrong with the gradients of ``fn(*inputs)``.

    Raises `GradientMismatch` where they are wrong, and `Inconclusive` where that cannot be told, which is never a pass.
    Inputs are tensors of PyTorch or refgrad, nested in tuples, lists and dicts as you like; those that require grad are checked,
    all floating ones if none does. ``projected`` compares along random directions; ``full`` compares all rows of the
    Jacobian with its columns in randomly weighted groups; ``order=2`` checks the derivative of the backward pass as well.
    ``forward_mode`` holds forward against reverse mode too.
    Each call draws a fresh seed, which a failure prints.

    >>> import refgrad as torch  # or PyTorch itself
    >>> x = torch.tensor([0.5, -1.0], dtype=torch.float64)
    >>> check_gradients(torch.sin, x).verdict
    'pass'
    >>> check_gradients(lambda x: x * x.detach(), x, seed=0)
    Traceback (most recent call last):
        ...
    conformance.checking.outcome.GradientMismatch: the first backward pass contradicts the function
      likely: a constant factor of 1/2
      ...
    """
    if mode not in ("projected", "full"):
        raise UsageError(f"no mode {mode!r}; use 'projected' or 'full'")
    if order not in (1, 2):
        raise UsageError(
            f"order {order!r} cannot be checked; use 1, or 2 for the derivative of the backward pass as well"
        )
    if on_inconclusive not in ("raise", "warn"):
        raise UsageError(f"no on_inconclusive {on_inconclusive!r}; use 'raise' or 'warn'")
    seed = int.from_bytes(os.urandom(4), "little") if seed is None else seed
    subject = TensorSubject(fn, inputs)
    try:
        return _check(subject, mode, order, seed, forward_mode=forward_mode)
    except Inconclusive as undecided:
        if on_inconclusive == "raise":
            raise
        warnings.warn(str(undecided), InconclusiveWarning, stacklevel=2)
        inf = float("inf")
        return Report("inconclusive", mode, order, subject.n, subject.m, 0, inf, inf, subject.evaluations,
                      subject.batched, seed, (undecided.reason,))  # fmt: skip


def _check(subject: TensorSubject, mode: str, order: int, seed: int, *, forward_mode: bool) -> Report:
    if order == 2:
        _check(subject, mode, 1, seed, forward_mode=forward_mode)
        subject = second_order(subject, seed)
    if mode == "full":
        return check_full(subject, seed, order, forward_mode=forward_mode)
    return check_projected(subject, seed, order, forward_mode=forward_mode)
