"""One engine end to end: list, run, judgement, verdict, results."""

from __future__ import annotations

import json
import lzma
from dataclasses import replace
from pathlib import Path

import pytest

import conformance.certify as module
from conformance.caselist import Selection, list_text, locked_from, parse_list
from conformance.cases import BEHAVIOURS, Behaviour, Case
from conformance.certify import certify, judge_case, rejudge, verify
from conformance.compare import Expectation
from conformance.errors import CorpusError, UsageError, without_places
from conformance.results import read_results
from conformance.runner import ENGINES, execute


def official(cases):
    return parse_list(list_text(cases), "imperative-cpu", lock_sha256="1" * 64)


@pytest.fixture
def cases(make_case):
    return [make_case(n, 1.0 + n, level="must" if n < 8 else "should") for n in range(10)]


def test_an_honest_engine_is_certified_and_its_results_are_sound(engine, cases, tmp_path):
    records = []
    done = certify(
        engine("Honest"), cases=cases, locked=official(cases), output=tmp_path, workers=2, on_record=records.append
    )
    assert (done.verdict.verdict, done.verdict.exit_code) == ("certified", 0)
    assert done.folder == tmp_path / "honest-1.0"
    assert len(records) == 10
    assert verify(done.folder, cases=cases, locked=official(cases)) == []
    assert rejudge(done.folder, cases=cases, locked=official(cases)).verdict == done.verdict
    assert [p.name for p in (tmp_path / ".conformance").iterdir()] == [".gitignore"]


def journal(folder):
    return lzma.decompress((folder / "journal.jsonl.xz").read_bytes()).splitlines()


def test_the_journal_is_the_same_for_any_number_of_workers(engine, trigger_cases, tmp_path):
    journals = []
    for workers in (1, 2, 3):
        output = tmp_path / str(workers)
        locked = locked_from(trigger_cases)
        done = certify(engine("Aborts"), cases=trigger_cases, locked=locked, output=output, workers=workers)
        journals.append(journal(done.folder)[1:])
        assert "the last words" in done.results.environment["stderr"][trigger_cases[2].id]
    assert journals[0] == journals[1] == journals[2]
    assert len(journals[0]) == 7


@pytest.mark.parametrize("name, status, words", [
    ("Aborts", "crash", "SIGABRT"),
    ("ExitsWithZero", "crash", "ended with status 0"),
    ("Hangs", "timeout", "no answer within 1 s"),
    ("CallsExit", "error", "raised SystemExit"),
])  # fmt: skip
def test_an_engine_that_misbehaves_once_is_not_certified_for_that_reason(engine, trigger_cases, name, status, words):
    done = certify(engine(name), cases=trigger_cases, locked=official(trigger_cases), output=None, deadline=1.0)
    assert done.verdict.verdict == "not certified"
    assert done.verdict.counts == {"pass": 5, status: 1}
    assert words in done.verdict.reasons[0]


@pytest.mark.parametrize("name, status, words", [
    ("SupportsNothing", "unsupported", "lacks leaf, which 10 must-cases need"),
    ("WrongShape", "fail", "expected shape (2,), got (1, 2)"),
    ("ReadsList", "error", "ReadsList.read returned list"),
    ("ReadsNone", "error", "ReadsNone.read returned NoneType"),
])  # fmt: skip
def test_an_engine_that_is_always_wrong_is_not_certified(engine, make_case, name, status, words):
    cases = [make_case(n) for n in range(10)]
    done = certify(engine(name), cases=cases, locked=official(cases), output=None)
    assert done.verdict.verdict == "not certified"
    assert done.verdict.counts == {status: 10}
    assert words in done.verdict.reasons[0]


def test_answers_that_change_are_flaky(engine, cases):
    done = certify(engine("Unsteady"), cases=cases[:2], locked=official(cases[:2]), output=None, repeats=2)
    assert done.verdict.counts == {"flaky": 2}
    assert done.verdict.verdict == "not certified"


