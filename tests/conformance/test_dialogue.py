"""An engine that is asked case by case: it answers as in a run of a list, whatever becomes of its process."""

from __future__ import annotations

import os

import pytest

from conformance.cases import Case
from conformance.dialogue import Dialogue
from conformance.protocol.client import Client
from conformance.protocol.memory import resident
from conformance.recorder import Recorder


@pytest.fixture
def clients(monkeypatch):
    """The processes that are started; none may be left behind."""
    started, init = [], Client.__init__

    def counted(self, *args, **kwargs):
        init(self, *args, **kwargs)
        started.append(self)

    monkeypatch.setattr(Client, "__init__", counted)
    yield started
    assert all(client.process.poll() is not None for client in started)


def asked(dialogue, cases):
    replies = [dialogue.reply(case, cases[i + 1 : i + 4]) for i, case in enumerate(cases)]
    dialogue.close()
    return [reply["status"] for reply in replies]


def test_an_engine_without_grad_is_asked_for_backward_as_in_a_run(engine):
    p = Recorder("float64")
    x = p.leaf([2.0])
    p.expect(p.grad(p.op("mul", x, x).sum(), [x])[0], [4.0])
    dialogue = Dialogue(engine("Honest"))
    reply = dialogue.reply(Case("op/mul/vjp/x@float64", "operator.mul.vjp", "must", "", "float64", p.program()))
    dialogue.close()
    assert reply["status"] == "done"


@pytest.mark.skipif(not resident(os.getpid()), reason="nothing says here how much a process holds")
def test_a_process_that_has_grown_is_replaced(engine, make_case, clients, monkeypatch):
    monkeypatch.setattr("conformance.protocol.client._LOOKS", 0.0)
    cases = [make_case(n) for n in range(16)]  # of which each leaves 1/16 GiB behind
    assert set(asked(Dialogue(engine("Keeps"), memory=1.0), cases)) == {"done"}
    assert len(clients) in range(2, 4)


def test_a_crash_is_the_case_in_hand_and_the_others_are_answered(engine, trigger_cases, clients):
    assert asked(Dialogue(engine("Aborts")), trigger_cases) == ["done", "done", "crash", "done", "done", "done"]
    assert len(clients) == 2


def test_too_many_crashes_are_the_end(engine, make_case, clients):
    cases = [make_case(n) for n in range(4)]
    assert asked(Dialogue(engine("Stubborn"), restarts=2), cases) == ["crash"] * 2 + ["not-run"] * 2
    assert len(clients) == 2
