"""What each operator accepts, in PyTorch's spelling, by the chapters of `refgrad.ops`."""

from __future__ import annotations

from conformance.operators.spec import CHAPTERS, OperatorSpec, find, specs

__all__ = ["CHAPTERS", "OperatorSpec", "find", "specs"]
