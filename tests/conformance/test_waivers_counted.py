"""Counts of the same causes in another version or on another device."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.errors import SuiteFault
from conformance.waivers import load_waivers
from conformance.waivers.counted import count_causes, write_counts
from tests.conformance.example import example_results
from tests.conformance.test_waivers import ENTRY, apply, records

CUDA = {"version": "2.11.0+cu130", "device": "cuda"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "torch.toml").write_text(ENTRY)
    return tmp_path


def counted(folder: Path, count: int, profile: str = "imperative") -> Path:
    return write_counts("torch", "2.11.0+cu130", "cuda", profile, {"pow-zero": count}, folder)


def test_a_count_holds_in_its_version_and_on_its_device_only(folder):
    assert counted(folder, 3).name == "torch-2.11-cuda.toml"
    waivers = load_waivers("torch", folder=folder)
    three = records("fail", "error", "fail")
    marked, (use,) = apply(three, *waivers, **CUDA)
    assert ({r.status for r in marked}, use.count, use.problem) == ({"waived"}, 3, "")
    for elsewhere in ({"version": "2.12.0"}, {"version": "2.11.0", "device": "cpu"}, {**CUDA, "profile": "full"}):
        assert apply(three, *waivers, **elsewhere) == (three, ())


def test_a_count_is_held_to_exactly(folder):
    counted(folder, 3)
    _, (use,) = apply(records("fail", "fail"), *load_waivers("torch", folder=folder), **CUDA)
    assert "speaks of 3 cases, and 2 fail" in use.problem


def test_it_takes_the_place_of_the_counts_beside_the_causes(folder):
    write_counts("torch", "2.13.1", "cuda", "imperative", {"pow-zero": 1}, folder)
    waivers = load_waivers("torch", folder=folder)
    _, uses = apply(records("fail"), *waivers, version="2.13.1", device="cuda")
    assert [(use.count, use.problem) for use in uses] == [(1, "")]
    _, uses = apply(records("fail", "fail"), *waivers, version="2.13.1", device="cpu")
    assert [(use.count, use.problem) for use in uses] == [(2, "")]


def test_profiles_are_counted_one_by_one(folder):
    counted(folder, 3)
    path = counted(folder, 2, "functional")
    assert path.read_text().count("pow-zero") == 2
    waivers = load_waivers("torch", folder=folder)
    assert apply(records("fail", "fail"), *waivers, **CUDA, profile="functional")[1][0].problem == ""


def test_what_no_cause_fits_is_not_counted(folder):
    (cause,) = load_waivers("torch", folder=folder)
    failed = records("fail", "blocked", "pass", "crash")
    (stranger,) = (replace(r, facets={"operator": "sin"}) for r in records("fail"))
    assert count_causes([*failed, stranger], [cause]) == ({"pow-zero": 2}, [stranger])


@pytest.mark.parametrize("old, new, words", [
    ("pow-zero", "pow-one", "'pow-one', which is no cause of torch.toml"),
    ("= 3", "= 0", "positive numbers"),
    ("= 3", "= true", "positive numbers"),
    ("device =", "devices =", "holds versions, device"),
    ("[count", "[[count", "no TOML"),
])  # fmt: skip
def test_a_file_that_is_wrong_is_a_fault_of_the_suite(folder, old, new, words):
    path = counted(folder, 3)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(SuiteFault, match=r"torch-2\.11-cuda\.toml") as caught:
        load_waivers("torch", folder=folder)
    assert words in str(caught.value)


def test_the_command_shows_what_no_cause_explains(monkeypatch, capsys):
    monkeypatch.setattr("conformance.results.read_results", lambda _folder: example_results("torch"))
    assert main(["waivers", "reports/torch"]) == 1
    shown = capsys.readouterr().out
    assert "no cause: op/amax/vjp/ties/00000001@float64 (must): r3: at (0,): expected 0.5, got 1.0" in shown
    assert "have none." in shown


def test_a_part_of_a_list_cannot_be_counted(monkeypatch, capsys):
    part = example_results("torch")
    part.run["selection"] = {"select": ["op/*"], "operators": []}
    monkeypatch.setattr("conformance.results.read_results", lambda _folder: part)
    assert main(["waivers", "reports/torch"]) == 4
    assert "not a complete run" in capsys.readouterr().err
