"""Comparisons: booleans, without a derivative."""

from __future__ import annotations

from conformance.operators.spec import operator

for _name in "eq ne lt le gt ge".split():
    operator(f"{_name}(input, other)")
