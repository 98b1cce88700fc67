"""PyTorch's `torch.nested` in its jagged layout: parts of different length, one behind the other in one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refgrad import creation
from refgrad.api.indexing import narrow
from refgrad.api.joining import cat
from refgrad.tangents import alias
from refgrad.tensor import Tensor

JAGGED = "torch.jagged"


class NestedTensor(Tensor):
    """The parts in one tensor, `values`, and where each begins and ends, `offsets`."""

    _offsets: tuple[int, ...] = (0,)
    is_nested = True
    layout = JAGGED

    def values(self) -> Tensor:
        """All parts, one behind the other, with their history."""
        return alias(self)

    def offsets(self) -> Tensor:
        """Where each part begins, and where the last ends."""
        return creation.tensor(list(self._offsets))

    def unbind(self, dim: int = 0) -> tuple[Tensor, ...]:
        """The parts, as views."""
        if dim != 0:
            raise RuntimeError(f"unbind(): only supports dim=0 of a nested tensor, but got {dim}")
        ends = zip(self._offsets, self._offsets[1:], strict=False)
        return tuple(narrow(self.values(), 0, start, end - start) for start, end in ends)

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        parts = ",\n  ".join(map(repr, self.unbind()))
        return f"nested_tensor([\n  {parts}\n])"


def as_nested_tensor(ts: Sequence[Tensor], *, dtype: Any = None, device: Any = None, layout: Any = JAGGED) -> Any:
    """The parts as one nested tensor that keeps their history.

    >>> a, b = creation.ones(2, requires_grad=True), creation.ones(1)
    >>> as_nested_tensor([a, b], layout=JAGGED).requires_grad
    True
    """
    if layout != JAGGED:
        raise NotImplementedError("refgrad has nested tensors in the jagged layout only; pass layout=torch.jagged")
    parts = [t if isinstance(t, Tensor) else creation.tensor(t) for t in ts]
    joined = cat(parts)
    found = alias(joined if dtype is None else joined.to(dtype), NestedTensor)
    offsets = [0]
    for part in parts:
        offsets.append(offsets[-1] + part.shape[0])
    found._offsets = tuple(offsets)
    return found


def nested_tensor(
    tensor_list: Sequence[Any],
    *,
    dtype: Any = None,
    device: Any = None,
    layout: Any = JAGGED,
    requires_grad: Any = False,
) -> Any:
    """A nested leaf made of copies of the parts, without their history."""
    parts = [t.detach() if isinstance(t, Tensor) else t for t in tensor_list]
    return as_nested_tensor(parts, dtype=dtype, layout=layout).requires_grad_(requires_grad)
