"""The grid of operators: which cells there are follows from the specifications, and nothing in it is left out unseen."""

from __future__ import annotations

import json
import os
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import coverage
from conformance.cli import main
from conformance.coverage import NOT_RUN, Grid, applicable, corpus_grid, grid
from conformance.operators import find, specs
from conformance.operators.flatness import FLAT, LINEAR, SIGNED, without_graph
from conformance.strategies.derivatives import DIRECTIONS
from conformance.strategies.variations import GROUPS, variations

SPECIFICATION = Path(os.environ.get("OPERATORS_TOML", Path(__file__).parents[3] / "shared" / "spec" / "operators.toml"))
SPELLED = {"__getitem__": "getitem"}


@pytest.fixture(scope="module")
def corpus() -> Grid:
    return corpus_grid()


def test_every_cell_is_run_or_has_a_reason(corpus: Grid) -> None:
    assert [cell.case for cell in corpus.missing] == []


def test_nearly_all_applicable_cells_are_executed(corpus: Grid) -> None:
    assert corpus.share >= 0.98


def test_no_reason_outlives_its_cells(corpus: Grid) -> None:
    assert {cell.reason for cell in corpus.cells if cell.state == "not run"} == set(NOT_RUN.values())


def test_the_corpus_is_as_large_as_it_should_be(corpus: Grid) -> None:
    distinct = {cell.case.partition("@")[0]: cell.operator for cell in corpus.cells if cell.state == "executed"}
    assert len(distinct) >= 12_000
    assert sum(cell.state == "executed" for cell in corpus.cells) >= 20_000
    few = {name: n for name, n in Counter(distinct.values()).items() if n < 20}
    assert few.keys() == {"nn.functional.one_hot"}, "it has nothing to differentiate"


@pytest.mark.skipif(
    not SPECIFICATION.exists(), reason="the list of PyTorch's operators is not at hand (OPERATORS_TOML)"
)
def test_every_core_operator_has_cells_in_every_group_that_pytorch_documents(corpus: Grid) -> None:
    listed = tomllib.loads(SPECIFICATION.read_text())["operator"]
    groups: dict[str, set[str]] = {}
    for cell in corpus.cells:
        groups.setdefault(cell.operator, set()).add(cell.group)
    for entry in (o for o in listed if o["tier"] == "core"):
        name = find(SPELLED.get(entry["name"], entry["name"])).name
        wanted = {"value", "vjp"} | ({"jvp"} if entry["forward_ad"] else set())
        wanted |= {"order2"} if entry["double_backward"] else set()
        lacking = wanted - groups.get(name, set())
        assert not lacking, f"{name} has no cells in {lacking}"


def test_cells_are_told_apart_and_depend_on_nothing_but_the_specification() -> None:
    cells = applicable("linalg.solve")
    assert len({case for *_rest, case in cells}) == len(cells)
    assert {group for _operator, group, *_rest in cells} == set(GROUPS)
    assert grid([], ["linalg.solve"]).executed == 0
    assert len(grid([cells[0][-1]], ["linalg.solve"]).cells) == len(cells)


def test_a_case_that_is_missing_is_seen() -> None:
    cells = applicable("sin")
    found = grid([case for *_rest, case in cells[1:]], ["sin"])
    assert [cell.case for cell in found.missing] == [cells[0][-1]]
    assert found.executed == len(cells) - 1


def test_the_names_of_flat_operators_are_those_of_operators() -> None:
    assert set(specs()) >= (FLAT | SIGNED | LINEAR)


def test_directions_left_out_leave_nothing_to_differentiate() -> None:
    """Each direction that is taken to vanish is asked of refgrad once for each operator, and leaves no graph."""
    from conformance.strategies.derivatives import applicable as leaves_a_graph
    from conformance.strategies.operators import operator_programs
    from tests.conformance.operators.test_sampling import one, shapes

    for name in ("floor", "copysign", "sum", "nn.functional.relu", "nn.functional.linear", "sort", "cat"):
        spec = specs()[name]
        nothing = without_graph(name, spec.sampling.calls[0])
        base = next(v for v in variations(spec) if v.group == "order2" and v.region == "ordinary")
        for group in ("order2", "order3"):
            for direction in DIRECTIONS[group]:
                v = replace(base, group=group, direction=direction)
                assert leaves_a_graph(one(operator_programs(v, "float64", shapes))) == (direction not in nothing), v


def test_the_command_prints_numbers_that_the_grid_has(
    capsys: pytest.CaptureFixture[str], corpus: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage, "corpus_grid", lambda: corpus)
    assert main(["coverage", "--operator", "sum"]) == 0
    text = capsys.readouterr().out
    assert f"{corpus.of('sum').executed} of {len(corpus.of('sum').cells)} applicable cells of 1 operators" in text
    assert main(["coverage", "--operator", "sum", "--json"]) == 0
    cells = json.loads(capsys.readouterr().out)
    assert len(cells) == len(corpus.of("sum").cells)
    assert {"operator", "group", "dtype", "name", "case", "state", "reason"} == set(cells[0])
