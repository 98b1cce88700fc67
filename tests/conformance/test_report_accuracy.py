"""The report's grades: of what passed, by operator and region, from the records alone."""

from __future__ import annotations

from conformance.compare import GRADES
from conformance.record import Record
from conformance.report.accuracy import accuracy


def record(operator: str, region: str, grade: str, status: str = "pass") -> Record:
    facets = {"operator": operator, "region": region, "group": "vjp"}
    return Record(f"op/{operator}/{region}/{grade}", "x", "must", "functional", "float64", status, grade, facets=facets)


def test_grades_are_counted_by_operator_and_region() -> None:
    found = accuracy(
        [
            record("sin", "huge", "16 ulp"),
            record("sin", "huge", "exact"),
            record("exp", "ordinary", "2 ulp"),
            record("sin", "ordinary", "", "fail"),
        ]
    )
    assert found.regions == ("ordinary", "huge")
    assert [name for name, _ in found.rows] == ["exp", "sin"]
    assert found.rows[1][1]["huge"].counts == (("exact", 1), ("16 ulp", 1))
    assert found.rows[1][1]["huge"].worst == "16 ulp"
    assert "ordinary" not in found.rows[1][1]
    assert found.total["ordinary"].counts == (("2 ulp", 1),)


def test_the_worst_grade_is_the_last_one_there_is() -> None:
    found = accuracy([record("sin", "tails", g) for g in reversed(GRADES)])
    assert found.rows[0][1]["tails"].worst == "inaccurate"
    assert [name for name, _ in found.rows[0][1]["tails"].counts] == list(GRADES)


def test_there_is_nothing_to_grade_without_operator_cases() -> None:
    assert accuracy([Record("leaf.x", "leaf.x", "must", "", "float64", "pass", "exact")]) is None
