"""What a tensor says of itself that is not a number: its size, and the device that it is on."""

from __future__ import annotations

from typing import Any


class Size(tuple):
    """A shape.

    >>> Size((2, 3)), Size((2, 3)).numel()
    (torch.Size([2, 3]), 6)
    """

    __slots__ = ()

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        n = 1
        for k in self:
            n *= k
        return n

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def __getitem__(self, i: Any) -> Any:
        found = tuple.__getitem__(self, i)
        return Size(found) if isinstance(i, slice) else found

    def __add__(self, other: Any) -> Size:
        return Size(tuple(self) + tuple(other))


class device:  # noqa: N801, PyTorch's name
    """Where a tensor is: ``cpu``, ``cuda``, or ``meta`` for tensors without data; a number alone is that of a CUDA
    device.

    >>> device("cpu"), device("cuda", 1).index, device(0)
    (device(type='cpu'), 1, device(type='cuda', index=0))
    """

    __slots__ = ("index", "type")

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        elif isinstance(type, int):
            type, index = "cuda", type
        self.type, _, number = str(type).partition(":")
        if number and not number.isdecimal():
            raise RuntimeError(f"Invalid device string: '{type}'")
        self.index = int(number) if number else index
        if self.type not in {"cpu", "meta", "cuda"}:
            raise RuntimeError(f"Expected one of cpu, cuda, meta device type at start of device string: {type}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        return f"device(type={self.type!r}{'' if self.index is None else f', index={self.index}'})"


CPU, META, CUDA = device("cpu"), device("meta"), device("cuda:0")
