"""Results as a run could leave them, with every status, for the tests of what shows results."""

import datetime as dt

from conformance import catalogue
from conformance.caselist import Entry, LockedList
from conformance.compare import Status
from conformance.record import Record
from conformance.results import Results
from conformance.verdict import Run, decide
from conformance.waivers import Use, Waiver

OPERATORS = (
    "add",
    "amax",
    "div",
    "exp",
    "linalg.solve",
    "log1p",
    "matmul",
    "nn.functional.gelu",
    "prod",
    "sin",
    "sqrt",
    "where",
)
FAILURE = {
    "read": "r4",
    "index": [1, 0],
    "expected": (0.1).hex(),
    "observed": (0.2).hex(),
    "tolerance": 1e-17,
    "ulp": 7.2e15,
    "wrong": 2,
}
WAIVER = Waiver(
    "view-under-no-grad", "A view made under no_grad of a tensor that requires grad says that it requires grad.",
    "The documentation says that every result of no_grad does not require grad; views of PyTorch 2.13 do.",
    "https://example.org/issue/1", 2, ">=2.13,<2.14", dt.date(2027, 1, 31), {"requirement": "grad-mode.*"},
)  # fmt: skip


ODDITIES = (
    (Status.FAIL, "r4: at (1, 0): expected 0.1, got 0.2, off by 0.1 where 1e-17 is allowed", FAILURE),
    (Status.ERROR, "raised RuntimeError: one of the variables has been modified", {}),
    (Status.CRASH, "its process died of SIGSEGV in the middle of a case", {}),
    (Status.TIMEOUT, "no answer within 20 s", {}),
    (Status.PERMITTED, "r2: a documented alternative", {}),
    (Status.WAIVED, "r7: expected False, got True", {"was": "fail", "waiver": WAIVER.id}),
    (Status.WAIVED, "r7: expected False, got True", {"was": "fail", "waiver": WAIVER.id}),
)
"""What the first programs of some must-behaviours did."""
FAILING = "accumulation.backward-twice-adds"


def behaviour_records():
    """One record for each case of the catalogue: most pass, some do each of the other things."""
    cases = sorted(catalogue.load(), key=lambda c: (c.requirement != FAILING, c.id))
    first = {c.requirement: c.id for c in reversed(cases) if c.level == "must" and c.program is not None}
    odd = dict(zip([first.pop(FAILING), *sorted(first.values())], ODDITIES, strict=False))
    for place, case in enumerate(cases):
        status, reason, details = odd.get(case.id, (Status.PASS, "", {}))
        if status == Status.PASS and place % 19 == 0:
            status, reason, details = Status.UNSUPPORTED, "needs repr", {"feature": "repr"}
        elif status == Status.PASS and place % 50 == 30:
            status, reason, details = Status.NOT_RUN, "needs hooks", {}
        yield Record(case.id, case.requirement, case.level, case.profile, case.dtype, str(status), "", reason, details)


def operator_records():
    """A few records for each of some operators."""
    grades = ("exact", "2 ulp", "2 ulp", "16 ulp", "backward stable", "inaccurate")
    for n, name in enumerate(OPERATORS):
        for group in ("value", "vjp", "jvp", "order2"):
            for k, dtype in enumerate(("float64", "float32")):
                bad = name == "amax" and group == "vjp"
                facets = {"operator": name, "group": group, "region": "ordinary" if k else "ties"}
                details = {**FAILURE, "index": [k]} if bad else {}
                status = Status.FAIL if bad else Status.PASS
                grade = "" if bad else grades[(n + k) % 6]
                case = f"op/{name}/{group}/{facets['region']}/{n:08x}@{dtype}"
                reason = "r3: at (0,): expected 0.5, got 1.0" if bad else ""
                yield Record(
                    case,
                    f"operator.{name}.{group}",
                    "must",
                    "functional",
                    dtype,
                    str(status),
                    grade,
                    reason,
                    details,
                    "",
                    facets,
                )


def example_results(engine="refgrad", target="conformance.engines.refgrad:RefgradEngine"):
    """The results of a run that went wrong in every way."""
    records = [*behaviour_records(), *operator_records()]
    locked = LockedList("imperative-cpu", {r.case: Entry(r.level, "") for r in records}, "0" * 64, "1" * 64)
    run = Run(engine, "0.1.0")
    verdict = decide(locked, records, run=run, waivers=[Use(WAIVER, 2)])
    environment = {
        "date": "2026-11-24", "started": "2026-11-24T08:00:00+00:00", "seconds": 12.3,
        "python": "3.11.9", "platform": "Linux",
        "suite": "0.1.0", "workers": 2, "engine": {"numpy": "2.4.0"}, "features": ["float64", "grad"], "stderr": {},
    }  # fmt: skip
    line = {
        "format": 1, "engine": engine, "version": "0.1.0", "target": target, "profile": "imperative", "device": "cpu",
        "fault": "", "deadline": 20.0, "selection": None, "list": locked.name, "list_sha256": locked.sha256,
        "lock_sha256": locked.lock_sha256,
    }  # fmt: skip
    return Results(environment, line, records, verdict.to_json(environment))
