"""The messages of the protocol, version 1: how requests are written, and what counts as an answer.

The JSON Schemas in `schemas/` say the same in the standard's words; a test holds the two together. These functions
are what runs, since a general validator would cost more than most cases.
"""

from __future__ import annotations

import binascii
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.cases import Case
from conformance.errors import SuiteFault

PROTOCOL = 1
"""Raised when a message changes its meaning; worker and suite must agree on it."""

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_ITEMSIZE = {"bool": 1, "int8": 1, "uint8": 1, "int16": 2, "int32": 4, "int64": 8, "float16": 2, "bfloat16": 2,
             "float32": 4, "float64": 8, "complex64": 8, "complex128": 16}  # fmt: skip


@dataclass(frozen=True)
class Hello:
    """What an engine says of itself before the first case."""

    engine: str
    version: str
    features: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "protocol": PROTOCOL,
            "engine": self.engine,
            "version": self.version,
            "features": list(self.features),
            "operators": list(self.operators),
            "environment": dict(self.environment),
        }


def hello_request(device: str) -> bytes:
    r"""The first message: which protocol, and on which device the engine is to run.

    >>> hello_request("cpu")
    b'{"do":"hello","protocol":1,"device":"cpu"}\n'
    """
    return _line({"do": "hello", "protocol": PROTOCOL, "device": device})


def case_request(seq: int, case: Case) -> bytes:
    """One case as a message: the program or the function's place, under a number, and nothing that it must show."""
    message: dict[str, Any] = {"do": "run", "seq": seq}
    if case.program is not None:
        message["program"] = case.program.to_json()
    elif case.function:
        message = {"do": "call", "seq": seq, "function": case.function}
    else:
        raise SuiteFault(f"case {case.id} has neither a program nor a function; there is nothing to run")
    needs = {*case.needs, "complex"} if case.dtype.startswith("complex") else case.needs
    if needs:
        message["needs"] = sorted(needs)
    return _line(message)


