"""The frozen, reviewed cases: programs with their inputs, and in separate files their truths, under one lock."""

from __future__ import annotations

from conformance.corpus.loader import documented_cases, load_cases, load_undecided

__all__ = ["documented_cases", "load_cases", "load_undecided"]
