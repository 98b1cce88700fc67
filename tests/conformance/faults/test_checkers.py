"""Other checkers see refgrad through a bridge: what they find and miss of faults is theirs, not the bridge's."""

from __future__ import annotations

import sys

import pytest

from conformance.engines.refgrad import RefgradEngine
from conformance.errors import SuiteFault
from conformance.faults import elsewhere
from conformance.faults.checkers import FAST, HIPS, JAX, SLOW, TWICE, inputs_for, objections
from conformance.faults.twisting import Twist
from tests.conformance.whole_list import every_case

EVERY = (SLOW, FAST, TWICE, HIPS)
INPUTS = inputs_for(every_case(), ("op/sin/vjp/*",))[:2]


PROGRAMS = [c.program.to_json() for c in INPUTS if c.program is not None]
ORDERS = ("sin-in-degrees", "sin-argument-frozen", "third-derivative-of-sin-bent")
"""Wrong from the first, the second and the third derivative on."""


def _objections(twist: Twist | None, checkers: tuple[str, ...] = EVERY) -> dict[str, bool]:
    engine = RefgradEngine()
    if twist is not None:
        twist.plant(engine)
    found = objections(engine, [c.program for c in INPUTS if c.program is not None], checkers)
    return {checker: any(objected) for checker, objected in found.items()}


@pytest.fixture
def _both() -> None:
    pytest.importorskip("torch", reason="gradcheck is PyTorch's")
    pytest.importorskip("autograd", reason="check_grads is HIPS autograd's")


@pytest.mark.skipif(not elsewhere.python(), reason="JAX lives in an environment: conformance engines install jax")
def test_jax_objects_in_its_own_python_to_wrong_first_and_second_derivatives() -> None:
    found = elsewhere.objections_elsewhere([(name, PROGRAMS) for name in ("", *ORDERS)], 1)
    assert [any(answered[JAX]) for answered in found] == [False, True, True, False]


def test_a_python_that_breaks_is_said_with_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "python", lambda: sys.executable)
    with pytest.raises(SuiteFault, match=f"ended with code 1 in {sys.executable}: .*no fault named 'nothing'"):
        elsewhere.objections_elsewhere([("nothing", PROGRAMS)], 1)


@pytest.mark.usefixtures("_both")
def test_no_checker_objects_to_the_engine_as_it_is() -> None:
    assert _objections(None) == dict.fromkeys(EVERY, False)


@pytest.mark.usefixtures("_both")
def test_every_checker_objects_to_a_wrong_first_derivative() -> None:
    assert _objections(Twist("sin", lambda torch, g, x: g * 1.5)) == dict.fromkeys(EVERY, True)


@pytest.mark.usefixtures("_both")
def test_only_checkers_of_second_order_object_to_a_wrong_second_derivative() -> None:
    found = _objections(Twist("sin", lambda torch, g, x: g * (1 + 0.5 * (x - x.detach()))))
    assert found == {SLOW: False, FAST: False, TWICE: True, HIPS: True}


@pytest.mark.usefixtures("_both")
def test_no_checker_objects_to_a_wrong_third_derivative() -> None:
    found = _objections(Twist("sin", lambda torch, g, x: g * (1 + (x - x.detach()) ** 2)))
    assert found == dict.fromkeys(EVERY, False)