def _line(message: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(message).encode() + b"\n"


def read_hello(message: Mapping[str, Any]) -> Hello | str:
    """The engine's introduction, or one clause that says what is wrong with it.

    >>> read_hello({"protocol": 1, "engine": "e", "version": "1"}).engine
    'e'
    >>> read_hello({"protocol": 7, "engine": "e", "version": "1"})
    'it speaks protocol 7, and the suite speaks 1'
    """
    if message.get("protocol") != PROTOCOL:
        return f"it speaks protocol {message.get('protocol')!r}, and the suite speaks {PROTOCOL}"
    name, version = message.get("engine"), message.get("version")
    if not (isinstance(name, str) and name and isinstance(version, str) and version):
        return f"engine and version must be texts, not {name!r} and {version!r}"
    names = {}
    for key in ("features", "operators"):
        names[key] = message.get(key, [])
        if not isinstance(names[key], list) or not all(isinstance(n, str) for n in names[key]):
            return f"{key} must be a list of names, not {names[key]!r}"
    environment = message.get("environment", {})
    if not isinstance(environment, dict):
        return f"environment must be an object, not {environment!r}"
    unknown = set(message) - {"protocol", "engine", "version", "features", "operators", "environment"}
    if unknown:
        return f"{min(unknown)!r} is nothing that the first message may hold"
    return Hello(name, version, tuple(names["features"]), tuple(names["operators"]), environment)


def reply_problem(reply: Any) -> str:
    """Empty for a well-formed answer; otherwise one clause that says what is wrong with it.

    >>> reply_problem({"status": "unsupported", "feature": "detach"})
    ''
    >>> reply_problem({"status": "done", "observations": {"r1": [1.0]}})
    "observation 'r1' is a list; it must be an object with one of array, error, flag, none, warnings"
    """
    if not isinstance(reply, dict):
        return f"the reply is a {type(reply).__name__}; it must be an object"
    status = reply.get("status")
    check = _REPLIES.get(status) if isinstance(status, str) else None
    if check is None:
        return f"status {status!r} is none of {', '.join(sorted(_REPLIES))}"
    return check(reply)


def _done(reply: dict[str, Any]) -> str:
    observations = reply.get("observations")
    if len(reply) != 2 or not isinstance(observations, dict):
        return "a reply of status done holds observations, an object, and nothing else"
    for name, observation in observations.items():
        if not isinstance(observation, dict) or len(observation) != 1:
            kinds = ", ".join(sorted(_OBSERVATIONS))
            return f"observation {name!r} is a {type(observation).__name__}; it must be an object with one of {kinds}"
        ((kind, content),) = observation.items()
        check = _OBSERVATIONS.get(kind)
        problem = f"kind {kind!r} is none of {', '.join(sorted(_OBSERVATIONS))}" if check is None else check(content)
        if problem:
            return f"observation {name!r}: {problem}"
    return ""


def _error_reply(reply: dict[str, Any]) -> str:
    if not set(reply) <= {"status", "error", "statement"} or not isinstance(reply.get("statement", 0), int):
        return "a reply of status error holds error and statement, a whole number, and nothing else"
    return _error(reply.get("error"))


def _text_reply(key: str) -> Callable[[dict[str, Any]], str]:
    def check(reply: dict[str, Any]) -> str:
        if len(reply) == 2 and isinstance(reply.get(key), str) and reply[key]:
            return ""
        return f"a reply of status {reply['status']} holds {key}, a text, and nothing else"

    return check


def _error(content: Any) -> str:
    right = isinstance(content, dict) and set(content) == {"class", "message"}
    if right and all(isinstance(v, str) for v in content.values()):
        return ""
    return "an error is an object of class and message, both texts"


def _array(content: Any) -> str:
    if not isinstance(content, dict) or len(content) != 3:
        return "an array is an object of dtype, shape and data"
    dtype, shape, data = content.get("dtype"), content.get("shape"), content.get("data")
    size = _ITEMSIZE.get(dtype) if isinstance(dtype, str) else None
    if size is None:
        return f"dtype {dtype!r} is none of {', '.join(_ITEMSIZE)}"
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        return f"shape {shape!r} is not a list of whole numbers"
    if _decoded_length(data) != math.prod(shape) * size:
        return f"data are not the base64 of {math.prod(shape) * size} bytes, as {dtype} of shape {shape} needs"
    return ""


def _decoded_length(data: Any) -> int:
    """How many bytes the base64 text holds; -1 where it is none."""
    try:
        return len(binascii.a2b_base64(data, strict_mode=True)) if isinstance(data, str) else -1
    except ValueError:
        return -1


def _flag(content: Any) -> str:
    """Literals as `codec.encode_literal` writes them."""
    if content is None or isinstance(content, bool | int | str):
        return ""
    if isinstance(content, list):
        return next(filter(None, map(_flag, content)), "")
    if isinstance(content, dict) and len(content) == 1:
        ((tag, value),) = content.items()
        check = _LITERALS.get(tag)
        if check is not None and check(value):
            return ""
    return f"{content!r} is no literal; floats are written as {{'float': '0x1.8p+0'}}"


def _is_hexadecimal(value: Any) -> bool:
    try:
        float.fromhex(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


_LITERALS: Mapping[str, Callable[[Any], bool]] = {
    "float": _is_hexadecimal,
    "complex": lambda v: isinstance(v, list) and len(v) == 2 and all(map(_is_hexadecimal, v)),
    "slice": lambda v: isinstance(v, list) and len(v) == 3 and all(n is None or type(n) is int for n in v),
    "ellipsis": lambda v: v is True,
    "array": lambda v: not _array(v),
}


def _warnings(content: Any) -> str:
    if isinstance(content, list) and all(map(_is_warning, content)):
        return ""
    return "warnings are a list of objects of classes, a list of texts, and message, a text"


def _is_warning(content: Any) -> bool:
    if not isinstance(content, dict) or set(content) != {"classes", "message"}:
        return False
    classes = content["classes"]
    return (
        isinstance(content["message"], str) and isinstance(classes, list) and all(isinstance(c, str) for c in classes)
    )


_OBSERVATIONS: Mapping[str, Callable[[Any], str]] = {
    "array": _array,
    "none": lambda content: "" if content is True else "none is true",
    "flag": _flag,
    "error": _error,
    "warnings": _warnings,
}
_REPLIES: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "done": _done,
    "unsupported": _text_reply("feature"),
    "error": _error_reply,
    "failed": _text_reply("reason"),
}
