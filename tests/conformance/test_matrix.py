"""The matrix shows what stored results say, and names a folder that has none."""

import pytest

from conformance.errors import UsageError
from conformance.report.matrix import Cell, Column, matrix_of, write_matrix


def column(name, passed, **operators):
    return Column(name, name, "functional", "cpu", "not certified", Cell(passed), operators, {})


def test_engines_that_offer_most_come_first_and_every_operator_has_a_row():
    matrix = matrix_of([column("small", 1, sin=Cell(1)), column("large", 9, cos=Cell(9, 2))])
    assert [c.name for c in matrix.columns] == ["large", "small"]
    assert matrix.operators == ("cos", "sin")


@pytest.mark.parametrize(
    "cell, kind",
    [
        (Cell(3), "pass"),
        (Cell(3, 1), "fail"),
        (Cell(3, 0, 2), "waived"),
        (Cell(3, 0, 0, 1), "part"),
        (Cell(0, 0, 0, 5), "none"),
    ],
)
def test_a_failure_outweighs_everything_and_a_gap_is_no_failure(cell, kind):
    assert cell.kind == kind


def test_a_folder_without_results_is_named(tmp_path):
    with pytest.raises(UsageError, match="no results"):
        write_matrix(tmp_path)
