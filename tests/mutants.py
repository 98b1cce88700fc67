"""The score of mutation testing, and every mutant that survived: `make mutants` gives mutmut's folder and the modules.

A mutant is equivalent where no test could tell it from the code; each is listed here with the reason.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

REACH = 0.95
DECIDING = ("compare", "verdict")
_KILLED, _ENDLESS, _SURVIVED, _UNTESTED = "killed", "without end", "survived", "not run by any test"
_STATES = {0: _SURVIVED, 5: _UNTESTED, 33: _UNTESTED, -signal.SIGXCPU: _ENDLESS}  # by mutmut's exit code

EQUIVALENT: Mapping[str, str] = {
    r"1\.7976931348623157e\+308|3\.4028234663852886e\+38|3\.3895313892515355e\+38": "the same number, spelled otherwise",
    r"return Judgement\(None\)$": "the status of a pass is asked for by nobody: what is no failure and has no grade passes",
    r'Expectation\(e\.read, (None|"XXarrayXX"|"ARRAY"), decode_array': "whoever compares arrays does not ask for the kind",
    r"e\.tolerance\), observed, None\)$": "whoever compares arrays looks at no other observation",
    r'dtype\.kind in "XXbiuXX"': "no dtype is of kind X",
    r"astype\(None\)": "None is float64",
    r"most_common\((None|2)\)\[0\]\[0\]": "the first of several is the first of one",
    r"\.get\(Status\.WAIVED, (None)?\)": "none is as many as 0",
    r"self\._numbers\(must=None\)(,|, \"must\")": "None is as false as False",
    r"np\.maximum\(limit, 5e-324\), 1\.0\)": "what is above its limit is more than once above it",
    r"np\.isfinite\(want\), want, 2\.0": "the unit of what is not finite is not used",
    r"np\.max\(size, (initial=None)?\)": "an array without elements is not asked",
    r'with np\.errstate\((invalid=None, over="ignore"|over="ignore")\)': "no operation of the block is invalid",
    r"with np\.errstate\((divide=None, |over=\"ignore\", invalid|divide=\"ignore\", over=\"ignore\", (invalid=None)?)": (
        "a unit is never zero, and an error never infinite by itself"
    ),
    r"np\.where\(low <= high, np\.fmin": "where both are one number, it is the value",
    r"self\.pending\[-1\] >= self\.limit": "the place of a break has its answer, and is not pending",
    r"self\.client is None and self\.client\.hello is None|raise SuiteFault\(None\)": "`room` keeps it from happening",
}
"""What a changed line looks like, and why it changes nothing."""


def main(folder: str, *modules: str) -> int:
    """Prints the table and the survivors; 1 where comparator and verdict together are below what is asked."""
    killed = mutants = 0
    for module in modules:
        found = list(_mutants(Path(folder), module))
        endless = sum(m[1] == _ENDLESS for m in found)
        alive = [m for m in found if m[1] in {_SURVIVED, _UNTESTED}]
        same = [m for m in alive if _reason(m[2])]
        counted = len(found) - len(same)
        score = f"{len(found) - len(alive)} of {counted} mutants killed, {endless} of them because they did not end"
        print(f"{module}: {score}; {len(same)} more are equivalent")
        for name, state, change in (m for m in alive if m not in same):
            print(f"  {state}: {name}: {change}")
        if module in DECIDING:
            killed, mutants = killed + len(found) - len(alive), mutants + counted
    if mutants:
        score = f"{killed} of {mutants} mutants killed, {killed / mutants:.1%}"
        decided = " and ".join(module for module in modules if module in DECIDING)
        print(f"{decided}: {score}; {REACH:.0%} are asked.")
    return int(killed < REACH * mutants)


def _mutants(folder: Path, module: str) -> Iterator[tuple[str, str, str]]:
    """Every mutant that was run: its name, what became of it, and the line that is changed."""
    path = folder / "conformance" / f"{module}.py"
    codes = json.loads(Path(f"{path}.meta").read_text())["exit_code_by_key"]
    source = path.read_text()
    functions = {
        node.name: ast.get_source_segment(source, node) or ""
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }
    for name, code in sorted(codes.items()):
        if code is None:
            continue
        own = name.rpartition(".")[2]
        right = functions.get(re.sub(r"__mutmut_\d+$", "__mutmut_orig", own), "").splitlines()[1:]
        wrong = functions.get(own, "").splitlines()[1:]
        lines = [line[1:].strip() for line in difflib.ndiff(right, wrong) if line.startswith("+")]
        yield own, _STATES.get(code, _KILLED), " ".join(lines)


def _reason(change: str) -> str:
    """Why a change changes nothing, if it does not."""
    return next((why for pattern, why in EQUIVALENT.items() if re.search(pattern, change)), "")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
