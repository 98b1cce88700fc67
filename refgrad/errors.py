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
