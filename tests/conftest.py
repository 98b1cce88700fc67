"""What all tests share: modules that need a library which is optional here are skipped where it is missing, and say so."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest

OPTIONAL = {"flint": "python-flint, which the oracles compute with, is not installed (extra `corpus`)"}
"""Machines with a GPU run `pytest -m cuda` straight from a checkout, with what happens to be there."""


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module that cannot be imported for want of an optional library is skipped; any other failure stays one."""
    report = yield
    missing = re.search(r"No module named '(\w+)'", str(report.longrepr)) if report.failed else None
    if missing and missing[1] in OPTIONAL:
        report.outcome, report.longrepr = "skipped", (str(collector.path), 1, f"Skipped: {OPTIONAL[missing[1]]}")
    return report
