"""What a composite prints as: PyTorch records some functions as one operation that are several here, and its users know
them by that name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from refgrad.graph import node_type, sequence
from refgrad.tensor import Tensor

Title = str | Callable[..., str | None]


def recorded_as(title: Title) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: the last node that the function records bears PyTorch's name for the whole; those before it keep
    theirs. A title that depends on the call is a function of the result and the arguments; None leaves the name.

    >>> from refgrad import ones
    >>> twice = recorded_as("TwiceBackward0")(lambda x: x + x)
    >>> twice(ones(2, requires_grad=True)).grad_fn.name()
    'TwiceBackward0'
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def public(*args: Any, **kwargs: Any) -> Any:
            first = next(sequence)
            result = function(*args, **kwargs)
            name = title if isinstance(title, str) else title(result, *args, **kwargs)
            if name is not None:
                given = [a for a in (*args, *kwargs.values()) if isinstance(a, Tensor)]
                for y in result if isinstance(result, tuple) else (result,):
                    if isinstance(y, Tensor):
                        _rename(y, name, first)
                        _forget_steps(y, given)
            return result

        return public

    return decorate


def _rename(y: Tensor, name: str, first: int) -> None:
    """Gives the node of a result its name, if the node was made after the number `first` was drawn."""
    place = y._edge
    if place is not None and place[0].op is not None and place[0].sequence > first:
        place[0].named().__class__ = node_type(name)


def _forget_steps(y: Tensor, given: list[Tensor]) -> None:
    """Makes a view of something made on the way a tensor of its own."""
    if y._base is not None and not any(y._base is a or y._base is a._base for a in given):
        y._base, y._replay = None, ()
