"""Engines that are wrong on purpose are not certified, each for the right reason."""

from __future__ import annotations

import pytest

from conformance.caselist import locked_from
from conformance.cases import Case
from conformance.certify import Certificate, certify
from conformance.runner import parse_engine
from tests.conformance.whole_list import every_case

AREAS = ("accumulation.", "detach.", "grad-mode.no-grad", "op/mul/", "op/sum/")


def _cases() -> list[Case]:
    chosen = [c for c in every_case() if c.id.startswith(AREAS) and c.dtype == "float64" and c.program is not None]
    return chosen[:: max(1, len(chosen) // 150)]


CASES = _cases()
FEW = CASES[::8]  # for engines that take their process along, which is slow to start again


def _certificate(fault: str) -> Certificate:
    cases = FEW if fault in ("crashes", "hangs") else CASES
    spec = parse_engine("refgrad", fault=fault)
    return certify(spec, cases=cases, locked=locked_from(cases), output=None, workers=1, deadline=2.0)


@pytest.mark.parametrize(
    "fault,status,words",
    [
        ("always-zero", "fail", "expected"),
        ("always-nan", "fail", "nan"),
        ("overwrite-grad", "fail", "expected"),
        ("detach-leaks", "fail", "expected"),
        ("no-grad-leaks", "fail", "expected"),
        ("crashes", "crash", ""),
        ("hangs", "timeout", ""),
        ("supports-nothing", "unsupported", "operator"),
    ],
)
def test_a_wrong_engine_is_not_certified(fault: str, status: str, words: str) -> None:
    certificate = _certificate(fault)
    found = [r for r in certificate.results.records if r.status == status]
    assert certificate.verdict.verdict == "not certified"
    assert certificate.verdict.exit_code == 1
    assert any(words in r.reason for r in found)


def test_every_case_is_judged_beside_one_that_hangs_or_crashes() -> None:
    records = _certificate("crashes").results.records
    assert len(records) == len(FEW)
    assert {"crash", "pass"} <= {str(r.status) for r in records}


def test_what_supports_nothing_passes_nothing() -> None:
    assert {str(r.status) for r in _certificate("supports-nothing").results.records} == {"unsupported"}
