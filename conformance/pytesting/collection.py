"""The tests: a tree of package, engines and cases. A case asks the engine's process; its judgement is the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.cases import Case
from conformance.compare import Status
from conformance.dialogue import Dialogue
from conformance.errors import ConformanceError
from conformance.pytesting.settings import Settings
from conformance.record import Record
from conformance.runner import EngineSpec
from conformance.smoke import Smoke

PACKAGE = Path(__file__).resolve().parent.parent
_SKIPPED = (Status.UNSUPPORTED, Status.BLOCKED, Status.VERSION, Status.NOT_RUN)
_AHEAD = 16  # cases that are sent ahead where the order is known


class Collection:
    """Collects this package as tests, and sends cases ahead of being asked for them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.dialogues: dict[str, Dialogue] = {}
        self.fatal: dict[str, ConformanceError] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Our own package, as engines and cases and not as files."""
        return SuiteNode.from_parent(parent, path=path, collection=self) if path.resolve() == PACKAGE else None

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Notes which case comes next; pytest then runs the test as always."""
        if isinstance(item, CaseItem):
            item.ahead = self._ahead(item, nextitem)

    def _ahead(self, item: CaseItem, nextitem: pytest.Item | None) -> list[Case]:
        """The next cases for the same engine: one where xdist deals them out, more where the order is fixed."""
        if not isinstance(nextitem, CaseItem) or nextitem.engine is not item.engine:
            return []
        if hasattr(item.config, "workerinput"):
            return [nextitem.case]
        following = item.session.items[nextitem.place : nextitem.place + _AHEAD]
        return [i.case for i in following if isinstance(i, CaseItem) and i.engine is item.engine]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Notes the place of each case that is left after selections."""
        for place, item in enumerate(items):
            if isinstance(item, CaseItem):
                item.place = place

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        """Lets what the engine answered travel with the report, to wherever the verdict is made."""
        report = yield
        if isinstance(item, CaseItem) and call.when == "call":
            report.conformance = item.evidence
        return report

    def pytest_sessionfinish(self) -> None:
        """Ends the engines' processes."""
        for dialogue in self.dialogues.values():
            dialogue.close()

    def dialogue(self, engine: EngineSpec) -> Dialogue:
        """The dialogue with an engine, begun by whoever asks first, with the checks that come before any judgement."""
        with self._remembering(engine):
            if engine.label not in self.dialogues:
                found = self.dialogues[engine.label] = self.settings.dialogue(engine)
                smoke = Smoke(engine.label)
                for place, case in enumerate(smoke.cases):
                    smoke.take(case, found.reply(case, smoke.cases[place + 1 :]))
            return self.dialogues[engine.label]

    def reply(self, engine: EngineSpec, case: Case, ahead: list[Case]) -> dict[str, Any]:
        """The engine's reply."""
        with self._remembering(engine):
            return self.dialogue(engine).reply(case, ahead)

    @contextmanager
    def _remembering(self, engine: EngineSpec) -> Iterator[None]:
        """An engine that does not start, or whose adapter is wrong, is not tried again for every case."""
        if engine.label in self.fatal:
            raise self.fatal[engine.label]
        try:
            yield
        except ConformanceError as error:
            self.fatal[engine.label] = error
            raise


class SuiteNode(pytest.Directory):
    """The package: one collector for each engine."""

    def __init__(self, *, collection: Collection, **kw: Any) -> None:
        super().__init__(nodeid="conformance", **kw)
        self.collection = collection

    def collect(self) -> list[pytest.Collector]:
        return [EngineNode.from_parent(self, name=e.label, engine=e) for e in self.collection.settings.engines]


class EngineNode(pytest.Collector):
    """One engine: one test for each case, or for each property that is explored."""

    parent: SuiteNode

    def __init__(self, *, engine: EngineSpec, **kw: Any) -> None:
        super().__init__(**kw)
        self.engine = engine

    def collect(self) -> list[pytest.Item]:
        if self.parent.collection.settings.explore:
            from conformance.pytesting.exploration import items

            return items(self)
        return [CaseItem.from_parent(self, name=c.id, case=c) for c in self.parent.collection.settings.cases.values()]


class CaseItem(pytest.Item):
    """One case on one engine."""

    parent: EngineNode

    def __init__(self, *, case: Case, **kw: Any) -> None:
        super().__init__(**kw)
        self.case, self.engine = case, self.parent.engine
        self.ahead: list[Case] = []
        self.place = 0
        self.evidence: dict[str, Any] | None = None

    def runtest(self) -> None:
        """Asks, judges, and ends as the status says."""
        from conformance.pytesting.outcomes import outcome

        collection = self.parent.parent.collection
        self.evidence = {"engine": self.engine.label, "case": self.case.id}
        try:
            reply = collection.reply(self.engine, self.case, self.ahead)
        except ConformanceError as error:
            self.evidence |= {"fatal": str(error), "exit_code": error.exit_code}
            raise CaseFailed(str(error)) from None
        hello = collection.dialogue(self.engine).hello
        self.evidence |= {"reply": reply, "hello": hello.to_json() if hello else {}}
        self._end(outcome(self.case, self.engine, collection.settings.profile, reply, hello))

    def _end(self, record: Record) -> None:
        if record.status == Status.WAIVED:
            raise pytest.xfail.Exception(f"waived by {record.details['waiver']}: {record.reason}")
        if record.status in _SKIPPED:
            raise pytest.skip.Exception(f"{record.status}: {record.reason}", _use_item_location=True)
        if record.status not in (Status.PASS, Status.PERMITTED):
            raise CaseFailed(f"{record.status}: {record.reason}", record)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kw: Any) -> Any:
        """What is wrong, and the case as code to run again."""
        if not isinstance(excinfo.value, CaseFailed):
            return super().repr_failure(excinfo, *args, **kw)
        if excinfo.value.record is None:
            return str(excinfo.value)
        from conformance.pytesting.wording import failure

        return failure(self.case, self.engine, excinfo.value.record)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.engine.label}: {self.case.id}"


class CaseFailed(Exception):
    """A case that did not show what it must."""

    def __init__(self, message: str, record: Record | None = None) -> None:
        super().__init__(message)
        self.record = record
