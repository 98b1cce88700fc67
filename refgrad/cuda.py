"""PyTorch's `torch.cuda`, for the one device that refgrad uses: whether there is one, its streams and its memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Self

from refgrad.attributes import CUDA
from refgrad.attributes import device as Device
from refgrad.backends import backend_on, devices
from refgrad.errors import OutOfDeviceMemory as OutOfMemoryError
from refgrad.modes import state

__all__ = [
    "Event",
    "OutOfMemoryError",
    "Stream",
    "current_device",
    "current_stream",
    "default_stream",
    "device_count",
    "empty_cache",
    "get_device_capability",
    "get_device_name",
    "is_available",
    "mem_get_info",
    "memory_allocated",
    "memory_reserved",
    "stream",
    "synchronize",
    "versions",
]


def _driver() -> Any:
    """What CuPy offers of the driver; `DeviceUnavailable` where there is no device."""
    return backend_on(CUDA.type).cuda


def is_available() -> bool:
    """Whether tensors can lie on a CUDA device.

    >>> is_available() == (device_count() > 0)
    True
    """
    return devices.is_available()


def device_count() -> int:
    """The number of CUDA devices that refgrad uses: one, the first that CUDA_VISIBLE_DEVICES names, or none."""
    return int(devices.is_available())


def current_device() -> int:
    """The number of the device."""
    _driver()
    return CUDA.index


def get_device_name(device: Any = None) -> str:
    """What the driver calls the device."""
    return _driver().runtime.getDeviceProperties(CUDA.index)["name"].decode()


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """The version of its instructions."""
    digits = _driver().Device(CUDA.index).compute_capability
    return int(digits[:-1]), int(digits[-1])


def versions() -> dict[str, str]:
    """CuPy's version, that of the CUDA it was made for, and the newest that the driver supports."""
    runtime = _driver().runtime
    return {
        "cupy": backend_on(CUDA.type).VERSION,
        "cuda": devices.spelled(runtime.runtimeGetVersion()),
        "driver": devices.spelled(runtime.driverGetVersion()),
    }


def synchronize(device: Any = None) -> None:
    """Waits until the device has done all it was told."""
    _driver().Device(CUDA.index).synchronize()


# --- memory -----------------------------------------------------------------------------------------------------------


def _pool() -> Any:
    return backend_on(CUDA.type).get_default_memory_pool()


def memory_allocated(device: Any = None) -> int:
    """The bytes that arrays on the device take."""
    return _pool().used_bytes() if is_available() else 0


def memory_reserved(device: Any = None) -> int:
    """The bytes that were taken from the driver, those kept for later arrays included."""
    return _pool().total_bytes() if is_available() else 0


def mem_get_info(device: Any = None) -> tuple[int, int]:
    """The bytes of the device that are free, and all of them."""
    return _driver().runtime.memGetInfo()


def empty_cache() -> None:
    """Gives back to the driver what is kept for later arrays."""
    if is_available():
        _pool().free_all_blocks()


# --- streams ----------------------------------------------------------------------------------------------------------


class Event:
    """A point in the work of a stream."""

    def __init__(self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> None:
        self._event = _driver().Event(block=blocking, disable_timing=not enable_timing)

    def record(self, stream: Stream | None = None) -> None:
        """Marks all the work that the stream was given before."""
        self._event.record((stream or current_stream())._queue)

    def wait(self, stream: Stream | None = None) -> None:
        """Lets the stream go on only after what was marked."""
        (stream or current_stream()).wait_event(self)

    def query(self) -> bool:
        """Whether what was marked is done."""
        return self._event.done

    def synchronize(self) -> None:
        """Waits until what was marked is done."""
        self._event.synchronize()

    def elapsed_time(self, end_event: Event) -> float:
        """The milliseconds from this point to the other."""
        return _driver().get_elapsed_time(self._event, end_event._event)


class Stream:
    """A queue of work of the device: what is in one is done in order.

    An operation recorded while it is the current one runs its backward there too, after all that the stream that the
    backward pass was called on was given before, and before all that comes after.
    """

    def __init__(self, device: Any = None, priority: int = 0, *, queue: Any = None) -> None:
        self.device = CUDA if device is None else Device(device)
        self._queue = _driver().Stream(non_blocking=True) if queue is None else queue

    def record_event(self, event: Event | None = None) -> Event:
        """A mark after all the work that it was given so far."""
        event = Event() if event is None else event
        event.record(self)
        return event

    def wait_event(self, event: Event) -> None:
        """Later work here begins only after what was marked."""
        self._queue.wait_event(event._event)

    def wait_stream(self, stream: Stream) -> None:
        """Later work here begins only after what the other has been given so far."""
        self.wait_event(stream.record_event())

    def synchronize(self) -> None:
        """Waits until its work is done."""
        self._queue.synchronize()

    @contextlib.contextmanager
    def after_and_before_the_current(self) -> Iterator[None]:
        """Within it this stream is the current one, in order with the work of the one that was."""
        outer = current_stream()
        if outer == self:
            yield
            return
        self.wait_stream(outer)
        with self._queue:
            yield
        outer.wait_stream(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and self._queue == other._queue

    def __hash__(self) -> int:
        return hash(self._queue)

    def __repr__(self) -> str:
        return f"<torch.cuda.Stream device={self.device} {self._queue!r}>"


class stream:  # noqa: N801 - PyTorch's name
    """A context in which a stream is the current one; None changes nothing."""

    def __init__(self, stream: Stream | None) -> None:
        self._stream, self._before = stream, None

    def __enter__(self) -> Self:
        if self._stream is not None:
            self._before = state.stream
            self._stream._queue.__enter__()
            state.stream = None if self._stream == default_stream() else self._stream
            state.refresh()
        return self

    def __exit__(self, *error: object) -> None:
        if self._stream is not None:
            self._stream._queue.__exit__(*error)
            state.stream = self._before
            state.refresh()


def current_stream(device: Any = None) -> Stream:
    """The stream that work is given to now."""
    return Stream(queue=_driver().get_current_stream())


def default_stream(device: Any = None) -> Stream:
    """The stream that work is given to where nothing else is said."""
    return Stream(queue=_driver().Stream.null)
