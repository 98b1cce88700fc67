"""The end of a session, on the controller: the replies that tests brought home, to verdicts, reports and exit code."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from conformance.caselist import Selection
from conformance.errors import ConformanceError
from conformance.protocol.messages import Hello, read_hello
from conformance.pytesting.settings import Settings

if TYPE_CHECKING:
    from conformance.certify import Certificate
    from conformance.runner import EngineSpec

_WITH_WAIVERS = 12
_DECIDED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
"""What pytest itself may end with where the verdict decides; usage errors and interruptions stay what they are."""


@dataclass
class _Gathered:
    """What has come home for one engine."""

    hello: Hello | None = None
    replies: dict[str, dict[str, Any]] = field(default_factory=dict)
    error: str = ""
    exit_code: int = 0


class Decision:
    """Gathers replies from the tests' reports, decides at the end, and says so."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.started = time.time()
        self.gathered = {engine.label: _Gathered() for engine in settings.engines}
        self.lines: list[str] = []

    def pytest_report_header(self) -> str:
        """What is about to be judged."""
        s = self.settings
        names = ", ".join(e.label for e in s.engines)
        return f"conformance: {names}; profile {s.profile}, {s.device}; {len(s.cases)} cases each"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps what a test brings home."""
        evidence = getattr(report, "conformance", None)
        if not evidence:
            return
        gathered = self.gathered[evidence["engine"]]
        if "fatal" in evidence:
            gathered.error, gathered.exit_code = evidence["fatal"], evidence["exit_code"]
            return
        gathered.replies[evidence["case"]] = evidence["reply"]
        if gathered.hello is None and evidence["hello"]:
            hello = read_hello(evidence["hello"])
            gathered.hello = hello if isinstance(hello, Hello) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Decides and writes; pytest ends with the verdict's exit code, the worst over engines."""
        from conformance.verdict import worst_exit

        if exitstatus not in _DECIDED or not any(g.replies or g.error for g in self.gathered.values()):
            return
        codes = [self._conclude(engine, self.gathered[engine.label]) for engine in self.settings.engines]
        session.exitstatus = worst_exit(codes)
        self._write_index()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Prints each verdict, and where its report is."""
        if self.lines:
            terminalreporter.section("conformance")
            for line in self.lines:
                terminalreporter.line(line)

    def _conclude(self, engine: EngineSpec, gathered: _Gathered) -> int:
        try:
            return self._say(self._certificate(engine, gathered))
        except ConformanceError as error:
            self.lines.append(f"{engine.label}: {error}")
            return error.exit_code

    def _certificate(self, engine: EngineSpec, gathered: _Gathered) -> Certificate:
        from conformance.certify import conclude
        from conformance.errors import AdapterError

        if gathered.error or gathered.hello is None:
            raise AdapterError(gathered.error or "no case was answered, so there is nothing to judge")
        return conclude(
            engine,
            gathered.hello,
            list(self.settings.cases.values()),
            gathered.replies,
            profile=self.settings.profile,
            output=self.settings.output,
            selection=self._selection(gathered),
            started=self.started,
        )

    def _selection(self, gathered: _Gathered) -> Selection:
        """What was selected: by our options, or by pytest's own (-k, -x, …), of which only the effect is known."""
        if self.settings.selection or len(gathered.replies) == len(self.settings.cases):
            return self.settings.selection
        return Selection((f"pytest ran {len(gathered.replies)} of {len(self.settings.cases)} cases",))

    def _say(self, certificate: Certificate) -> int:
        from conformance.report import write_report

        verdict = certificate.verdict
        self.lines.append(verdict.sentence)
        if certificate.folder is not None:
            self.lines.append(f"  report: {write_report(certificate.folder, certificate.results)}")
        accepted = self.settings.accept_waivers and verdict.exit_code == _WITH_WAIVERS
        return 0 if accepted else verdict.exit_code

    def _write_index(self) -> None:
        from conformance.report import write_index

        if self.settings.output.is_dir():
            write_index(self.settings.output)