def test_a_selection_is_partial_and_lies_beside_the_full_run(engine, cases, tmp_path):
    done = certify(
        engine("Honest"),
        cases=cases,
        locked=official(cases),
        output=tmp_path,
        selection=Selection(select=("*-00[12]*",)),
    )
    assert (done.verdict.verdict, done.verdict.exit_code) == ("partial", 13)
    assert done.verdict.counts == {"pass": 2, "not-run": 8}
    assert done.folder.name == "honest-1.0-partial"
    assert verify(done.folder, cases=cases, locked=official(cases)) == []


def test_a_longer_deadline_or_an_unlocked_list_certifies_nothing(engine, cases):
    for options in ({"locked": official(cases), "deadline": 60.0}, {"locked": locked_from(cases)}):
        assert certify(engine("Honest"), cases=cases, output=None, **options).verdict.verdict == "invalid"


def test_cases_that_are_not_the_locked_ones_are_refused_before_the_engine_starts(engine, cases):
    changed = [*cases[:-1], replace(cases[-1], level="may")]
    with pytest.raises(CorpusError, match="is not what locked list imperative-cpu says"):
        certify(engine("hostile_import:X"), cases=changed, locked=official(cases), output=None)


def test_a_folder_that_cannot_be_written_is_said_before_the_engine_starts(engine, cases, tmp_path):
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(UsageError, match=r"cannot write to .*reports"):
        certify(engine("hostile_import:X"), cases=cases, locked=official(cases), output=tmp_path / "reports")


def test_a_folder_of_the_engine_that_cannot_be_written_is_said_before_any_case(engine, cases, tmp_path):
    (tmp_path / "honest-1.0").write_text("a file")
    records = []
    with pytest.raises(UsageError, match=r"cannot write to .*honest-1\.0"):
        certify(engine("Honest"), cases=cases, locked=official(cases), output=tmp_path, on_record=records.append)
    assert records == []


def interrupt_after(count):
    seen = []

    def on_record(record):
        seen.append(record)
        if len(seen) == count:
            raise KeyboardInterrupt

    return on_record


def test_an_interrupted_run_is_resumed_and_loses_nothing(engine, cases, tmp_path, monkeypatch):
    options = {"cases": cases, "locked": official(cases), "output": tmp_path, "workers": 2}
    first = certify(engine("Honest"), **options)
    before = journal(first.folder)
    with pytest.raises(KeyboardInterrupt):
        certify(engine("Honest"), on_record=interrupt_after(4), **options)
    assert journal(first.folder) == before

    asked = []
    begin = module.RawLog.begin
    monkeypatch.setattr(module.RawLog, "begin", lambda log, w, case: (asked.append(case), begin(log, w, case)))
    again = certify(engine("Honest"), resume=True, **options)
    assert len(asked) == 6
    assert again.verdict == first.verdict
    assert journal(again.folder)[1:] == before[1:]


