"""`corpus build --check`: what is frozen is what the oracle finds, or the difference is named; nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.corpus import checking
from conformance.corpus.build import build
from conformance.corpus.checking import check
from conformance.corpus.store import PROGRAMS, TRUTHS, read, update_lock, write


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    lines = [line for line in read(f"{PROGRAMS}/elementary") if line["facets"]["operator"] == "log"]
    write(f"{PROGRAMS}/elementary", [line for line in lines if line["dtype"] == "float64"][::2], folder)
    build(folder, processes=1)
    return folder


def contents(folder: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_what_was_built_is_found_again_and_nothing_is_written(built: Path) -> None:
    before = contents(built)
    found = check(built, processes=1)
    assert found.differences == []
    assert (
        found.recomputed == found.lines == sum(found.counts["group"].values()) + sum(found.counts["undecided"].values())
    )
    assert 0 < found.size < 100_000
    assert contents(built) == before


def test_a_share_is_spread_and_always_the_same(built: Path) -> None:
    half = check(built, processes=1, share=0.5)
    assert 0.2 * half.lines < half.recomputed < 0.8 * half.lines
    assert check(built, processes=1, share=0.5).recomputed == half.recomputed


def test_a_truth_that_was_changed_with_its_lock_is_named(built: Path, tmp_path: Path) -> None:
    name = f"{TRUTHS}/elementary"
    lines = read(name, built)
    changed = next(line for line in lines if "expectations" in line)
    changed["expectations"][0]["tolerance"]["data"][0] *= 2
    for path in contents(built):
        (tmp_path / path.relative_to(built)).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path.relative_to(built)).write_bytes(path.read_bytes())
    entry = write(name, lines, tmp_path)
    lock = json.loads((tmp_path / "lock.json").read_text())
    update_lock({"files": lock["files"] | {name: entry}}, tmp_path)
    (difference,) = check(tmp_path, processes=1).differences
    key = next(line["key"] for line in read(f"{PROGRAMS}/elementary", tmp_path) if line["digest"] == changed["digest"])
    assert difference.startswith(f"op/log/{key.split('|')[1].partition('.')[0]}/")


def test_a_file_that_is_not_the_locked_one_is_named(built: Path, tmp_path: Path) -> None:
    for path in contents(built):
        (tmp_path / path.relative_to(built)).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path.relative_to(built)).write_bytes(path.read_bytes())
    name = f"{PROGRAMS}/elementary"
    write(name, read(name, tmp_path)[1:], tmp_path)
    assert f"{name} is not what the lock says" in check(tmp_path, processes=1, share=0.0).differences


@pytest.mark.parametrize(("differences", "status"), [([], 0), (["op/log/vjp/tiny/0@float64"], 1)])
def test_the_command_prints_the_numbers_and_its_status(
    built: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    differences: list[str],
    status: int,
) -> None:
    from dataclasses import replace

    found = replace(check(built, processes=1, share=0.1), differences=differences, open_proposals=0)
    monkeypatch.setattr(checking, "check", lambda **_: found)
    assert main(["corpus", "build", "--check", "--share", "0.1"]) == status
    printed = capsys.readouterr().out
    for words in ("vjp\t", "float64\t", "compressed", "outside linear algebra", *differences):
        assert words in printed
