"""What makes the catalogue whole: ids that stay, faults that are looked for, foundations that hold."""

from dataclasses import replace

import pytest

from conformance.cases import BEHAVIOURS, Behaviour, Case, behaviour, catalogue_cases
from conformance.catalogue import load
from conformance.catalogue.foundations import FOUNDATIONS, rests_on
from conformance.catalogue.ledger import Line, ledger, parse
from conformance.completeness import UNTESTABLE, faults_have_killers, ids_are_kept, nothing_rests_on_itself, trace
from conformance.errors import SuiteFault
from conformance.profiles import in_profile

B = Behaviour(
    "area.one", "It says so.", "must", "imperative", "a page", kills=("some-fault",), file="catalogue/area.py"
)
OTHER = replace(B, id="area.two")
LINE = Line("area.one", "must", "imperative")
C = Case("area.one", "area.one", "must", "imperative", "float64", function="m:f")


def said(problems):
    return [f"{where}: {what}" for where, what in problems]


def test_what_is_published_and_there_is_fine():
    assert said(ids_are_kept([B], [LINE])) == []


@pytest.mark.parametrize(
    "behaviours, lines, words",
    [
        ([B], [], "catalogue/area.py: area.one: is not in conformance/catalogue/ids.tsv"),
        ([], [LINE], "area.one: is in conformance/catalogue/ids.tsv and has no cases"),
        ([replace(B, level="should")], [LINE], "promises must, imperative"),
        ([B], [replace(LINE, retired="PyTorch dropped it")], "is retired in"),
        ([B], [replace(LINE, untestable="it cannot be seen")], "is untestable in"),
    ],
)
def test_an_id_that_changed_is_named(behaviours, lines, words):
    (problem,) = said(ids_are_kept(behaviours, lines))
    assert words in problem


def test_a_tombstone_needs_no_case():
    assert said(ids_are_kept([], [replace(LINE, retired="PyTorch dropped it")])) == []


def test_only_so_many_may_be_untestable():
    lines = [Line(f"area.n{k:02}", "may", "imperative", untestable="it cannot be seen") for k in range(UNTESTABLE + 1)]
    assert said(ids_are_kept([], lines[1:])) == []
    assert "11 behaviours are untestable, of which there may be 10" in said(ids_are_kept([], lines))[0]


@pytest.mark.parametrize(
    "text, words",
    [
        ("area.one\tmust\n", r"ids.tsv, line 1 \(area.one\): expected id, level, profile"),
        ("area.one\tmust\timperative\tforgotten\n", r"line 1 \(area.one\)"),
        ("area.one\tmust\timperative\narea.one\tmay\timperative\n", "line 2: area.one is there already"),
        ("b.b\tmust\timperative\na.a\tmay\timperative\n", "line 2: a.a is there already, or not in the order"),
    ],
)
def test_a_malformed_ledger_is_refused(text, words):
    with pytest.raises(SuiteFault, match=words):
        list(parse(text))


def test_the_ledger_holds_every_documented_behaviour():
    load()
    documented = [line for line in ledger() if line.is_documented]
    assert len(documented) == 701
    assert sum(line.profile == "functional" for line in documented) == 281
    assert {line.id for line in ledger() if not (line.retired or line.untestable)} == BEHAVIOURS.keys()


def test_faults_without_a_killer_are_named():
    assert said(faults_have_killers([B], ["some-fault"], {}, [C])) == []
    assert said(faults_have_killers([B], ["other"], {"other": ("area.*",)}, [C])) == []
    (orphan,) = said(faults_have_killers([B], ["other"], {}, [C]))
    assert orphan.startswith("other: is a planted fault that nothing must find")
    (lost,) = said(faults_have_killers([B], ["other"], {"other": ("op/*",)}, [C]))
    assert "cases like 'op/*', of which there is none" in lost


def test_a_cycle_of_dependencies_is_named():
    one, two = replace(B, depends=("area.two",)), replace(OTHER, depends=("area.one",))
    assert said(nothing_rests_on_itself([one, OTHER])) == []
    (cycle,) = said(nothing_rests_on_itself([one, two]))
    assert "rests on itself" in cycle
    assert "area.one < area.two < area.one" in cycle


def test_a_foundation_that_does_not_exist_is_named():
    (problem,) = said(nothing_rests_on_itself([replace(B, depends=("area.absent",))]))
    assert problem == "catalogue/area.py: area.one: rests on area.absent, which does not exist"


def test_every_foundation_of_an_area_is_a_behaviour():
    load()
    assert {i for found in FOUNDATIONS.values() for i in found} <= BEHAVIOURS.keys()
    assert FOUNDATIONS.keys() <= {b.area for b in BEHAVIOURS.values()}


def test_a_behaviour_rests_on_its_area_but_not_on_itself():
    load()
    assert rests_on(BEHAVIOURS["forward.basic-jvp"]) == ()
    assert rests_on(BEHAVIOURS["forward.multiple-duals"]) == ("forward.basic-jvp",)


def test_counts_tell_traced_executed_and_untestable_apart():
    lines = [
        LINE,
        Line("area.three", "may", "imperative", untestable="it cannot be seen"),
        Line("learner.x", "must", "f"),
    ]
    cuda = replace(C, id="area.two", requirement="area.two", needs=frozenset({"cuda"}))
    found = trace([B, OTHER], [C, cuda], [*lines, replace(LINE, id="area.two")])
    counts = (found.documented, found.traced, found.executed, found.on_a_device, found.untestable)
    assert counts == (3, 2, 1, 1, 1)


def test_a_case_of_an_unknown_behaviour_names_file_and_id(monkeypatch):
    entry = catalogue_cases.__globals__["_Entry"](
        "area.absent", test_a_tombstone_needs_no_case, (), False, "", frozenset()
    )
    monkeypatch.setitem(catalogue_cases.__globals__, "_ENTRIES", [replace(entry, dtypes=("float64",))])
    with pytest.raises(
        SuiteFault, match=r"test_completeness.py: test_a_tombstone.* 'area.absent', which does not exist"
    ):
        catalogue_cases()


def test_an_id_that_is_taken_names_both_files():
    load()

    def again(p):
        """It says something else."""

    with pytest.raises(SuiteFault, match=r"defined twice, in conformance/catalogue/func_grad.py and .*test_complete"):
        behaviour("func.grad-basic", level="must", profile="functional", source="a page")(again)


def test_a_behaviour_without_a_statement_names_its_file():
    with pytest.raises(SuiteFault, match=r"test_completeness.py: behaviour area.silent has no statement"):
        behaviour("area.silent", level="must", profile="functional", source="a page")(lambda p: None)


@pytest.mark.parametrize("profile, behaviours", [("functional", 279), ("imperative", 687), ("full", 697)])
def test_a_profile_holds_every_behaviour_that_it_speaks_of(profile, behaviours):
    held = in_profile(load(), profile, "cpu")
    assert len({c.requirement for c in held if not c.requirement.startswith("learner.")}) == behaviours


@pytest.mark.parametrize("profile", ["functional", "imperative"])
def test_what_only_full_asks_for_is_in_no_other_profile(profile):
    beyond = {"cuda", "sparse", "autocast", "distributions", "library", "compile"}
    assert [c.id for c in in_profile(load(), profile, "cpu") if c.features & beyond] == []


def test_a_program_needs_no_part_of_a_namespace():
    by_id = {c.id: c for c in load()}
    assert "functional-api" in by_id["functional.vjp-values"].features
    assert by_id["functional.vjp-values/products_of_a_program@float64"].features == {"leaf", "operator", "read", "func"}
