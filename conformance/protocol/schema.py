"""The JSON Schemas of messages and results, and checking against them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("schemas")


def schema(name: str) -> dict[str, Any]:
    """The schema of this name: request, reply, hello, journal or verdict."""
    return json.loads((FOLDER / f"{name}.json").read_text())


@cache
def validator(name: str, part: str = "") -> Any:
    """A validator of a schema, or of one of its definitions."""
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    resources = [(f"{path.stem}.json", Resource.from_contents(schema(path.stem))) for path in FOLDER.glob("*.json")]
    reference = f"{name}.json#/$defs/{part}" if part else f"{name}.json"
    return Draft202012Validator({"$ref": reference}, registry=Registry().with_resources(resources))


def problem(content: Any, name: str, part: str = "") -> str:
    """Empty where the content fits; otherwise what does not fit, and where.

    >>> problem({"do": "stop"}, "request")
    ''
    """
    from jsonschema.exceptions import best_match

    error = best_match(validator(name, part).iter_errors(content))
    return "" if error is None else f"{error.json_path}: {error.message}"
