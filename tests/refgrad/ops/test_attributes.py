"""Every attribute that changes a derivative: refgrad against PyTorch, over all core operators."""

from __future__ import annotations

import tomllib

import pytest

from tests.refgrad.ops.against_torch import agree_on
from tests.refgrad.ops.attributes import CHAPTERS
from tests.refgrad.ops.calls import Call, calls
from tests.refgrad.ops.test_coverage import SPECIFICATION


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_values_and_derivatives_are_those_of_pytorch(chapter: str, dtype: str) -> None:
    asked = [c for c in calls(chapter) if dtype == "float64" or "c" in c.flags]
    wrong = {c.name: reason for c in asked if (reason := _disagreement(c, dtype))}
    assert not wrong, "\n\n".join(f"{name}\n{reason}" for name, reason in wrong.items())


def _disagreement(call: Call, dtype: str) -> str:
    try:
        agree_on(call, call.drawn(dtype), dtype, call.order, forward="r" not in call.flags)
    except Exception as error:  # noqa: BLE001 - all rows of a chapter are tried, and every failure shown
        return f"{type(error).__name__}: {str(error).strip()[:600]}"
    return ""


@pytest.mark.skipif(
    not SPECIFICATION.exists(), reason="the list of operators is not part of the repository; set OPERATORS_TOML"
)
def test_no_core_operator_is_left_out() -> None:
    with SPECIFICATION.open("rb") as file:
        core = {o["name"] for o in tomllib.load(file)["operator"] if o["tier"] == "core"}
    assert core - {c.operator for c in calls()} == set()
