"""Forward mode: dual tensors carry a tangent through every operation."""

from __future__ import annotations

from typing import NamedTuple, Self

from refgrad.levels import next_level, pop_level, push_level, with_tangent
from refgrad.modes import state
from refgrad.tangents import alias
from refgrad.tensor import Tensor


class UnpackedDualTensor(NamedTuple):
    """The parts of a dual tensor; `tangent` is None where there is none."""

    primal: Tensor
    tangent: Tensor | None


def enter_dual_level() -> int:
    """The number of the level that starts."""
    if state.duals:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    level = next_level()
    state.duals = (*state.duals, level)
    push_level(level)
    return level


def exit_dual_level(*, level: int | None = None) -> None:
    """Ends the level: tangents made in it are gone."""
    if not state.duals:
        raise RuntimeError("Trying to exit a forward AD level but no level is active")
    if level is not None and level != state.duals[-1]:
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not supported."
        )
    ended = state.duals[-1]
    state.duals = state.duals[:-1]
    pop_level(ended)


class dual_level:  # noqa: N801, PyTorch's name
    """A context in which dual tensors can be made.

    >>> from refgrad import tensor
    >>> with dual_level():
    ...     unpack_dual(make_dual(tensor(3.0), tensor(1.0)) ** 2).tangent
    tensor(6.)
    """

    def __enter__(self) -> Self:
        self._level = enter_dual_level()
        return self

    def __exit__(self, *_: object) -> None:
        exit_dual_level(level=self._level)


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """A view of the tensor that carries the tangent."""
    if level is None:
        level = state.duals[-1] if state.duals else None
    if level is None:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first."
        )
    if not (tensor.dtype.is_floating_point or tensor.dtype.is_complex):
        raise ValueError(f"Expected primal to be floating point or complex, but got: {tensor.dtype}")
    if not (tangent.dtype.is_floating_point or tangent.dtype.is_complex):
        raise ValueError(f"Expected tangent to be floating point or complex, but got: {tangent.dtype}")
    return with_tangent(tensor, tangent, level)


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """The primal and the tangent."""
    if level is None:
        level = state.duals[-1] if state.duals else None
    if level is None or not state.forward or not tensor._tangents or level not in tensor._tangents:
        return UnpackedDualTensor(tensor, None)
    primal = alias(tensor)
    primal._tangents = {k: v for k, v in tensor._tangents.items() if k != level} or None
    return UnpackedDualTensor(primal, tensor._tangents[level])


def _is_fwd_grad_enabled() -> bool:
    return state.forward


__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]
