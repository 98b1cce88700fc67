"""The suite's own score: stored results are of today's faults and cases, their numbers are as promised, and the page shows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.errors import UsageError
from conformance.faults.selfcheck import digest, problems
from conformance.report.selfcheck import DATA, FOLDER, Selfcheck, read_selfcheck, write_selfcheck

STORED = Path(__file__).parents[3] / "reports"


def _kill(killer: str, case: str = "", status: str = "") -> dict[str, str]:
    return {"killer": killer, "area": "op", "case": case, "status": status}


def _fault(name: str, *kills: dict[str, str], family: str = "cotangents", hole: str = "") -> dict:
    return {"name": name, "statement": f"{name}.", "family": family, "engine": "refgrad", "hole": hole, "kills": kills}


DATA_OF_A_RUN = {
    "digest": "0",
    "faults": [
        _fault("found", _kill("op/sin/*", "op/sin/vjp/x", "fail")),
        _fault("half", _kill("op/sin/*", "op/sin/vjp/x", "fail"), _kill("op/cos/*")),
        _fault("open", _kill("op/tan/*"), hole="there is no case of tan"),
        _fault("elsewhere", _kill("device.x", status="not-run"), family="named by behaviours"),
    ],
    "mutants": {
        "all": 10,
        "own": 5,
        "any": 2,
        "survivors": [
            {"name": "mutant:a", "statement": "a.", "kind": "equivalent", "reason": "a sum may be turned round"},
            {"name": "mutant:b", "statement": "b.", "kind": "unreached", "reason": "no case runs through it"},
            {"name": "mutant:c", "statement": "c.", "kind": "new", "reason": ""},
        ],
    },
    "variants": [
        {"name": "slow", "statement": "Slow.", "known": "", "frozen": 5, "redrawn": 5, "alarms": []},
        {
            "name": "loud",
            "statement": "Loud.",
            "known": "",
            "frozen": 5,
            "redrawn": 5,
            "alarms": [{"case": "op/x", "reason": "off"}],
        },
    ],
    "checkers": {
        "inputs": 4,
        "false_alarms": {"gradcheck": 1},
        "compared": [{"fault": "found", "inputs": 2, "objected": {"gradcheck": False}}],
    },
}


def test_the_stored_results_are_of_todays_faults_rules_and_cases() -> None:
    assert read_selfcheck(STORED).data["digest"] == digest(), "run `make selfcheck`: its results are out of date"


def test_the_stored_scores_are_as_promised() -> None:
    stored = read_selfcheck(STORED)
    assert problems(dict(stored.data)) == []
    scores = {s.what: s for s in stored.scores}
    shares = {
        "planted faults found": 1.0,
        "found by all that was named to find them": 0.95,
        "rule mutants found": 0.99,
        "harmless variants without an alarm": 1.0,
    }
    for what, share in shares.items():
        assert scores[what].found >= share * scores[what].of, scores[what].sentence


def test_scores_have_their_denominators() -> None:
    sentences = [s.sentence for s in Selfcheck(DATA_OF_A_RUN).scores]
    assert sentences == [
        "planted faults found: 2 of 3, 66.7 % (not found: open)",
        "found by all that was named to find them: 1 of 3, 33.3 %",
        "of these, beyond what behaviours name: 2 of 3, 66.7 %",
        "rule mutants found: 7 of 9, 77.8 % (1 are equivalent)",
        "of those in rules that cases run through: 7 of 8, 87.5 % (1 are not reached)",
        "by the cases of the row's own operator: 5 of 8, 62.5 %",
        "harmless variants without an alarm: 1 of 2, 50.0 % (alarms: loud)",
        "judgements of them without an alarm: 19 of 20, 95.0 % (10 of challenges)",
        "wrong derivatives found by this suite: 1 of 1, 100 %",
        "wrong derivatives found by gradcheck: 0 of 1, 0 % (1 false alarms on 4 inputs)",
    ]


def test_what_is_wrong_is_said() -> None:
    assert problems(DATA_OF_A_RUN) == [
        "half is not found by op/cos/*",
        "loud raises 1 alarms, the first in op/x",
        "mutant:c survives",
    ]


def test_a_hole_that_is_none_any_more_is_a_problem() -> None:
    closed = {"faults": [_fault("open", _kill("op/tan/*", "op/tan/vjp/x", "fail"), hole="no case")]}
    assert problems(closed) == ["open is found by now; take its `hole` away"]


def test_the_page_shows_every_fault_and_the_summary_what_is_missing(tmp_path: Path) -> None:
    page = write_selfcheck(tmp_path, DATA_OF_A_RUN).read_text(encoding="utf-8")
    assert all(f'id="{f["name"]}"' in page for f in DATA_OF_A_RUN["faults"])
    assert "missed" in page
    summary = (tmp_path / FOLDER / "README.md").read_text(encoding="utf-8")
    assert "- open: there is no case of tan." in summary
    assert json.loads((tmp_path / FOLDER / DATA).read_text(encoding="utf-8"))["mutants"]["all"] == 10


def test_without_results_the_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="conformance selfcheck"):
        read_selfcheck(tmp_path)


def test_an_unknown_part_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selfcheck", "--part", "mutant"]) == 4
    assert "there are faults, mutants, variants, checkers" in capsys.readouterr().err
