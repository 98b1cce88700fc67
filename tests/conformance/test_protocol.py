"""The messages: the quick checks accept what the schemas accept, and requests hold nothing that no engine may see."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from conformance.cases import Case
from conformance.codec import encode_array, encode_literal
from conformance.engines.base import Engine
from conformance.errors import SuiteFault
from conformance.protocol import schema
from conformance.protocol.messages import case_request, hello_request, read_hello, reply_problem
from conformance.recorder import Recorder

ARRAY = encode_array(np.array([1.5, np.nan]))


def done(**observations):
    return {"status": "done", "observations": observations}


GOOD = [
    done(),
    done(r1={"array": ARRAY}, r2={"none": True}),
    done(r1={"array": encode_array(np.zeros((0, 3), np.float32))}),
    done(r1={"array": encode_array(np.array(1 + 2j))}),
    done(r1={"flag": encode_literal((0.1, 2, None, "text", slice(1, None), Ellipsis, 1j, float("inf"), float("nan")))}),
    done(r1={"error": {"class": "RuntimeError", "message": ""}}),
    done(r1={"warnings": [{"classes": ["UserWarning"], "message": "m"}]}),
    {"status": "unsupported", "feature": "detach"},
    {"status": "error", "error": {"class": "E", "message": "m"}, "statement": 3},
    {"status": "error", "error": {"class": "E", "message": "m"}},
    {"status": "failed", "reason": "assert x"},
]
BAD = [
    None,
    [],
    {},
    {"status": ["done"]},
    {"status": "pass"},
    {"status": "crash", "reason": "an engine does not judge itself"},
    {"status": "done"},
    {**done(), "extra": 1},
    {"status": "done", "observations": []},
    done(r1=[1.0]),
    done(r1=None),
    done(r1={}),
    done(r1={"array": ARRAY, "none": True}),
    done(r1={"value": 1}),
    done(r1={"none": False}),
    done(r1={"flag": 0.5}),
    done(r1={"flag": {"float": "a half"}}),
    done(r1={"flag": {"slice": [1]}}),
    done(r1={"flag": [[{"ref": "t1"}]]}),
    done(r1={"error": "RuntimeError"}),
    done(r1={"error": {"class": "E", "message": 1}}),
    done(r1={"warnings": {}}),
    done(r1={"warnings": [{"message": "m"}]}),
    done(r1={"array": [1.5]}),
    done(r1={"array": {**ARRAY, "dtype": "object"}}),
    done(r1={"array": {**ARRAY, "dtype": ["float64"]}}),
    done(r1={"array": {**ARRAY, "shape": [-2]}}),
    done(r1={"array": {**ARRAY, "shape": 2}}),
    done(r1={"array": {"dtype": "float64", "shape": [2]}}),
    {"status": "unsupported"},
    {"status": "unsupported", "feature": ""},
    {"status": "error", "error": {"class": "E"}},
    {"status": "error", "error": {"class": "E", "message": "m"}, "statement": "first"},
    {"status": "failed", "reason": None},
]


@pytest.mark.parametrize("number", range(len(GOOD)))
def test_good_answers_pass_check_and_schema(number):
    assert reply_problem(GOOD[number]) == ""
    assert schema.problem(GOOD[number], "reply") == ""


@pytest.mark.parametrize("number", range(len(BAD)))
def test_bad_answers_fail_check_and_schema(number):
    problem = reply_problem(BAD[number])
    assert problem
    assert "\n" not in problem
    assert schema.problem(BAD[number], "reply")


@pytest.mark.parametrize(
    "data", ["", "AAAA", ARRAY["data"][:-4], ARRAY["data"] + "AAAA", ARRAY["data"][:-2] + "!=", None]
)
def test_data_must_be_as_long_as_dtype_and_shape_say(data):
    assert "data are not the base64 of 16 bytes" in reply_problem(done(r1={"array": {**ARRAY, "data": data}}))


def recorded() -> Case:
    p = Recorder("float32")
    x = p.leaf([[1.0, -2.0]])
    with p.no_grad():
        y = (x * 2.0).sum(dim=(0,), keepdim=True)
    with p.raises("RuntimeError", "does not require grad"):
        y.sum().backward()
    p.expect(x[..., 1:], [[-2.0]])
    p.expect(x.requires_grad, True)
    return Case("secret.name@float32", "secret.name", "must", "imperative", "float32", program=p.program(),
                expectations=tuple(p.expectations), needs=frozenset({"threads"}))  # fmt: skip


def test_requests_fit_the_schema():
    function = Case("a.b", "a.b", "must", "imperative", "float64", function="conformance.catalogue.a:b")
    for line in (hello_request("cpu"), case_request(1, recorded()), case_request(2, function), b'{"do":"stop"}'):
        assert schema.problem(json.loads(line), "request") == ""


def test_requests_hold_neither_names_nor_expectations():
    line = case_request(7, recorded())
    message = json.loads(line)
    assert set(message) == {"do", "seq", "program", "needs"}
    assert b"secret" not in line
    assert b"does not require grad" not in line
    assert line.count(b"\n") == 1


def test_a_case_without_anything_to_run_is_a_fault_of_the_suite():
    with pytest.raises(SuiteFault, match=r"neither a program nor a function"):
        case_request(1, Case("a.b", "a.b", "must", "imperative", "float64"))


@pytest.mark.parametrize("change, words", [
    ({"protocol": 2}, "protocol 2"),
    ({"engine": ""}, "engine and version"),
    ({"version": 3}, "engine and version"),
    ({"features": "all"}, "features must be a list"),
    ({"operators": [1]}, "operators must be a list"),
    ({"environment": []}, "environment must be an object"),
    ({"motto": "fast"}, "'motto' is nothing"),
])  # fmt: skip
def test_an_introduction_that_is_wrong_is_said_to_be(change, words):
    good = {"protocol": 1, "engine": "e", "version": "1", "features": ["float64"], "operators": [], "environment": {}}
    assert schema.problem({"hello": good}, "hello") == ""
    assert read_hello(good).to_json() == good
    assert words in read_hello({**good, **change})
    assert schema.problem({"hello": {**good, **change}}, "hello")


def talk(*messages, engine="hostile_engines:Honest", path):
    """What a worker says to these messages, line by line."""
    lines = "".join(json.dumps(message) + "\n" for message in messages)
    command = [sys.executable, "-m", "conformance.protocol.worker", "--engine", engine]
    environment = {"PYTHONPATH": f"{path}:."}
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


HELLO = {"do": "hello", "protocol": 1, "device": "cpu"}


def test_a_worker_introduces_itself_and_answers_until_it_is_told_to_stop(hostile):
    leaf = {"do": "leaf", "out": ["x"], "args": [{"array": ARRAY}], "kw": {"requires_grad": True}}
    read = {"do": "read", "name": "value", "out": ["r"], "args": [{"ref": "x"}]}
    program = [leaf, read]
    code, (hello, first, second) = talk(
        HELLO,
        {"do": "run", "seq": 1, "program": program},
        {"do": "run", "seq": 2, "program": program, "needs": ["threads"]},
        {"do": "stop"},
        {"do": "run", "seq": 3, "program": program},
        path=hostile,
    )
    assert code == 0
    assert schema.problem(hello, "hello") == ""
    assert first == {"seq": 1, **done(r={"array": ARRAY})}
    assert second == {"seq": 2, "status": "unsupported", "feature": "threads"}


def test_a_worker_that_cannot_start_says_why_and_ends_with_3(hostile):
    code, (message,) = talk(HELLO, engine="hostile_engines:LacksMethods", path=hostile)
    assert code == 3
    assert message["fatal"]["stage"] == "adapter"
    assert schema.problem(message, "hello") == ""


def test_a_worker_of_another_protocol_says_so(hostile):
    code, (message,) = talk({**HELLO, "protocol": 9}, path=hostile)
    assert (code, message["fatal"]["stage"]) == (3, "greeting")


def test_a_namespace_case_needs_a_namespace(hostile):
    _, (_, reply) = talk(HELLO, {"do": "call", "seq": 1, "function": "hostile_engines:namespace_case"}, path=hostile)
    assert reply == {"seq": 1, "status": "unsupported", "feature": "namespace"}


def test_a_sign_of_life_is_a_message_of_its_own():
    assert schema.problem({"alive": "compiling kernel 3"}, "reply", "alive") == ""
    for wrong in ({"alive": ""}, {"alive": 3}, {"alive": "yes", "seq": 1}, {}):
        assert schema.problem(wrong, "reply", "alive")
    assert reply_problem({"alive": "compiling kernel 3"}), "it is no answer"


def test_what_the_kits_say_fits_the_schemas(hostile):
    kits = schema.FOLDER.parent.parent / "kits"
    leaf = {"do": "leaf", "out": ["x"], "args": [{"array": ARRAY}], "kw": {"requires_grad": False}}
    read = {"do": "read", "name": "value", "out": ["r"], "args": [{"ref": "x"}]}
    unknown = {"do": "op", "name": "no_such_operator", "out": ["y"], "args": [{"ref": "x"}]}
    asked = [{"do": "run", "seq": k + 1, "program": p} for k, p in enumerate(([leaf, read], [leaf, unknown], [read]))]
    lines = "".join(json.dumps(message) + "\n" for message in (HELLO, *asked, {"do": "stop"}))
    commands = [
        [sys.executable, str(kits / "tiny.py")],
        *([["node", str(kits / "tiny.js")]] if shutil.which("node") else []),
    ]
    for command in commands:
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
        hello, *replies = map(json.loads, done.stdout.splitlines())
        assert schema.problem(hello, "hello") == ""
        assert [schema.problem(reply, "reply") for reply in replies] == [""] * 3
        assert [reply["status"] for reply in replies[:2]] == ["done", "unsupported"]


def test_the_document_names_every_message_and_status():
    document = (schema.FOLDER.parent / "README.md").read_text()
    for word in (
        "hello",
        "run",
        "call",
        "stop",
        "fatal",
        "done",
        "unsupported",
        "error",
        "failed",
        "seq",
        "needs",
        "alive",
    ):
        assert f"`{word}`" in document
    assert Engine.__name__ in document


def test_the_example_of_the_document_is_what_happens(hostile):
    document = (schema.FOLDER.parent / "README.md").read_text()
    block = next(b for b in document.split("```json\n")[1:] if b.startswith('{"do": "run"')).split("```")[0]
    request, answer = (json.loads(text) for text in block.split("\n\n"))
    _, (_, reply) = talk(HELLO, request, path=hostile)
    assert reply == answer


def test_a_complex_case_needs_an_engine_that_has_complex_numbers():
    p = Recorder("complex128")
    p.expect(p.leaf([1j]), [1j])
    case = Case("a.b@complex128", "a.b", "must", "functional", "complex128", program=p.program())
    assert json.loads(case_request(1, case))["needs"] == ["complex"]
