"""Memory, streams and what else CuPy asks of the driver; here all work is done at once."""

from __future__ import annotations

import types
from typing import Any, ClassVar

import numpy as np

limits = {"bytes": 1 << 30}
"""The largest array that there is memory for."""


class OutOfMemoryError(MemoryError):
    """CuPy's error for an allocation that does not fit."""


class Memory:
    """One allocation, known by the array that fills it."""

    def __init__(self, root: np.ndarray) -> None:
        self.root, self.size = root, root.nbytes
        self.ptr = root.__array_interface__["data"][0]


class MemoryPointer:
    """A place in an allocation."""

    def __init__(self, mem: Memory, offset: int) -> None:
        self.mem, self._offset = mem, offset

    @property
    def ptr(self) -> int:
        return self.mem.ptr + self._offset


class Event:
    """A mark in a stream."""

    done = True

    def __init__(self, block: bool = False, disable_timing: bool = False) -> None:
        self._stream: Any = None

    def record(self, stream: Any = None) -> None:
        self._stream = stream

    def synchronize(self) -> None:
        """All is done at once."""


class Stream:
    """A queue of work; here all work is done at once."""

    null: ClassVar[Any] = None
    _current: ClassVar[list[Any]] = []

    def __init__(self, null: bool = False, non_blocking: bool = False) -> None:
        self._waited_for: list[Any] = []

    def __enter__(self) -> Stream:
        Stream._current.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        Stream._current.pop()

    def record(self, event: Event) -> None:
        event.record(self)

    def wait_event(self, event: Event) -> None:
        self._waited_for.append(event._stream)

    def synchronize(self) -> None:
        """All is done at once."""


Stream.null = Stream(null=True)


class Device:
    """The device."""

    compute_capability = "90"

    def __init__(self, device: int = 0) -> None:
        self.id = device

    def synchronize(self) -> None:
        """All is done at once."""


class Pool:
    """What hands out memory, and keeps what is given back."""

    def malloc(self, size: int) -> None:
        if size > limits["bytes"]:
            raise OutOfMemoryError(size)

    def used_bytes(self) -> int:
        return 1024

    def total_bytes(self) -> int:
        return 2048

    def free_all_blocks(self) -> None:
        """There are none."""


pool = Pool()
allocator = [pool.malloc]


def _runtime() -> types.SimpleNamespace:
    return types.SimpleNamespace(
        getDeviceCount=lambda: 1,
        runtimeGetVersion=lambda: 13000,
        driverGetVersion=lambda: 13000,
        memGetInfo=lambda: (1 << 29, 1 << 30),
        getDeviceProperties=lambda _device: {"name": b"stand-in"},
    )


def cuda() -> types.SimpleNamespace:
    """`cupy.cuda`, fresh: tests break it."""
    allocator[:] = [pool.malloc]
    return types.SimpleNamespace(
        get_allocator=lambda: allocator[0],
        set_allocator=lambda f: allocator.__setitem__(0, f),
        memory=types.SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
        runtime=_runtime(),
        get_current_stream=lambda: Stream._current[-1] if Stream._current else Stream.null,
        get_elapsed_time=lambda _start, _end: 0.0,
        **{c.__name__: c for c in (Device, Event, MemoryPointer, Stream)},
    )
