"""Hypothesis strategies that propose programs. What certification replays is frozen in `conformance.corpus`."""
