"""Other checkers see refgrad through a bridge: what they find and miss of faults is theirs, not the bridge's."""

from __future__ import annotations

import pytest

from conformance.engines.refgrad import RefgradEngine
from conformance.faults.checkers import FAST, HIPS, SLOW, TWICE, inputs_for, objections
from conformance.faults.twisting import Twist
from tests.conformance.whole_list import every_case

pytest.importorskip("torch", reason="gradcheck is PyTorch's")
EVERY = (SLOW, FAST, TWICE, HIPS)
INPUTS = inputs_for(every_case(), ("op/sin/vjp/*",))[:2]


def _objections(twist: Twist | None, checkers: tuple[str, ...] = EVERY) -> dict[str, bool]:
    engine = RefgradEngine()
    if twist is not None:
        twist.plant(engine)
    found = objections(engine, [c.program for c in INPUTS if c.program is not None], checkers)
    return {checker: any(objected) for checker, objected in found.items()}


@pytest.fixture(autouse=True)
def _autograd() -> None:
    pytest.importorskip("autograd", reason="check_grads is HIPS autograd's")


def test_no_checker_objects_to_the_engine_as_it_is() -> None:
    assert _objections(None) == dict.fromkeys(EVERY, False)


def test_every_checker_objects_to_a_wrong_first_derivative() -> None:
    assert _objections(Twist("sin", lambda torch, g, x: g * 1.5)) == dict.fromkeys(EVERY, True)


def test_only_checkers_of_second_order_object_to_a_wrong_second_derivative() -> None:
    found = _objections(Twist("sin", lambda torch, g, x: g * (1 + 0.5 * (x - x.detach()))))
    assert found == {SLOW: False, FAST: False, TWICE: True, HIPS: True}


def test_no_checker_objects_to_a_wrong_third_derivative() -> None:
    found = _objections(Twist("sin", lambda torch, g, x: g * (1 + (x - x.detach()) ** 2)))
    assert found == dict.fromkeys(EVERY, False)
