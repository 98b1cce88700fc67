"""Every exception of refgrad that PyTorch does not have.

Where PyTorch documents a class (mostly ``RuntimeError``), refgrad raises exactly that class; the tree here is for the rest.
"""

from __future__ import annotations


class RefgradError(Exception):
    """Base of every error that only refgrad raises."""


class Undecided(RefgradError):
    """A comparison of balls that overlap: neither yes nor no follows from the enclosures.

    >>> raise Undecided("less")
    Traceback (most recent call last):
        ...
    refgrad.errors.Undecided: the balls compared by 'less' overlap; raise the precision, or replay recorded decisions
    """

    def __init__(self, comparison: str) -> None:
        super().__init__(
            f"the balls compared by {comparison!r} overlap; raise the precision, or replay recorded decisions"
        )


class UnsupportedArray(RefgradError, TypeError):
    """No backend holds arrays of this type."""

    def __init__(self, kind: type) -> None:
        super().__init__(f"no backend holds {kind.__module__}.{kind.__qualname__}; pass a NumPy array or a Tensor")


class DeviceUnavailable(RefgradError, RuntimeError):
    """CUDA was asked for and cannot be had; the message says what is missing, and the remedy.

    >>> raise DeviceUnavailable("CuPy is not installed", "pip install 'refgrad[cuda12]'")
    Traceback (most recent call last):
        ...
    refgrad.errors.DeviceUnavailable: no CUDA device: CuPy is not installed; pip install 'refgrad[cuda12]'
    """

    def __init__(self, missing: str, remedy: str) -> None:
        super().__init__(f"no CUDA device: {missing}; {remedy}")


class OutOfDeviceMemory(RefgradError, MemoryError, RuntimeError):
    """An array does not fit into what is free on the device.

    >>> raise OutOfDeviceMemory(3 << 30, 1 << 30, 8 << 30)
    Traceback (most recent call last):
        ...
    refgrad.errors.OutOfDeviceMemory: CUDA out of memory. Tried to allocate 3.00 GiB; 1.00 of 8.00 GiB are free: use
    smaller batches, or end what else runs on the device
    """

    def __init__(self, size: int, free: int, total: int) -> None:
        wanted, free_, all_ = (f"{n / 2**30:.2f}" for n in (size, free, total))
        super().__init__(
            f"CUDA out of memory. Tried to allocate {wanted} GiB; {free_} of {all_} GiB are free: use smaller batches, "
            "or end what else runs on the device"
        )


class NotInTheStandard(RefgradError, AttributeError):
    """A row needs what the array API standard does not have.

    >>> raise NotInTheStandard("erf")
    Traceback (most recent call last):
        ...
    refgrad.errors.NotInTheStandard: the array API standard has no 'erf'; use NumPy or CuPy arrays
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"the array API standard has no {name!r}; use NumPy or CuPy arrays")
