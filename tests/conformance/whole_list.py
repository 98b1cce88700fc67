"""Every case of the suite, read once for all tests of a process: the corpus takes seconds to read."""

from __future__ import annotations

from functools import cache

from conformance.cases import Case
from conformance.profiles import all_cases


@cache
def every_case() -> tuple[Case, ...]:
    """The cases of the catalogue and of the frozen corpus, sorted by id."""
    return tuple(all_cases())
