"""refgrad and PyTorch show the same after every statement of random programs: values, gradients, flags, versions, names of
nodes, hooks that ran, classes of errors. ``REFGRAD_PROGRAMS=20000`` runs more of them.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import refgrad
from tests.refgrad.statements import Statement, differences
from tests.refgrad.vocabulary import STATEMENTS

KINDS = st.sampled_from([*STATEMENTS, "view", "in_place", "in_place"])
RECENT = st.integers(0, 2) | st.integers(0, 7)
STATEMENT = st.tuples(KINDS, RECENT, st.integers(0, 31), st.integers(0, 7))
MORE = int(os.environ.get("REFGRAD_PROGRAMS", "250"))


@settings(max_examples=MORE, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STATEMENT, min_size=3, max_size=12))
def test_random_programs_show_what_they_show_on_pytorch(program: list[Statement]) -> None:
    torch = pytest.importorskip("torch")
    assert differences(program, torch, refgrad) is None, differences(program, torch, refgrad)
