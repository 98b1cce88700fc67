"""The Python kit: makes an engine with ``backward`` speak the suite's protocol, version 1. One file, Python 3.8, no packages.

    from engine import Unsupported, serve

    serve(
        name="tiny", version="1.0", features=["float64", "detach"],
        operators={"sin": tiny.sin, "sum": lambda x, dim, keepdim: x.sum(dim, keepdim)},  # attributes come by keyword
        leaf=lambda array, requires_grad: tiny.tensor(array.data, array.shape, requires_grad),
        read=lambda tensor: Array("float64", tensor.shape, tensor.flat),   # data: numbers in C order
        backward=lambda output, cotangent: output.backward(cotangent),     # cotangent: a tensor, or None for a scalar
        grad=lambda tensor: tensor.grad,                                   # a tensor or an Array; None: nothing came
        detach=lambda tensor: tensor.detach(),                             # optional
    )

Then: conformance certify --engine "stdio:python my_engine.py". What the engine prints goes to standard error.
"""

import base64
import json
import os
import struct
import sys

CODES = {
    "float64": "d", "float32": "f", "float16": "e", "int64": "q", "int32": "i", "int16": "h", "int8": "b", "uint8": "B",
    "bool": "?",
}  # fmt: skip


FEATURES = {  # by the statements that need them, and that no engine of this kit has
    "jvp": "forward-mode", "vjp": "func", "hook": "tensor-hooks", "post_hook": "post-accumulate-hooks", "mode": "grad-mode",
    "view": "views", "inplace": "in-place", "raises": "errors", "warns": "warnings", "custom": "custom-rules",
    "set_grad": "set-grad", "retain_grad": "retain-grad", "zero_grad": "zero-grad", "requires_grad_": "set-requires-grad",
}  # fmt: skip


class Unsupported(Exception):
    """Raised where the engine lacks something: a dtype, an operator, an attribute's value."""

    def __init__(self, feature):
        super().__init__("needs " + feature)
        self.feature = feature


class Array:
    """Numbers in C order, with their shape and the name of their dtype."""

    def __init__(self, dtype, shape, data):
        self.dtype, self.shape, self.data = dtype, tuple(shape), list(data)


# --- numbers


def decode_array(message):
    """The array of a message."""
    code = CODES.get(message["dtype"])
    if code is None:
        raise Unsupported(message["dtype"])
    raw = base64.b64decode(message["data"])
    data = struct.unpack("<%d%s" % (len(raw) // struct.calcsize(code), code), raw)
    return Array(message["dtype"], message["shape"], data)


def encode_array(array):
    """The message of an array."""
    raw = struct.pack("<%d%s" % (len(array.data), CODES[array.dtype]), *array.data)
    data = base64.b64encode(raw).decode("ascii")
    return {"array": {"dtype": array.dtype, "shape": list(array.shape), "data": data}}


def operand(value, names):
    """An operand as Python has it: tensors by their names, numbers, tuples, slices."""
    if isinstance(value, list):
        return tuple(operand(v, names) for v in value)
    if not isinstance(value, dict):
        return value
    if "ref" in value:
        return names[value["ref"]]
    if "float" in value:
        return float.fromhex(value["float"])
    if "array" in value:
        return decode_array(value["array"])
    if "slice" in value:
        return slice(*value["slice"])
    if "ellipsis" in value:
        return Ellipsis
    raise Unsupported(next(iter(value)))


# --- programs


def observe(engine, program):
    """Runs the statements of a program in order; gives what its reads saw."""
    names, observations = {}, {}
    for s in program:
        args = [operand(a, names) for a in s.get("args", ())]
        kw = {key: operand(v, names) for key, v in s.get("kw", {}).items()}
        if s["do"] == "read":
            observations[s["out"][0]] = reading(engine, s["name"], *args)
        elif s["do"] == "backward":
            backward(engine, args[0], kw)
        else:
            names.update(zip(s.get("out", ()), step(engine, s, args, kw)))
    return observations


def step(engine, s, args, kw):
    """The results of a statement that makes tensors."""
    if s["do"] == "leaf":
        return (engine["leaf"](args[0], kw["requires_grad"]),)
    if s["do"] == "get_grad":
        return (engine["grad"](args[0]),)
    if s["do"] == "detach" and engine.get("detach"):
        return (engine["detach"](args[0]),)
    if s["do"] != "op":
        raise Unsupported(FEATURES.get(s["do"], s["do"]))
    if s["name"] not in engine["operators"]:
        raise Unsupported("operator:" + s["name"])
    result = engine["operators"][s["name"]](*args, **kw)
    return result if len(s["out"]) > 1 else (result,)


def backward(engine, output, kw):
    """One tensor, all its leaves, once: what every engine has."""
    cotangent = kw.pop("grad_tensors", None)
    if kw:
        raise Unsupported(next(iter(kw)))
    if isinstance(output, tuple):
        raise Unsupported("several-roots")
    engine["backward"](output, cotangent)


def reading(engine, name, value=None):
    """One observation; some are of no tensor."""
    if name == "is_none":
        return {"flag": value is None}
    if name != "value":
        raise Unsupported("flags")
    if value is None:
        return {"none": True}
    return encode_array(value if isinstance(value, Array) else engine["read"](value))


# --- the conversation


def answer(engine, message):
    """The reply to a case."""
    reply = {"seq": message["seq"]}
    lacking = [feature for feature in message.get("needs", ()) if feature not in engine["features"]]
    if lacking or message["do"] != "run":
        return dict(reply, status="unsupported", feature=lacking[0] if lacking else "namespace")
    try:
        return dict(reply, status="done", observations=observe(engine, message["program"]))
    except Unsupported as needed:
        return dict(reply, status="unsupported", feature=needed.feature)
    except Exception as error:  # whatever the engine raises is an observation
        said = {"class": type(error).__name__, "message": str(error)[:2000]}
        return dict(reply, status="error", error=said)


def serve(**engine):
    """Answers until the suite stops or its end of the line closes."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # an engine's chatter is no answer

    def say(message):
        out.write(json.dumps(message) + "\n")
        out.flush()

    hello = {"protocol": 1, "engine": engine["name"], "version": engine["version"]}
    hello.update(features=sorted(engine["features"]), operators=sorted(engine["operators"]))
    for line in sys.stdin:
        message = json.loads(line)
        if message["do"] == "stop":
            return
        if message["do"] != "hello":
            say(answer(engine, message))
        elif message["device"] == "cpu":
            say({"hello": hello})
        else:
            say({"fatal": {"stage": "device", "message": "there is no %s here" % message["device"]}})
