"""Results on disk: what is written is what is read, and damage is noticed."""

from __future__ import annotations

import json
import lzma
import os

import pytest

from conformance.compare import Status
from conformance.errors import CorpusError, SuiteFault, UsageError
from conformance.protocol import schema
from conformance.record import Record
from conformance.results import (
    Results,
    case_line_problem,
    check_writable,
    folder_name,
    read_records,
    read_results,
    reply_digest,
    write_results,
)
from conformance.verdict import Run

ENVIRONMENT = {
    "date": "2026-01-31", "started": "2026-01-31T12:00:00+00:00", "seconds": 1.5, "python": "3.11", "platform": "Linux",
    "suite": "0.1.0", "workers": 2, "engine": {"blas": "x"}, "features": ["float64"], "stderr": {},
}  # fmt: skip
RUN = {
    "format": 1, "engine": "mygrad", "version": "0.3", "target": "a:B", "profile": "imperative", "device": "cpu",
    "fault": "", "deadline": 20.0, "selection": None, "list": "imperative-cpu", "list_sha256": "0" * 64,
    "lock_sha256": "1" * 64,
}  # fmt: skip
GROUP = {"listed": 1, "executed": 1, "passed": 1, "must": {"listed": 1, "executed": 1, "passed": 1}}
VERDICT = {
    "format": 1, "engine": "mygrad", "version": "0.3", "profile": "imperative", "device": "cpu", "fault": "",
    "verdict": "certified", "sentence": "…", "exit_code": 0, "counts": {"pass": 2}, "by_level": {"must": {"pass": 2}},
    "behaviours": GROUP, "operators": GROUP, "dtype_copies": {"distinct": 2, "copies": 0, "by_dtype": {"float64": 2}},
    "list": {"name": "imperative-cpu", "sha256": "0" * 64, "cases": 2}, "lock_sha256": "1" * 64, "waivers": [],
    "reasons": [], "weakens": [], "environment": ENVIRONMENT,
}  # fmt: skip
REPLIES = {
    "b.two@float64": {"status": "crash", "reason": "died", "stderr": "at 0x7f"},
    "a.one@float64": {"status": "done", "observations": {"r1": {"none": True}}},
}


def record(case="a.one@float64", **changes):
    fields = {
        "requirement": "a.one", "level": "must", "profile": "imperative", "dtype": "float64", "status": "pass",
        "observed": reply_digest(REPLIES.get(case, {})),
    }  # fmt: skip
    return Record(case, **{**fields, **changes})


def results(**changes):
    records = [
        record("b.two@float64", status="crash", details={"x": float("inf")}, facets={"operator": "sin"}),
        record(),
    ]
    fields = {
        "environment": ENVIRONMENT, "run": RUN, "records": records, "verdict": VERDICT, "load_replies": lambda: REPLIES,
    }  # fmt: skip
    return Results(**{**fields, **changes})


def test_what_is_written_is_read(tmp_path):
    write_results(tmp_path / "new" / "folder", results())
    found = read_results(tmp_path / "new" / "folder")
    assert (found.environment, found.run, found.verdict) == (ENVIRONMENT, RUN, VERDICT)
    assert [r.case for r in found.records] == ["a.one@float64", "b.two@float64"]
    assert found.records[1].details == {"x": "inf"}
    assert found.records[1].facets == {"operator": "sin"}
    assert found.replies["a.one@float64"] == REPLIES["a.one@float64"]


def test_some_records_are_read_without_the_others(tmp_path):
    write_results(tmp_path, results())
    written = {r.case: r for r in read_results(tmp_path).records}
    assert read_records(tmp_path, ["b.two@float64", "c.three@float64"]) == [written["b.two@float64"]]
    assert read_records(tmp_path, list(written)) == list(written.values())
    assert read_records(tmp_path, ["b.two"]) == []


def test_the_last_words_of_a_crash_are_in_no_digest_and_no_sidecar(tmp_path):
    write_results(tmp_path, results())
    assert read_results(tmp_path).replies["b.two@float64"] == {"status": "crash", "reason": "died"}
    assert reply_digest({"status": "crash", "reason": "died", "stderr": "other"}) == reply_digest(
        REPLIES["b.two@float64"]
    )


