"""Environments for engines, and what to begin with in another language: every mistake is one line that says what to do."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.engines import known
from conformance.engines.install import install
from conformance.engines.known import KNOWN, Known, variables
from conformance.errors import AdapterError, UsageError
from conformance.protocol.launch import command_line, environment, parse_engine

SAID: list[str] = []


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch) -> Path:
    """Environments are made in a folder of the test's own."""
    monkeypatch.setenv("CONFORMANCE_ENGINES", str(tmp_path / "engines"))
    return tmp_path / "engines"


def program(folder: Path, name: str, script: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    "name, options, words",
    [
        ("no-such-engine", {}, "no engine 'no-such-engine'; known engines: refgrad, torch"),
        ("torch", {}, "runs in the suite's own environment"),
        ("tfjs", {"python": "python3"}, "--python is for engines of Python; @tensorflow/tfjs runs in Node.js"),
        ("jax", {"python": "/no/such/python"}, "no /no/such/python that runs: put it on the PATH"),
    ],
)
def test_what_cannot_be_installed_is_said(name, options, words):
    with pytest.raises(UsageError, match=re.escape(words)) as caught:
        install(name, SAID.append, **options)
    assert "\n" not in str(caught.value)


def test_a_runtime_that_is_a_name_without_a_program_is_said(tmp_path, monkeypatch):
    program(tmp_path, "npm", "echo 'version manager: npm: command not found' >&2; exit 127")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="no npm that runs: put it on the PATH"):
        install("tfjs", SAID.append)


def test_a_step_that_fails_is_said_with_its_last_words(tmp_path):
    python = program(tmp_path, "python", "[ $1 = --version ] && exit 0; echo 'No module named venv' >&2; exit 1")
    with pytest.raises(AdapterError, match=r"engine jax could not be installed, at making .*: No module named venv"):
        install("jax", SAID.append, python=python)


def test_an_engine_over_a_kit_runs_where_it_is_installed(folders, tmp_path, monkeypatch):
    node = program(tmp_path / "bin", "node", "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    with pytest.raises(UsageError, match=re.escape("run `conformance engines install tfjs`")):
        parse_engine("tfjs")
    (folders / "tfjs" / "node_modules" / "@tensorflow" / "tfjs").mkdir(parents=True)
    spec = parse_engine("tfjs")
    assert command_line(spec) == (node, str(KNOWN["tfjs"].script))
    assert environment(spec)["NODE_PATH"] == str(folders / "tfjs" / "node_modules")
    assert spec.target == "stdio:node kits/tfjs.js"  # what a report says is the same on every machine
    assert known.status("tfjs") == f"in {folders / 'tfjs'}"


def test_an_engine_of_another_python_runs_its_script_there(folders, monkeypatch):
    old = Known("stdio:python3.8 kits/tiny.py", "tiny", ("tiny==1.0",))
    monkeypatch.setattr(known, "KNOWN", {"old": old})
    monkeypatch.setattr("conformance.protocol.launch.KNOWN", {"old": old})
    monkeypatch.setattr("conformance.protocol.launch.ENGINES", {"old": old.target})
    python = program(folders / "old" / "bin", "python", "exit 0")
    assert parse_engine("old").command == (python, str(old.script))
    assert parse_engine("old", python="/bin/sh").command == ("/bin/sh", str(old.script))
    assert old.script.is_file()


@pytest.mark.parametrize("option", ["fault", "python"])
def test_options_that_do_not_reach_an_engine_in_node_are_refused(option):
    with pytest.raises(UsageError, match=f"--{option} does not reach engine 'tfjs'"):
        parse_engine("tfjs", **{option: "/bin/sh" if option == "python" else "always-zero"})


@pytest.mark.parametrize("language, files", [
    ("python", {"engine.py", "tiny.py"}),
    ("javascript", {"engine.js", "tiny.js"}),
    ("c++", {"engine.hpp", "tiny.cpp"}),
])  # fmt: skip
def test_a_kit_is_written_with_an_example_and_never_over_a_file(tmp_path, capsys, language, files):
    folder = tmp_path / "mine"
    assert main(["engines", "kit", language, "--output", str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == files
    assert "try it: cd " in capsys.readouterr().out
    assert main(["engines", "kit", language, "--output", str(folder)]) == 4
    assert "File exists; choose a folder with --output" in capsys.readouterr().err


def test_the_variables_of_an_engine_may_name_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONFORMANCE_ENGINES", str(tmp_path))
    found = variables(KNOWN["jax"].target)
    assert found["JAX_COMPILATION_CACHE_DIR"] == f"{tmp_path}/jax/compiled"
    assert not any("{" in value for known in KNOWN.values() for value in variables(known.target).values())
