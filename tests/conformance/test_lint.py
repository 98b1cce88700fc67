from dataclasses import replace

import numpy as np
import pytest

from conformance import lint
from conformance.cases import Behaviour, Case
from conformance.compare import Expectation
from conformance.program import Program, Ref, Statement
from conformance.recorder import Recorder

B = Behaviour("area.says-so", "It says so.", "must", "imperative", "a page", kills=("some-fault",))


def program_case():
    p = Recorder()
    x = p.leaf([1.0, 2.0])
    p.expect(x.requires_grad, True)
    return Case(
        "area.says-so@float64", "area.says-so", "must", "imperative", "float64", p.program(), "", tuple(p.expectations)
    )


def asserts_something(torch):
    assert torch


def asserts_nothing(torch):
    torch.tensor(1.0)


def asserts_through_another(torch):
    asserts_something(torch)


def function_case(function):
    return replace(
        program_case(), id="area.says-so", program=None, function=f"{__name__}:{function.__name__}", expectations=()
    )


def suite(*, behaviour=B, cases=None, faults=("some-fault",)):
    return lint.Suite((behaviour,), tuple(cases or [program_case()]), frozenset(faults))


def said(found):
    return [str(p) for p in lint.problems(found)]


def test_a_sound_suite_has_no_problem():
    assert said(suite()) == []


@pytest.mark.parametrize(
    "change, words",
    [
        ({"source": " "}, "has no source"),
        ({"statement": ""}, "has no statement"),
        ({"level": "shall"}, "level 'shall' is none of"),
        ({"profile": "both"}, "profile 'both' is none of"),
        ({"kills": ()}, "is a must and names no fault"),
        ({"kills": ("absent",)}, "names the fault 'absent', which does not exist"),
    ],
)
def test_a_behaviour_must_be_complete(change, words):
    faults = () if "kills" in change else ("some-fault",)
    (problem,) = said(suite(behaviour=replace(B, **change), faults=faults))
    assert words in problem


def test_a_should_needs_no_fault():
    assert said(suite(behaviour=replace(B, level="should", kills=()), faults=())) == []


def test_a_behaviour_without_a_case_is_named():
    other = replace(B, id="area.another")
    found = lint.Suite((B, other), (program_case(),), frozenset(["some-fault"]))
    assert said(found) == ["area.another: no case shows it"]


def test_one_id_twice_is_named():
    assert said(suite(cases=[program_case(), program_case()])) == [
        "area.says-so@float64: 2 cases have this id; give each its own label with @also"
    ]


def test_ids_are_lower_case_with_hyphens():
    odd = replace(B, id="Area.Says_So")
    assert any("an id is area.what-it-says" in p for p in said(suite(behaviour=odd)))


def test_a_case_without_expectations_is_named():
    assert any(
        "expects nothing; a case that cannot fail" in p
        for p in said(suite(cases=[replace(program_case(), expectations=())]))
    )


def test_a_read_that_nothing_looks_at_is_named():
    case = program_case()
    more = (*case.program.statements, Statement("read", ("r9",), (Ref("t1"),), {}, "value"))
    assert said(suite(cases=[replace(case, program=Program(more))])) == [
        "area.says-so@float64: reads r9 and expects nothing of it"
    ]


def test_an_expectation_of_nothing_is_named():
    case = replace(program_case(), expectations=(*program_case().expectations, Expectation("r7", "flag", True)))
    assert said(suite(cases=[case])) == ["area.says-so@float64: expects something of r7, which it never reads"]


@pytest.mark.parametrize(
    "tolerance, words",
    [
        (np.array([1.0, np.nan]), "negative or nan"),
        (np.array([-1.0, 0.0]), "negative or nan"),
        (np.zeros(3), "has shape (3,)"),
    ],
)
def test_a_tolerance_must_be_one(tolerance, words):
    p = Recorder()
    p.expect(p.leaf([1.0, 2.0]), [1.0, 2.0])
    case = replace(program_case(), program=p.program(), expectations=(replace(p.expectations[0], tolerance=tolerance),))
    (problem,) = said(suite(cases=[case]))
    assert words in problem


@pytest.mark.parametrize("function", [asserts_something, asserts_through_another])
def test_a_function_that_asserts_passes(function):
    assert said(suite(cases=[function_case(function)])) == []


def test_a_function_that_asserts_nothing_is_named():
    assert said(suite(cases=[function_case(asserts_nothing)])) == [
        "area.says-so: asserts nothing; a case that cannot fail shows nothing"
    ]


def test_names_that_lead_nowhere_are_named():
    statements = (
        Statement("leaf", ("t1",), (np.ones(2),), {"requires_grad": True}),
        Statement("op", ("t2",), (Ref("t1"),), {}, "sine"),
    )
    read = Statement("read", ("r3",), (Ref("t2"),), {}, "value")
    case = replace(
        program_case(),
        requirement="area.elsewhere",
        needs=frozenset({"Two words"}),
        program=Program((*statements, read)),
        expectations=(Expectation("r3", "array", np.ones(2)),),
    )
    text = "\n".join(said(suite(cases=[case])))
    assert "uses the operator 'sine'" in text
    assert "needs 'Two words'" in text
    assert "rests on the requirement 'area.elsewhere', which does not exist" in text


def test_a_statement_without_spelling_is_named(monkeypatch):
    monkeypatch.setattr(lint, "spelled", frozenset)
    assert any("statement leaf: has no spelling" in p for p in said(suite()))


@pytest.mark.parametrize("check", lint.CHECKS, ids=lambda c: c.__name__)
def test_the_catalogue_passes(check):
    from conformance import catalogue
    from conformance.cases import BEHAVIOURS
    from conformance.catalogue.ledger import ledger
    from conformance.faults import load

    cases, faults = tuple(catalogue.load()), load()
    listed = {c.requirement for c in cases}
    behaviours = tuple(b for b in BEHAVIOURS.values() if b.id in listed)
    patterns = {name: f.finds for name, f in faults.items() if not any(x.startswith("op/") for x in f.finds)}
    named = {name for b in behaviours for name in b.kills} | patterns.keys()
    suite = lint.Suite(behaviours, cases, frozenset(named & faults.keys()), patterns, ledger())
    assert [str(p) for p in check(suite)] == []
