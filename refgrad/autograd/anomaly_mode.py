"""Anomaly mode: errors in a backward pass name the forward operation, and nan gradients raise."""

from __future__ import annotations

import warnings
from typing import Any, Self

from refgrad.modes import state


def _set(mode: bool, check_nan: bool) -> None:
    state.anomaly, state.check_nan = bool(mode), bool(check_nan)
    state.refresh()


class set_detect_anomaly:  # noqa: N801, PyTorch's name
    """Turns anomaly mode on or off at once; as a context, until its end."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = state.anomaly, state.check_nan
        _set(mode, check_nan)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _set(*self._before)


class detect_anomaly:  # noqa: N801, PyTorch's name
    """A context in which anomaly mode is on."""

    def __init__(self, check_nan: bool = True) -> None:
        self._check_nan, self._before = check_nan, (False, True)
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            UserWarning,
            stacklevel=2,
        )

    def __enter__(self) -> Self:
        self._before = state.anomaly, state.check_nan
        _set(True, self._check_nan)
        return self

    def __exit__(self, *_: object) -> None:
        _set(*self._before)

    def __call__(self, function: Any) -> Any:
        def under(*args: Any, **kwargs: Any) -> Any:
            with detect_anomaly(self._check_nan):
                return function(*args, **kwargs)

        return under


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on."""
    return state.anomaly


def is_anomaly_check_nan_enabled() -> bool:
    """Whether nan gradients raise in anomaly mode."""
    return state.check_nan
