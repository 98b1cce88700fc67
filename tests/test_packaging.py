"""What the distribution promises: pinned versions, light imports, one plugin, and nothing stray at the top level."""

import importlib
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PIN_LINES = (ROOT / "constraints.txt").read_text().splitlines()
PINS = dict(line.split("==") for line in PIN_LINES if line and not line.startswith("#"))


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def exists(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def imported_by(statement):
    """Names of the top-level packages that a fresh interpreter has after the statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("group", ["dependencies", *PROJECT["optional-dependencies"]])
def test_every_dependency_is_pinned(group):
    wanted = PROJECT["dependencies"] if group == "dependencies" else PROJECT["optional-dependencies"][group]
    pinned = {normalized(name) for name in PINS}
    assert {normalized(re.split(r"[<>=!~; \[]", w)[0]) for w in wanted} <= pinned


def test_the_pinned_pytorch_is_the_documented_one():
    assert PINS["torch"] == "2.13.0"


def test_the_plugin_has_one_name_however_it_is_loaded():
    assert PROJECT["entry-points"]["pytest11"] == {"conformance.plugin": "conformance.plugin"}


@pytest.mark.parametrize("target", [*PROJECT["scripts"].values(), *PROJECT["entry-points"]["pytest11"].values()])
def test_entry_points_lead_somewhere(target):
    module, _, name = target.partition(":")
    assert exists(module)
    if name:
        assert callable(getattr(importlib.import_module(module), name))


def test_refgrad_needs_neither_the_suite_nor_another_engine():
    assert not imported_by("import refgrad") & {"conformance", "hypothesis", "pytest", "torch", "flint"}


@pytest.mark.parametrize("module", ["conformance.plugin", "conformance.cli"])
def test_the_suite_starts_without_pytorch(module):
    assert "torch" not in imported_by(f"import {module}")


def test_the_plugin_imports_nothing_heavy():
    heavy = {"hypothesis", "jinja2", "jsonschema", "numpy", "refgrad", "rich", "scipy", "torch", "flint"}
    assert not imported_by("import conformance.plugin") & heavy


def test_the_version_is_said_once():
    assert importlib.import_module("refgrad").__version__ == PROJECT["version"]


def test_nothing_in_the_sources_is_bound_to_one_machine():
    files = [ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / ".ci" / "run", *ROOT.glob("*.md"), *ROOT.glob("*.txt")]
    for package in ("refgrad", "conformance"):
        files += (p for p in (ROOT / package).rglob("*.py"))
    bound = re.compile(r"(?<![\w./])/(?:work|root|home|opt|Users)/\w")
    assert [str(p.relative_to(ROOT)) for p in files if bound.search(p.read_text(encoding="utf-8"))] == []
