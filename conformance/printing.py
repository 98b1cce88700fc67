"""A case as a runnable script: on PyTorch, on an engine with PyTorch's names, or through any adapter.

Every failure and `conformance explain` show both, to be pasted and run. Nothing here judges.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from conformance.cases import Case
from conformance.codec import canonical_json
from conformance.compare import Expectation
from conformance.excerpt import excerpt
from conformance.literals import nested
from conformance.program import Program
from conformance.spelling import Scope, lines

NAMESPACES = ("torch", "refgrad")
"""Engines whose package stands in for `torch`; every other one is driven through its adapter."""

_NOTE = 200  # characters of an expected value; a longer one is better read in the report's numbers

_NEEDS = {
    r"\bbase64\.": "import base64",
    r"\bwarnings\.": "import warnings",
    r"\b(?:inf|nan)\b": "from math import inf, nan",
    r"\bnp\.": "import numpy as np",
}


def as_code(program: Program, namespace: str = "torch", *, notes: Mapping[str, str] | None = None) -> str:
    """A script that runs the program on a package with PyTorch's names, and prints whatever the program reads.

    `notes` are comments by the name of the read, such as what it must show.

    >>> from conformance.recorder import Recorder
    >>> p = Recorder()
    >>> x = p.leaf([2.0, -3.0])
    >>> (x * x).sum().backward()
    >>> p.expect(x.grad, [4.0, -6.0])
    >>> print(as_code(p.program()))
    import torch
    torch.set_printoptions(precision=17)
    <BLANKLINE>
    t1 = torch.tensor([2.0, -3.0], dtype=torch.float64, requires_grad=True)
    t2 = t1 * t1
    t3 = torch.sum(t2)
    t3.backward()
    t4 = t1.grad
    print("r5: t4:", t4)
    """
    body = list(lines(program.statements, Scope.of(program, notes)))
    return "\n".join([*_preamble(program, "\n".join(body), namespace), "", *body])


def case_code(case: Case, engine: str = "torch") -> str:
    """The case as a script for this engine, what it must show in the comments.

    The engine is the name of a package with PyTorch's names, ``pkg.mod:Class``, or ``stdio:COMMAND``.
    """
    if engine.startswith("stdio:"):
        return command_code(case, engine)
    if case.program is None:
        return excerpt(case.function, _package(engine))
    if engine in NAMESPACES:
        return as_code(case.program, engine, notes=expected(case.expectations))
    return adapter_code(case.program, engine)


def code_target(name: str, target: str) -> str:
    """What `case_code` takes for an engine of this name and adapter.

    >>> code_target("refgrad", "conformance.engines.refgrad:RefgradEngine"), code_target("mine", "my.mod:Engine")
    ('refgrad', 'my.mod:Engine')
    """
    return name if name in NAMESPACES else target


def command_code(case: Case, engine: str) -> str:
    """A shell line that puts the case to an engine that is a command, and shows its answer."""
    from conformance.protocol.messages import case_request, hello_request

    lines_ = (hello_request("cpu"), case_request(1, case))
    quoted = " \\\n  ".join(shlex.quote(line.decode().strip()) for line in lines_)
    return f"printf '%s\\n' \\\n  {quoted} \\\n  | {engine.removeprefix('stdio:')}"


def _package(engine: str) -> str:
    """The lines that make `torch` mean this engine."""
    if engine in NAMESPACES:
        return _imported(engine)
    module, _, name = engine.partition(":")
    return f"from {module} import {name}\ntorch = {name}().namespace()"


def _imported(namespace: str) -> str:
    return "import torch" if namespace == "torch" else f"import {namespace} as torch"


def adapter_code(program: Program, engine: str) -> str:
    """A script that runs the program through an engine's adapter, as a worker does, and prints the reply."""
    module, _, name = engine.partition(":")
    steps = ",\n".join(f"    {canonical_json(s)}" for s in program.to_json())
    return "\n".join(
        [
            "import json",
            f"from {module} import {name}",
            "from conformance.program import Program",
            "",
            f'program = r"""[\n{steps}\n]"""',
            f"print({name}().run(Program.from_json(json.loads(program))))",
        ]
    )


def expected(expectations: Iterable[Expectation]) -> dict[str, str]:
    """What each read must show, in words, by the name of the read.

    >>> expected([Expectation("r1", "flag", False), Expectation("r2", "array", np.array([8.0, -12.0]))])
    {'r1': 'must be False', 'r2': 'must be [8.0, -12.0]'}
    """
    return {e.read: _WORDS[e.kind](e.value) for e in expectations}


def _array_words(value: np.ndarray) -> str:
    text = re.sub(r'fromhex\("(.*?)"\)', lambda m: repr(float.fromhex(m[1])), nested(value))
    return f"must be {text}" if len(text) <= _NOTE else f"must be {value.dtype.name} of shape {value.shape}"


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "array": _array_words,
    "flag": lambda v: f"must be {v!r}",
    "error": lambda v: f"must be {v[0]}" + (f" with {v[1]!r} in its message" if v[1] else ""),
    "warning": lambda v: f"must be a {v[0]}" + (f" with {v[1]!r} in it" if v[1] else ""),
    "equal": lambda v: f"must equal {v}",
    "contains": lambda v: f"must contain {v!r}",
    "lacks": lambda v: f"must not contain {v!r}",
}


def _preamble(program: Program, body: str, namespace: str) -> Iterator[str]:
    yield from (line for pattern, line in _NEEDS.items() if re.search(pattern, body))
    yield _imported(namespace)
    if all(s.name != "repr" for s in program.reads):  # which the number of digits would change
        wide = any(s.args[0].dtype.name in ("float64", "complex128") for s in program.walk() if s.do == "leaf")
        yield f"torch.set_printoptions(precision={17 if wide else 9})"
    if "warnings." in body and namespace == "torch":
        yield "torch.set_warn_always(True)"
    if "fromhex(" in body:
        yield "fromhex = float.fromhex"
