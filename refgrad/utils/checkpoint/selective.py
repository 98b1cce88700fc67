"""Checkpoints that keep the results of some operators, and compute the others again."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from refgrad.dispatch import Overload, TorchDispatchMode


class CheckpointPolicy(enum.Enum):
    """What a selective checkpoint does with the result of an operator."""

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3


class SelectiveCheckpointContext:
    """What a policy is told: whether this is the recomputation."""

    def __init__(self, *, is_recompute: bool) -> None:
        self.is_recompute = is_recompute


def create_selective_checkpoint_contexts(
    policy_fn_or_list: Any, allow_cache_entry_mutation: bool = False
) -> tuple[Any, Any]:
    """Contexts for `context_fn`: the results of the operators that the policy saves are kept from the forward pass,
    and stand in for them in recomputation. A list of operators says to save these, and none but these.

    >>> import functools
    >>> import refgrad as torch
    >>> from refgrad.utils.checkpoint import checkpoint
    >>> x = torch.ones(2, 2, requires_grad=True)
    >>> keep = functools.partial(create_selective_checkpoint_contexts, [torch.ops.aten.mm.default])
    >>> y = checkpoint(lambda x: (x @ x).sin(), x, use_reentrant=False, context_fn=keep)
    """
    policy = _policy(policy_fn_or_list)
    kept: dict[Any, list[_Kept]] = {}
    return _Keeping(policy, kept, allow_cache_entry_mutation), _Replaying(policy, kept, allow_cache_entry_mutation)


def _policy(given: Any) -> Callable[..., Any]:
    if isinstance(given, list):
        for op in given:
            if not isinstance(op, Overload):
                raise ValueError(
                    f"Expected op in `op_list` to be an OpOverload but got: {op} of type {type(op)}. Please pass "
                    "torch.ops.aten.<name>.default."
                )
        save, again = CheckpointPolicy.MUST_SAVE, CheckpointPolicy.PREFER_RECOMPUTE
        return lambda ctx, op, *args, **kwargs: save if op in given else again
    if callable(given):
        return given
    raise TypeError("policy_fn_or_list must be either a function or a list of ops.")


class _Kept:
    """One result, and its version when it was kept."""

    def __init__(self, found: Any) -> None:
        several = found if isinstance(found, tuple) else (found,)
        self.found, self.versions = found, [(x._cell, x._cell[0]) for x in several]

    def read(self, *, mutable: bool) -> Any:
        """The result, unless it was modified since."""
        if not mutable and any(cell[0] != version for cell, version in self.versions):
            raise RuntimeError(
                "Tensor cached during selective activation checkpoint has been mutated. Pass "
                "allow_cache_entry_mutation=True if that is meant."
            )
        return self.found


class _Selecting(TorchDispatchMode):
    is_recompute = False

    def __init__(self, policy: Callable[..., Any], kept: dict[Any, list[_Kept]], mutable: bool) -> None:
        self.policy, self.kept, self.mutable = policy, kept, mutable

    def saves(self, func: Any, args: Any, kwargs: Any) -> bool:
        """Whether the policy keeps the results of this operator."""
        said = self.policy(SelectiveCheckpointContext(is_recompute=self.is_recompute), func, *args, **kwargs)
        if isinstance(said, bool):
            return said
        return said in (CheckpointPolicy.MUST_SAVE, CheckpointPolicy.PREFER_SAVE)


class _Keeping(_Selecting):
    """The forward pass: keeps the results."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **kwargs)
        if self.saves(func, args, kwargs):
            self.kept.setdefault(func, []).append(_Kept(found))
        return found


class _Replaying(_Selecting):
    """The recomputation: takes what was kept, in the same order."""

    is_recompute = True

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not self.saves(func, args, kwargs):
            return func(*args, **kwargs)
        if func not in self.kept:
            raise RuntimeError(f"{func} encountered during backward, but not found in storage")
        if not self.kept[func]:
            raise RuntimeError(
                "Trying to backward an extra time. You are only allowed to backward once on any region computed under "
                "selective activation checkpoint."
            )
        return self.kept[func].pop(0).read(mutable=self.mutable)
