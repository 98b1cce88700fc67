"""Near names for a mistyped one: every "no such thing" says what there is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_FEW = 8


def near(name: str, known: Iterable[str]) -> str:
    """The remedy for an unknown name: the near ones, else all of a few, else how many there are.

    >>> near("certfy", ["certify", "list"])
    'did you mean certify?'
    >>> near("x", ["certify", "list"])
    'there are certify, list'
    """
    names = list(dict.fromkeys(known))
    found = difflib.get_close_matches(name, names, n=3, cutoff=0.6) or [n for n in names if name and name in n][:3]
    if found:
        return f"did you mean {' or '.join(found)}?"
    return f"there are {', '.join(names)}" if len(names) <= _FEW else f"none of the {len(names)} is close to it"