def test_every_line_of_the_journal_fits_the_schema(tmp_path):
    write_results(tmp_path, results())
    lines = [json.loads(line) for line in lzma.decompress((tmp_path / "journal.jsonl.xz").read_bytes()).splitlines()]
    assert [schema.problem(line, "journal") for line in lines] == [""] * 4
    assert [next(iter(line)) for line in lines] == ["environment", "run", "case", "case"]


def test_writing_again_replaces_and_leaves_nothing_beside(tmp_path):
    write_results(tmp_path, results())
    write_results(tmp_path, results(records=[record()]))
    assert len(read_results(tmp_path).records) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["journal.jsonl.xz", "observations.jsonl.xz", "verdict.json"]


@pytest.mark.parametrize("changes", [
    {"environment": {**ENVIRONMENT, "workers": 0}},
    {"run": {**RUN, "list_sha256": "short"}},
    {"verdict": {**VERDICT, "verdict": "splendid"}},
    {"records": [record(level="perhaps")]},
])  # fmt: skip
def test_what_breaks_the_schema_is_not_written(tmp_path, changes):
    with pytest.raises(SuiteFault, match="breaks the schema"):
        write_results(tmp_path, results(**changes))
    assert not (tmp_path / "verdict.json").exists()


LINE = record().to_json()


@pytest.mark.parametrize("status", list(Status))
def test_quick_check_and_schema_accept_every_status(status):
    line = record(status=str(status)).to_json()
    assert case_line_problem(line) == schema.problem(line, "journal", "case") == ""


@pytest.mark.parametrize("line", [
    {k: v for k, v in LINE.items() if k != "grade"},
    {**LINE, "extra": 1},
    {**LINE, "reason": None},
    {**LINE, "level": "perhaps"},
    {**LINE, "status": "good"},
    {**LINE, "observed": "XYZ"},
    {**LINE, "observed": "0" * 16 + "\n"},
    {**LINE, "details": []},
    {**LINE, "facets": {"order": 2}},
])  # fmt: skip
def test_quick_check_and_schema_refuse_the_same_lines(line):
    assert case_line_problem(line)
    assert schema.problem(line, "journal", "case") or line["observed"].endswith("\n")


def test_a_folder_without_results_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match=r"no results in .*journal\.jsonl\.xz is missing"):
        read_results(tmp_path)


def cut(path):
    path.write_bytes(path.read_bytes()[:-9])


def edited(change):
    return lambda path: path.write_bytes(lzma.compress(change(lzma.decompress(path.read_bytes()))))


@pytest.mark.parametrize("name, harm", [
    ("journal.jsonl.xz", cut),
    ("journal.jsonl.xz", edited(lambda text: text.replace(b'"pass"', b'"passed"'))),
    ("journal.jsonl.xz", edited(lambda text: text.partition(b"\n")[2])),
    ("journal.jsonl.xz", edited(lambda _text: b"[]\n")),
    ("verdict.json", cut),
    ("verdict.json", lambda path: path.write_text("{}")),
    ("observations.jsonl.xz", cut),
    ("observations.jsonl.xz", lambda path: path.write_bytes(b"plain")),
], ids=range(8))  # fmt: skip
def test_damage_is_noticed_and_said_in_one_line(tmp_path, name, harm):
    write_results(tmp_path, results())
    harm(tmp_path / name)
    with pytest.raises(CorpusError, match=f"{name} is damaged") as caught:
        _ = read_results(tmp_path).replies
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 10


def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot write to .*choose another folder with --output"):
        check_writable(tmp_path / "file" / "reports")


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_a_usage_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="cannot write to"):
        check_writable(tmp_path)


def test_folders_are_named_after_what_was_run():
    assert folder_name(Run("torch", "2.13.0+cpu")) == "torch-2.13.0+cpu"
    assert (
        folder_name(Run("stdio:node a.js", "1", "functional", "cuda", "x"))
        == "stdio-node-a.js-1-cuda-functional-fault-x"
    )