def test_without_resume_nothing_of_an_interrupted_run_is_used(engine, cases, tmp_path, monkeypatch):
    options = {"cases": cases, "locked": official(cases), "output": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        certify(engine("Honest"), on_record=interrupt_after(4), **options)
    asked = []
    monkeypatch.setattr(module.RawLog, "begin", lambda _log, _worker, case: asked.append(case))
    certify(engine("Honest"), **options)
    assert len(asked) == 10


def rewrite(path, old, new):
    raw = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    assert old in raw
    raw = raw.replace(old, new, 1)
    path.write_bytes(lzma.compress(raw) if path.suffix == ".xz" else raw)


@pytest.mark.parametrize("edit, words", [
    (("journal.jsonl.xz", b'"status":"fail"', b'"status":"pass"'), "the journal says pass, judging again says fail"),
    (("verdict.json", b'"not certified"', b'"certified"'), "verdict.json says verdict = 'certified'"),
    (("verdict.json", b'"exit_code": 1', b'"exit_code": 0'), "verdict.json says exit_code = 0"),
    (("observations.jsonl.xz", b'"shape":[1,2]', b'"shape":[2,1]'), "the sidecar's reply is not the one that"),
    (("journal.jsonl.xz", b'"list_sha256":"', b'"list_sha256":"0'), "is damaged"),
], ids=range(5))  # fmt: skip
def test_results_that_were_touched_do_not_verify(engine, cases, tmp_path, edit, words):
    done = certify(engine("WrongShape"), cases=cases, locked=official(cases), output=tmp_path)
    name, old, new = edit
    rewrite(done.folder / name, old, new)
    try:
        problems = verify(done.folder, cases=cases, locked=official(cases))
    except CorpusError as error:
        problems = [str(error)]
    assert any(words in problem for problem in problems)


def test_a_journal_that_left_out_a_case_does_not_verify(engine, cases, tmp_path):
    done = certify(engine("WrongShape"), cases=cases, locked=official(cases), output=tmp_path)
    path = done.folder / "journal.jsonl.xz"
    path.write_bytes(lzma.compress(b"\n".join(journal(done.folder)[:-1]) + b"\n"))
    assert "the sidecar has a reply, the journal no line" in verify(done.folder, cases=cases, locked=official(cases))[0]


def test_results_over_another_list_do_not_verify(engine, cases, tmp_path):
    done = certify(engine("Honest"), cases=cases, locked=official(cases), output=tmp_path)
    other = replace(official(cases), lock_sha256="2" * 64)
    assert verify(done.folder, cases=cases, locked=other) == [
        "the run was over another locked list than the one here; verify it with the suite that made it"
    ]


def test_a_comparator_that_raises_is_a_fault_of_the_suite(make_case):
    case = replace(make_case(1), expectations=(Expectation("r5", "no such kind", None),))
    record = judge_case(case, {"status": "done", "observations": {"r5": {"none": True}}})
    assert record.status == "inconclusive"
    assert "the comparator raised KeyError" in record.reason


@pytest.mark.parametrize("version, status", [("2.4.1", "version"), ("2.5.0", "fail"), ("", "fail"), ("2.8", "version")])
def test_pytorch_is_held_to_what_its_version_documents(monkeypatch, version, status):
    behaviour = Behaviour("a.b", "…", "must", "imperative", "…", since="2.5", until="2.7")
    monkeypatch.setitem(BEHAVIOURS, "a.b", behaviour)
    case = Case("a.b", "a.b", "must", "imperative", "float64", function="m:f")
    assert judge_case(case, {"status": "failed", "reason": "no"}, pytorch=version).status == status


@pytest.mark.parametrize("engine_name", sorted(ENGINES))
def test_known_engines_run_a_program_end_to_end(engine_name, make_case, tmp_path, monkeypatch):
    pytest.importorskip(engine_name)
    monkeypatch.setattr("conformance.judging.load_waivers", lambda engine: ())  # they speak of cases that are not here
    cases = [make_case(1), make_case(2, dtype="float32")]
    done = certify(
        module.EngineSpec(engine_name, ENGINES[engine_name]), cases=cases, locked=official(cases), output=tmp_path
    )
    assert done.verdict.verdict == "certified"
    assert json.loads((done.folder / "verdict.json").read_text())["sentence"] == done.verdict.sentence
    assert read_results(done.folder).run["engine"] == engine_name


def test_words_do_not_say_where_the_suite_lies_or_whose_home_it_is(engine, make_case) -> None:
    where = Path(module.__file__)
    assert without_places(f'File "{where}", line 3') == 'File "…/conformance/certify.py", line 3'
    assert without_places(f"{Path.home()}/.cache/x") == "~/.cache/x"
    case = make_case(1)
    reply = execute(engine("Tells"), [case])[case.id]
    assert reply["error"]["message"] == "in …/tests/conformance/hostile/hostile_engines.py"
