"""Every operator that the specification counts as core has a public name in refgrad."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

import refgrad
import refgrad.nn.functional

SPECIFICATION = Path(os.environ.get("OPERATORS_TOML", Path(__file__).parents[4] / "shared" / "spec" / "operators.toml"))


def is_public(name: str) -> bool:
    """Whether the name is found in the namespace, or is that of a method."""
    found = refgrad
    for part in name.split("."):
        if not hasattr(found, part):
            return hasattr(refgrad.Tensor, name)
        found = getattr(found, part)
    return True


@pytest.mark.skipif(
    not SPECIFICATION.exists(), reason="the list of operators is not part of the repository; set OPERATORS_TOML"
)
def test_core_operators_are_all_there() -> None:
    with SPECIFICATION.open("rb") as file:
        operators = tomllib.load(file)["operator"]
    lacking = [o["name"] for o in operators if o["tier"] == "core" and not is_public(o["name"])]
    assert not lacking, f"{len(lacking)} core operators are lacking: {', '.join(lacking)}"
