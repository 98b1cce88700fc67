"""Comparisons, and what is made of them: booleans, without a derivative."""

from __future__ import annotations

from conformance.operators.spec import operator

for _name in "eq ne lt le gt ge logical_or".split():
    operator(f"{_name}(input, other)")
operator("any(input, *, dim=None, keepdim=False)")
