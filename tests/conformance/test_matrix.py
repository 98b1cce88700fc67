"""The matrix shows what stored results say, engine by engine, and names a folder that has none."""

import lzma
from dataclasses import replace

import numpy as np
import pytest

from conformance.codec import encode_array
from conformance.errors import UsageError
from conformance.record import Record
from conformance.report.columns import COLUMN, Cell, Column, column_of, read_column, write_column
from conformance.report.conventions import Point, answers, kind, points
from conformance.report.matrix import matrix_of, rebuild_columns, write_matrix
from conformance.results import Results, write_results
from tests.conformance.test_results import ENVIRONMENT, RUN, VERDICT


def column(name, passed, **operators):
    return Column(
        engine=name, version="1", target="a:B", profile="functional", device="cpu", verdict="not certified", date="",
        selection=(), listed=10, must=(1, 2), total=Cell(passed), operators=operators, areas={},
    )  # fmt: skip


def record(case, status="pass", **facets):
    requirement = f"operator.{case.split('/')[1]}.vjp" if case.startswith("op/") else case.partition("@")[0]
    return Record(case, requirement, "must", "functional", "float64", status, facets=facets)


def results(records, replies=None, engine="mygrad"):
    return Results(ENVIRONMENT, RUN, records, {**VERDICT, "engine": engine}, lambda: replies or {})


def test_engines_that_offer_most_come_first_and_parts_last():
    part = replace(column("part", 99), selection=("op/*7@*",))
    matrix = matrix_of([part, column("small", 1, sin=Cell(1)), column("large", 9, cos=Cell(9, 2))])
    assert [c.engine for c in matrix.columns] == ["large", "small", "part"]
    assert matrix.operators == ("cos", "sin")


@pytest.mark.parametrize(
    "cell, word",
    [
        (Cell(3), "pass"),
        (Cell(3, 1), "fail"),
        (Cell(3, 0, 2), "waived"),
        (Cell(3, 0, 0, 1), "part"),
        (Cell(0, 0, 0, 5), "none"),
    ],
)
def test_a_failure_outweighs_everything_and_a_gap_is_no_failure(cell, word):
    assert cell.kind == word


def test_a_column_counts_by_operator_and_area():
    found = column_of(
        results([
            record("op/sin/vjp/ordinary/1@float64", operator="sin"),
            record("op/sin/vjp/huge/2@float64", "fail", operator="sin"),
            record("op/cos/vjp/huge/3@float64", "unsupported", operator="cos"),
            record("leaf.only-leaves-get-grad@float64", "error"),
        ])
    )  # fmt: skip
    assert found.operators == {"sin": Cell(1, 1), "cos": Cell(0, 0, 0, 1)}
    assert found.areas == {"leaf": Cell(0, 1)}
    assert (found.total.judged, found.must, found.listed) == (3, (1, 4), 4)


def test_failures_that_a_finding_explains_are_counted_for_its_own_engine_alone():
    wrong = [
        record("op/std/vjp/boundary/1@float64", "fail", operator="std"),
        record("op/std/vjp/boundary/2@float64", "fail", operator="std"),
    ]
    wrong[0] = replace(wrong[0], reason="r5: at (0, 0): expected 0.0, got nan")
    assert column_of(results(wrong)).findings == {"std_of_constants": 1}
    assert column_of(results(wrong, engine="unheard-of")).explained == 0


def test_what_is_written_beside_the_results_is_read(tmp_path):
    found = write_column(tmp_path, results([record("op/sin/vjp/ordinary/1@float64", operator="sin")]))
    again = read_column(tmp_path)
    assert (again.operators, again.total, again.name) == (found.operators, found.total, found.name)
    assert again.folder == tmp_path.name


@pytest.mark.parametrize(
    "engine, target, words",
    [
        ("jax", "conformance.engines.jax:JaxEngine", "Python"),
        ("tfjs", "stdio:node kits/tfjs.js", "JavaScript"),
        ("chainer", "stdio:python3.8 kits/chainer_engine.py", "Python"),
        ("tiny-cpp", "stdio:./tiny", "C++, the kit's example"),
        ("mine", "stdio:./mine --fast", "./mine"),
    ],
)
def test_an_engine_says_in_which_language_it_runs_and_an_example_that_it_is_one(engine, target, words):
    assert replace(column(engine, 1), target=target).runs_as == words


def test_claims_are_set_beside_what_the_probes_say():
    c = replace(column("x", 1), declared=("grad", "detach", "vmap"), features={
        "grad": Cell(3, 1), "detach": Cell(2), "views": Cell(1),
    })  # fmt: skip
    matrix = matrix_of([c])
    claims = [matrix.claim(c, f) for f in ("grad", "detach", "vmap", "views", "hooks")]
    assert claims == [
        ("fail", "3 of 4"),
        ("pass", "2 of 2"),
        ("part", "declared"),
        ("waived", "undeclared: 1"),
        ("none", ""),
    ]


def test_the_points_of_the_convention_table_have_documented_slopes():
    documented = {p.label: p.documented for p in points()}
    assert len(documented) == len(points()) >= 50
    expected = {
        "relu at 0": "0",
        "sqrt at 0": "inf",
        "clamp(max=1.5, min=-1) at 1.5": "1",
        "maximum of equals, first": "0.5",
        "x ** 0 at 0": "0",
        "prod, the one zero factor": "6",
        "amax over all, two tied": "0.5, 0.5",
    }
    assert {label: documented[label] for label in expected} == expected


def reply(*values):
    return {"status": "done", "observations": {"r1": {"array": encode_array(np.array(values))}}}


def test_an_answer_is_the_slope_for_a_cotangent_of_one():
    point = Point("relu at 0", "…", "r1", (1,), (-4.0,), "0")
    assert point.answer(reply(1.0, -2.0)) == "0.5"
    assert point.answer(reply(1.0, np.nan)) == "nan"
    assert point.answer(reply(1.0)) == "another shape"
    assert point.answer({"status": "error"}) == "raises"
    assert point.answer({"status": "unsupported"}) == point.answer(None) == ""
    assert [kind(a, "0") for a in ("0", "0.5", "nan", "raises", "")] == ["pass", "part", "fail", "fail", "none"]


def test_an_engine_without_float64_answers_in_float32():
    (wide,) = (p for p in points() if p.label == "relu at 0")
    (narrow,) = (p for p in points("float32") if p.label == "relu at 0")
    observed = {"array": encode_array(np.full(6, 0.5 * narrow.cotangents[0], np.float32))}
    replies = {
        wide.case: {"status": "unsupported"},
        narrow.case: {"status": "done", "observations": {narrow.read: observed}},
    }
    assert answers(replies) == {"relu at 0": "0.5"}


def test_the_page_is_rebuilt_from_the_stored_results(tmp_path):
    folder = tmp_path / "mygrad-0.3"
    write_results(folder, results([record("op/sin/vjp/huge/2@float64", "fail", operator="sin")]))
    page = write_matrix(tmp_path).read_text()
    assert "1 of 1" in page
    assert "mygrad" in page
    (folder / COLUMN).write_text("{}")
    rebuild_columns(tmp_path)
    assert write_matrix(tmp_path).read_text() == page
    assert lzma.decompress((folder / "journal.jsonl.xz").read_bytes()).count(b"\n") == 3


def test_a_folder_without_results_is_named(tmp_path):
    with pytest.raises(UsageError, match="no results"):
        write_matrix(tmp_path)
