"""What namespace cases assert with beside plain `assert`: errors, warnings and what another thread sees."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def raises(error: type[Exception], words: str = "") -> Iterator[None]:
    """Asserts that the body raises exactly this class, with these words in its message, whatever their case.

    >>> with raises(ZeroDivisionError, "division"):
    ...     1 / 0
    """
    try:
        yield
    except Exception as caught:
        if type(caught) is not error or words.lower() not in str(caught).lower():
            message = f"expected {error.__name__} with {words!r}, got {type(caught).__name__}: {caught}"
            raise AssertionError(message) from caught
    else:
        raise AssertionError(f"expected {error.__name__} with {words!r}, and nothing was raised")


@contextmanager
def quiet() -> Iterator[None]:
    """Runs the body without its warnings, for cases that are not about them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def in_thread(function: Callable[[], Any], *, seconds: float = 10.0) -> Any:
    """What the function gives in a thread of its own, which ends before this returns; its error is raised here.

    >>> in_thread(threading.current_thread) is threading.current_thread()
    False
    """
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["result"] = function()
        except BaseException as error:  # noqa: BLE001 - it is raised again, in the thread that asked
            outcome["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise AssertionError(f"the thread did not end within {seconds} seconds")
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]
