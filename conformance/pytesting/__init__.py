"""Certification as pytest tests: one for each engine and case, and a verdict at the end. Brought in by `plugin`."""

from __future__ import annotations

import pytest

from conformance.errors import ConformanceError
from conformance.pytesting.settings import Settings


def activate(config: pytest.Config) -> None:
    """Registers what collects and runs the cases, and on the controller what decides and writes."""
    from conformance.pytesting.collection import Collection
    from conformance.pytesting.decision import Decision

    try:
        settings = Settings.of(config)
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(Collection(settings), "conformance-collection")
    if not hasattr(config, "workerinput") and not settings.explore:
        config.pluginmanager.register(Decision(settings), "conformance-decision")
