"""The results as JUnit XML, for tools that show tests: one suite for each area or operator, one test for each case."""

from __future__ import annotations

import re
from collections import defaultdict
from xml.etree import ElementTree as ET

from conformance.compare import Status
from conformance.report.model import FAILED, UNJUDGED
from conformance.results import Results
from conformance.verdict import Record

_CONTROL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WAITING = (*UNJUDGED, Status.WAIVED)


def junit_xml(results: Results) -> bytes:
    """The document. Failed: contradicts PyTorch's statement, or calculus. Error: raised, crashed, hung or flickered."""
    root = ET.Element("testsuites", name=f"conformance of {results.run['engine']} {results.run['version']}")
    suites: dict[str, list[Record]] = defaultdict(list)
    for record in sorted(results.records, key=lambda r: r.case):
        suites[record.requirement.rpartition(".")[0]].append(record)
    for name, records in suites.items():
        root.append(_suite(name, records))
    _count(root, results.records)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _suite(name: str, records: list[Record]) -> ET.Element:
    suite = ET.Element("testsuite", name=name)
    _count(suite, records)
    for r in records:
        case = ET.SubElement(suite, "testcase", classname=r.requirement, name=r.case)
        outcome = _outcome(r.status)
        if outcome:
            said = ET.SubElement(case, outcome, message=_clean(f"{r.status}: {r.reason}"))
            if outcome != "skipped":
                said.set("type", str(r.status))
    return suite


def _outcome(status: Status) -> str:
    if status == Status.FAIL:
        return "failure"
    return "error" if status in FAILED else "skipped" if status in _WAITING else ""


def _count(element: ET.Element, records: list[Record]) -> None:
    outcomes = [_outcome(r.status) for r in records]
    element.set("tests", str(len(records)))
    for name, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(outcomes.count(outcome)))


def _clean(text: str) -> str:
    """The text without the control characters that XML cannot hold."""
    return _CONTROL.sub("\ufffd", text)
