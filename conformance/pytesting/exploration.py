"""Live search on an engine's own process: one test for each property. It finds counterexamples; it never certifies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.explore import Property
    from conformance.pytesting.collection import EngineNode


def items(engine: EngineNode) -> list[pytest.Item]:
    """A test for each property that can be explored on an engine."""
    from conformance import explore

    collection = engine.parent.collection
    settings = collection.settings
    options = explore.Options(examples=settings.examples, seed=settings.seed, operators=settings.selection.operators)
    found = explore.properties(lambda: collection.dialogue(engine.engine), options=options)
    return [PropertyItem.from_parent(engine, name=f"explore::{p.name}", explored=p) for p in found]


class PropertyItem(pytest.Item):
    """One property, searched for a counterexample."""

    def __init__(self, *, explored: Property, **kw: Any) -> None:
        super().__init__(**kw)
        self.explored = explored

    def runtest(self) -> None:
        """Searches; no answer at all is neither passed nor failed."""
        from conformance import explore

        try:
            self.explored.check()
        except explore.NotOffered as lack:
            raise pytest.skip.Exception(f"unsupported: {lack.feature}", _use_item_location=True) from None
        except explore.Undecided as undecided:
            raise pytest.xfail.Exception(f"inconclusive: {undecided}") from None

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kw: Any) -> Any:
        """The counterexample's own report."""
        from conformance import explore

        if isinstance(excinfo.value, explore.Counterexample):
            return f"{excinfo.value}\n\nexplored, not part of any verdict"
        return super().repr_failure(excinfo, *args, **kw)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name
