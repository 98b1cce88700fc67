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
FEW = CASES[::16]  # for engines that take their process along, which is slow to start again


def _certificate(fault: str, cases: list[Case], *, deadline: float) -> Certificate:
    spec = parse_engine("refgrad", fault=fault)
    return certify(spec, cases=cases, locked=locked_from(cases), output=None, workers=1, deadline=deadline)


@pytest.mark.parametrize(
    "fault, status, words",
    [
        ("always-zero", "fail", "expected"),
        ("always-nan", "fail", "nan"),
        ("overwrite-grad", "fail", "expected"),
        ("detach-leaks", "fail", "expected"),
        ("no-grad-leaks", "fail", "expected"),
    ],
)
def test_a_wrong_engine_is_not_certified(fault: str, status: str, words: str) -> None:
    certificate = _certificate(fault, CASES, deadline=2.0)
    found = [r for r in certificate.results.records if r.status == status]
    assert _verdict(certificate) == ("not certified", 1)
    assert any(words in r.reason for r in found)


@pytest.mark.parametrize("fault, status", [("crashes", "crash"), ("hangs", "timeout")])
def test_every_case_is_judged_beside_one_that_crashes_or_hangs(fault: str, status: str) -> None:
    certificate = _certificate(fault, FEW, deadline=1.0)
    records = certificate.results.records
    assert _verdict(certificate) == ("not certified", 1)
    assert [r.case for r in records] == [c.id for c in FEW]
    assert {status, "pass"} <= {str(r.status) for r in records}


def test_what_supports_nothing_passes_nothing() -> None:
    certificate = _certificate("supports-nothing", CASES, deadline=2.0)
    records = certificate.results.records
    assert _verdict(certificate) == ("not certified", 1)
    assert {str(r.status) for r in records} == {"unsupported"}
    assert any("operator" in r.reason for r in records)


def _verdict(certificate: Certificate) -> tuple[str, int]:
    return certificate.verdict.verdict, certificate.verdict.exit_code
