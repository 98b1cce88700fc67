"""Running a list of cases: every case is answered, whatever the engine does, and nothing is left behind."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from conformance.certify import judge_case
from conformance.errors import AdapterError, UsageError
from conformance.protocol.client import MEMORY, Client
from conformance.protocol.memory import resident
from conformance.rawlog import RawLog
from conformance.runner import execute, parse_engine

HOSTILE = Path(__file__).with_name("hostile")
MOST, LONGEST = 40, 30
"""Processes that one test may start, and seconds that it may take."""


@pytest.fixture(autouse=True)
def bounds(monkeypatch):
    """No test leaves a process behind; nor may it start some without end or wait for ever, as a runner that is wrong does."""
    clients, init = [], Client.__init__

    def counted(self, *args, **kwargs):
        if len(clients) == MOST:
            pytest.fail(f"{MOST} engines were started")
        init(self, *args, **kwargs)
        clients.append(self)

    monkeypatch.setattr(Client, "__init__", counted)
    before = signal.signal(signal.SIGALRM, lambda *_: pytest.fail(f"no end after {LONGEST} s"))
    signal.alarm(LONGEST)
    yield clients
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    left = [client for client in clients if client.process.poll() is None]
    for client in left:
        client.kill()
    assert not left


def statuses(replies):
    return [reply["status"] for reply in replies.values()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_for_death(pid: int) -> bool:
    for _ in range(100):
        if not is_alive(pid):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("text, said", [
    ("torhc", "did you mean 'torch'"),
    ("nothing-like-it", "known engines: refgrad, torch"),
    ("pkg.mod:", "no engine"),
    ("stdio:", "no command"),
    ("stdio:no-such-command-anywhere -v", "no command 'no-such-command-anywhere'"),
    ("stdio:cat 'open", "check its quotes"),
])  # fmt: skip
def test_an_unknown_engine_is_one_clear_line(text, said):
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        parse_engine(text)
    assert "\n" not in str(caught.value)


def test_an_interpreter_that_does_not_exist_is_a_usage_error():
    with pytest.raises(UsageError, match="no interpreter '/nowhere/python'"):
        parse_engine("torch", python="/nowhere/python")


def test_options_that_a_command_cannot_follow_are_refused():
    with pytest.raises(UsageError, match="--fault is for Python engines"):
        parse_engine("stdio:cat", fault="x")


def test_an_honest_engine_passes_in_the_order_of_the_list(engine, trigger_cases):
    replies = execute(engine("Honest"), trigger_cases, workers=2)
    assert list(replies) == [case.id for case in trigger_cases]
    assert {judge_case(case, replies[case.id]).status for case in trigger_cases} == {"pass"}


def test_no_cases_start_no_engine(engine):
    assert execute(engine("hostile_import:X"), []) == {}


BREAKS = {
    "Aborts": ("crash", "its process died of SIGABRT in the middle of a case"),
    "ExitsWithZero": ("crash", "its process ended with status 0 in the middle of a case"),
    "Hangs": ("timeout", "no answer within 1 s"),
}


@pytest.mark.parametrize("name", BREAKS)
@pytest.mark.parametrize("in_flight", [1, 8])
def test_what_breaks_the_process_costs_one_case_only(engine, trigger_cases, name, in_flight):
    replies = execute(engine(name), trigger_cases, deadline=1.0, in_flight=in_flight)
    broken = replies[trigger_cases[2].id]
    assert (broken["status"], broken["reason"]) == BREAKS[name]
    assert statuses(replies) == ["done"] * 2 + [BREAKS[name][0]] + ["done"] * 3


def test_the_last_words_on_standard_error_are_kept(engine, trigger_cases):
    replies = execute(engine("Aborts"), trigger_cases)
    assert "the last words" in replies[trigger_cases[2].id]["stderr"]


def test_leaving_python_is_an_error_of_the_case(engine, trigger_cases):
    replies = execute(engine("CallsExit"), trigger_cases)
    assert replies[trigger_cases[2].id]["error"] == {"class": "SystemExit", "message": "3"}


def test_noise_on_stdout_and_reading_stdin_do_no_harm(engine, trigger_cases):
    replies = execute(engine("Noisy"), trigger_cases, deadline=10.0)
    assert statuses(replies) == ["done"] * 6


@pytest.mark.parametrize("name, words", [
    ("ReadsList", "ReadsList.read returned list; return a NumPy array"),
    ("ReadsNone", "ReadsNone.read returned NoneType; return a NumPy array"),
    ("ReadsText", "ReadsText.read returned an array of dtype <U5; return numbers or booleans"),
    ("RunsNone", "RunsNone.run: the reply is a NoneType; it must be an object"),
])  # fmt: skip
def test_an_answer_that_is_no_array_names_class_and_method(engine, make_case, name, words):
    (reply,) = execute(engine(name), [make_case(1)]).values()
    assert reply["error"] == {"class": "AdapterError", "message": words}
    assert judge_case(make_case(1), reply).status == "error"


def test_a_wrong_shape_fails(engine, make_case):
    (reply,) = execute(engine("WrongShape"), [make_case(1)]).values()
    assert judge_case(make_case(1), reply).reason == "r5: expected shape (2,), got (1, 2)"


def test_an_engine_that_supports_nothing_says_so(engine, make_case):
    (reply,) = execute(engine("SupportsNothing"), [make_case(1)]).values()
    assert reply == {"status": "unsupported", "feature": "leaf"}


@pytest.mark.parametrize("name, words", [
    ("no_such_module:Engine", "at import: ModuleNotFoundError: No module named 'no_such_module'; check the name"),
    ("hostile_engines:Missing", "at import: module hostile_engines has no Missing"),
    ("hostile_import:X", "its process ended with status 7 before it said hello (libhostile.so: cannot open"),
    ("LacksMethods", "hostile_engines:LacksMethods lacks the methods backward, read; define what its base class"),
    ("NotAnEngine", "is no adapter; derive it from ImperativeEngine or FunctionalEngine"),
    ("Nameless", "set the class attributes name and version"),
    ("FailsToConstruct", "at construction: RuntimeError: no licence; make"),
    ("stdio modern", "it speaks protocol 2, and the suite speaks 1"),
    ("stdio silent", "no answer within 0.5 s"),
])  # fmt: skip
def test_an_engine_that_cannot_start_is_one_clear_line(engine, make_case, name, words):
    with pytest.raises(AdapterError, match=re.escape(words)) as caught:
        execute(engine(name), [make_case(1)], startup=0.5 if "silent" in name else 30.0)
    assert "\n" not in str(caught.value)


def test_a_command_that_cannot_be_executed_is_one_clear_line(make_case, tmp_path):
    command = tmp_path / "engine"
    command.write_text("#!/nowhere/python\n")
    command.chmod(0o755)
    with pytest.raises(AdapterError) as caught:
        execute(parse_engine(f"stdio:{command}"), [make_case(1)])
    assert str(caught.value) == (
        f"engine stdio:{command} did not start, at launch: No such file or directory: {command}; "
        "check that it can be executed"
    )


def test_an_engine_is_told_its_device(engine, make_case):
    versions = []
    execute(
        engine("stdio device", device="cuda"), [make_case(1)], on_hello=lambda hello: versions.append(hello.version)
    )
    assert versions == ["cuda"]


def test_a_device_that_the_adapter_does_not_know_is_refused(engine, make_case):
    with pytest.raises(AdapterError, match="runs on the cpu only"):
        execute(engine("Honest", device="cuda"), [make_case(1)])


@pytest.mark.parametrize("mode, reason", [
    ("garbage", "it wrote a line that is no JSON"),
    ("partial", "its process ended with status 1 in the middle of a case, in the middle of a line"),
    ("early", "it answered message 4 where message 3 was its turn"),
    ("flood", "bytes that are no message"),
    ("deaf", "it closed its output"),
])  # fmt: skip
def test_a_breach_of_the_protocol_is_a_crash_of_that_case(engine, trigger_cases, mode, reason):
    replies = execute(engine(f"stdio {mode}"), trigger_cases[:4], deadline=5.0)
    assert statuses(replies) == ["unsupported"] * 2 + ["crash", "unsupported"]
    assert reason in replies[trigger_cases[2].id]["reason"]


def test_a_malformed_answer_is_an_error_and_the_engine_goes_on(engine, trigger_cases):
    replies = execute(engine("stdio malformed"), trigger_cases)
    assert statuses(replies) == ["unsupported"] * 2 + ["error"] + ["unsupported"] * 3
    assert "observation 'r1' is a list" in replies[trigger_cases[2].id]["error"]["message"]


@pytest.mark.parametrize("mode", ["chatter", "chatty-start"])
def test_chatter_between_messages_is_passed_over(engine, trigger_cases, mode):
    assert statuses(execute(engine(f"stdio {mode}"), trigger_cases)) == ["unsupported"] * 6


def test_full_pipes_on_both_sides_do_not_stop_both(engine, make_case):
    cases = [make_case(n) for n in range(8)]
    large = [case.__class__(**{**vars(case), "needs": frozenset({"x" * 1_000_000})}) for case in cases]
    replies = execute(engine("stdio big"), large, deadline=20.0, in_flight=8)
    assert {len(reply["feature"]) for reply in replies.values()} == {1_000_000}


@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
@pytest.mark.parametrize("name", ["HangsWithChild", "stdio orphan"])
def test_children_of_a_broken_engine_are_ended_too(engine, trigger_cases, name):
    began = time.monotonic()
    replies = execute(engine(name), trigger_cases[:3], deadline=1.0)
    child = int(re.search(r"child (\d+)", replies[trigger_cases[2].id]["stderr"])[1])
    assert wait_for_death(child)
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_restart_budget_counts_in_the_order_of_the_list(engine, make_case, workers):
    cases = [make_case(n) for n in range(7)]
    replies = execute(engine("Stubborn"), cases, workers=workers, restarts=3, in_flight=2)
    assert statuses(replies) == ["crash"] * 3 + ["not-run"] * 4
    assert replies[cases[-1].id]["reason"] == (
        "the engine crashed or hung 3 times before; the rest of the list was not run"
    )


def test_a_hang_counts_against_the_restart_budget_too(engine, trigger_cases):
    replies = execute(engine("Hangs"), trigger_cases, deadline=1.0, restarts=1)
    assert statuses(replies) == ["done"] * 2 + ["timeout"] + ["not-run"] * 3


@pytest.mark.skipif(not resident(os.getpid()), reason="nothing says here how much a process holds")
@pytest.mark.parametrize("most, processes", [(1.0, range(2, 4)), (MEMORY, range(1, 2))])
def test_a_process_that_has_grown_is_replaced(engine, make_case, bounds, monkeypatch, most, processes):
    monkeypatch.setattr("conformance.protocol.client._LOOKS", 0.0)
    cases = [make_case(n) for n in range(16)]  # of which each leaves 1/16 GiB behind
    replies = execute(engine("Keeps"), cases, memory=most, in_flight=2)
    assert set(statuses(replies)) == {"done"}
    assert len(bounds) in processes


def test_whoever_calls_sees_the_engine_that_started_and_each_answer(engine, trigger_cases):
    greeted, seen = [], {}

    def greet(hello):
        greeted.append(hello.engine)

    replies = execute(engine("Honest"), trigger_cases, on_hello=greet, on_reply=lambda c, r: seen.update({c.id: r}))
    assert greeted == ["honest"]
    assert seen == replies


def test_as_many_cases_are_under_way_as_may_be(engine, make_case, tmp_path):
    log, begun, most = RawLog(tmp_path, {"run": 1}), set(), []
    log.begin = lambda _worker, case: (begun.add(case), most.append(len(begun)))
    log.end = lambda _worker, case, _reply: begun.remove(case)
    execute(engine("Honest"), [make_case(n) for n in range(9)], in_flight=4, on_hello=lambda _: log)
    assert max(most) == 4


def test_workers_may_tidy_up_after_a_whole_run_and_end_at_once_after_a_broken_one(engine, trigger_cases, monkeypatch):
    patience, kill = [], Client.kill
    monkeypatch.setattr(Client, "kill", lambda self, seconds=0.0: (patience.append(seconds), kill(self, seconds)))
    execute(engine("Honest"), trigger_cases, in_flight=1)

    def interrupt(_case, _reply):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(engine("Honest"), trigger_cases, in_flight=1, on_reply=interrupt)
    assert patience == [3.0, 0.0]


def test_an_engine_that_starts_no_more_ends_the_run(engine, make_case, tmp_path):
    flag = tmp_path / "flag"
    replies = execute(engine(f"stdio flash {flag}"), [make_case(n) for n in range(3)], on_hello=lambda _: flag.touch())
    assert set(statuses(replies)) <= {"unsupported", "crash", "not-run"}


def test_after_three_starts_in_a_row_that_fail_the_rest_is_not_run_and_says_why(engine, make_case, tmp_path):
    starts = tmp_path / "starts"
    replies = execute(engine(f"stdio once {starts}"), [make_case(n) for n in range(5)], in_flight=1)
    assert statuses(replies) == ["unsupported", "unsupported", "crash", "not-run", "not-run"]
    assert len(starts.read_text()) == 1 + 3
    why = replies["area.behaviour-004@float64"]["reason"]
    assert "did not start, at start: " in why
    assert "(no licence left)" in why


def test_a_worker_that_cannot_start_gives_up_after_three_starts_and_the_other_goes_on(engine, make_case, tmp_path):
    replies = execute(
        engine(f"stdio alone {tmp_path}"), [make_case(n) for n in range(5)],
        workers=2, in_flight=1, deadline=5.0, on_hello=lambda _: (tmp_path / "greeted").touch(),
    )  # fmt: skip
    assert statuses(replies) == ["unsupported"] * 5
    assert (tmp_path / "starts").read_text() == "xxx"


def test_an_engine_that_answers_before_it_is_asked_is_not_started_for_ever(engine, make_case):
    with pytest.raises(AdapterError, match="it answered message 1 where nothing was asked"):
        execute(engine("stdio restless"), [make_case(1)], deadline=1.0)


def test_another_interpreter_needs_nothing_of_ours_on_its_path(engine, make_case, monkeypatch):
    spec = engine("Honest", python=sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(HOSTILE))
    monkeypatch.chdir("/")
    assert statuses(execute(spec, [make_case(1)])) == ["done"]


def test_each_case_is_noted_before_it_is_sent(engine, trigger_cases, tmp_path):
    log = RawLog(tmp_path, {"run": 1})
    execute(engine("Aborts"), trigger_cases, on_hello=lambda _: log)
    lines = (tmp_path / "worker-0.jsonl").read_text().splitlines()
    begun = [line for line in lines if line.startswith('{"start"')]
    assert len(begun) >= 6
    assert lines.index(f'{{"start":"{trigger_cases[2].id}"}}') < next(
        number for number, line in enumerate(lines) if '"crash"' in line
    )
    assert [path.name for path in tmp_path.glob("worker-*")] == ["worker-0.jsonl"]


def test_an_interrupted_run_goes_on_where_it_was(engine, trigger_cases, tmp_path):
    def interrupt(case, _reply):
        if case.id == trigger_cases[1].id:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(engine("Honest"), trigger_cases, on_hello=lambda _: RawLog(tmp_path, {"run": 1}), on_reply=interrupt)
    with (tmp_path / "worker-0.jsonl").open("a") as log:
        log.write('{"case":"cut off in the mid')
    known = RawLog(tmp_path, {"run": 1}).known()
    assert list(known) == [trigger_cases[0].id, trigger_cases[1].id]
    assert RawLog(tmp_path, {"run": 2}).known() == {}

    asked = []
    again = RawLog(tmp_path, {"run": 1})
    again.begin = lambda _worker, case: asked.append(case)
    replies = execute(engine("Honest"), trigger_cases, on_hello=lambda _: again)
    assert asked == [case.id for case in trigger_cases[2:]]
    assert statuses(replies) == ["done"] * 6
