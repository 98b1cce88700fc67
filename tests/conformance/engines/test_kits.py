"""Each kit's example, an engine of sixty to a hundred lines in its own language, is judged like every other."""

from __future__ import annotations

import ast
import shlex
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

import conformance
from conformance.compare import Status, judge
from conformance.corpus.loader import load_cases
from conformance.engines.known import KNOWN
from conformance.runner import EngineSpec, execute, parse_engine

KITS = Path(conformance.__file__).parent / "kits"
COMMON = ("neg", "square", "add", "sub", "mul", "sum")
EXAMPLES = {"tiny.py": (*COMMON, "atan"), "tiny.js": (*COMMON, "sin"), "tiny.cpp": (*COMMON, "atan")}
NEEDS = {"tiny.js": "node", "tiny.cpp": "g++"}
GROUPS = ("value", "vjp")


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request, tmp_path_factory) -> tuple[str, EngineSpec]:
    """An example by name, ready to run."""
    name = request.param
    needs = NEEDS.get(name)
    if needs is not None and shutil.which(needs) is None:
        pytest.skip(f"there is no {needs} here, which runs this example")
    command = {"tiny.py": [sys.executable, str(KITS / name)], "tiny.js": ["node", str(KITS / name)]}.get(name)
    if command is None:
        command = [str(tmp_path_factory.mktemp("kit") / "tiny")]
        subprocess.run(["g++", "-std=c++17", "-Wall", "-Werror", str(KITS / name), "-o", *command], check=True)
    return name, parse_engine("stdio:" + shlex.join(command))


@pytest.fixture(scope="module")
def cases():
    """The cases of every operator that an example has."""
    operators = {operator for own in EXAMPLES.values() for operator in own}
    return load_cases(chosen=lambda f: f["operator"] in operators and f["group"] in (*GROUPS, "order2"))


@pytest.fixture(scope="module")
def statuses(example, cases) -> dict[tuple[str, str], Counter[Status]]:
    name, spec = example
    chosen = [case for case in cases if case.facets["operator"] in EXAMPLES[name]]
    replies = execute(spec, chosen, deadline=10.0)
    found: dict[tuple[str, str], Counter[Status]] = defaultdict(Counter)
    for case in chosen:
        judgement = judge(case.expectations, replies[case.id])
        found[case.facets["operator"], case.facets["group"]][judgement.status] += 1
        assert judgement.status in (Status.PASS, Status.PERMITTED, Status.UNSUPPORTED), (case.id, judgement.reason)
    return found


@pytest.mark.parametrize("group", GROUPS)
def test_the_example_passes_what_it_has(example, statuses, group: str) -> None:
    for operator in EXAMPLES[example[0]]:
        assert statuses[operator, group][Status.PASS] > 0, operator


def test_the_javascript_example_differentiates_again(example, statuses) -> None:
    passed = sum(statuses[operator, "order2"][Status.PASS] for operator in EXAMPLES[example[0]])
    assert (passed > 0) == (example[0] == "tiny.js")  # the other two have backward once, and say so


@pytest.mark.parametrize("name", [name for name, known in KNOWN.items() if known.runtime])
def test_an_adapter_over_a_kit_is_a_program_of_its_language(name: str) -> None:
    script = KNOWN[name].script
    source = script.read_text(encoding="utf-8")
    if script.suffix == ".py":
        ast.parse(source, feature_version=(3, 8))
    elif shutil.which("node") is None:
        pytest.skip("there is no node here, which reads this script")
    else:
        subprocess.run(["node", "--check", str(script)], check=True)


@pytest.mark.parametrize("name", [name for name, known in KNOWN.items() if known.runtime == "node"])
def test_an_adapter_in_javascript_is_sixty_lines_and_a_table(name: str) -> None:
    core, table, _ = KNOWN[name].script.read_text(encoding="utf-8").partition("// --- the operators ---")
    assert table
    assert len(core.splitlines()) <= 60


@pytest.mark.parametrize("name", ["engine.py", "engine.js", "engine.hpp"])
def test_a_kit_is_one_short_file(name: str) -> None:
    assert len((KITS / name).read_text(encoding="utf-8").splitlines()) <= 300
