"""Certifies any autograd engine against the behaviour that PyTorch documents and against calculus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.check import check_gradients

__all__ = ["check_gradients"]


def __getattr__(name: str) -> Any:
    """What this package offers, imported on first use: the pytest plugin imports it in every run of pytest."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from conformance import check

    return getattr(check, name)
