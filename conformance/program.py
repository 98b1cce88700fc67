"""A program: a case as data, in single-assignment form, with no expected values in it.

What a statement may say, its JSON form and its canonical hash live here; recording is in `recorder`, printing in
`printing`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.codec import canonical_json, decode_literal, encode_literal
from conformance.errors import SuiteFault


@dataclass(frozen=True, slots=True)
class Ref:
    """A name that an earlier statement assigned."""

    name: str


KINDS: Mapping[str, tuple[str, str]] = {
    # kind: (feature that an engine must have, what it does)
    "leaf": ("leaf", "a new tensor from an array, with or without requires_grad"),
    "op": ("operator", "an operator in PyTorch's spelling: tensors positional, attributes by keyword"),
    "view": ("views", "an operator whose result is a view: it shares the memory of its first argument"),
    "inplace": ("in-place", "an in-place operator; the first argument is changed and is the result"),
    "detach": ("detach", "the same value, constant to differentiation"),
    "detach_": ("detach_", "cuts the tensor itself from its history"),
    "backward": ("backward", "backward of roots, with every argument of torch.autograd.backward"),
    "grad": ("grad", "torch.autograd.grad"),
    "get_grad": ("backward", "the .grad of a tensor, as an operand"),
    "set_grad": ("set-grad", "assigns .grad (a tensor, or None)"),
    "set_requires_grad": ("set-requires-grad", "assigns requires_grad (a non-leaf may refuse)"),
    "requires_grad_": ("set-requires-grad", "the method of this name; its result is the tensor"),
    "retain_grad": ("retain-grad", "asks a non-leaf to keep its .grad"),
    "jvp": ("forward-mode", "what the body, a function of tensors, gives, and its derivative along tangents"),
    "vjp": (
        "func",
        "what the body, a function of tensors, gives, and cotangents of that pulled back, as torch.func.vjp",
    ),
    "hook": ("tensor-hooks", "registers the body, a function of the gradient, on a tensor; its result is the handle"),
    "post_hook": ("post-accumulate-hooks", "registers the body, a function of the leaf, to run once .grad is updated"),
    "remove_hook": ("tensor-hooks", "takes a hook away by its handle"),
    "custom": (
        "custom-rules",
        "applies a function with a rule of its own: two function bodies, the second of cotangents",
    ),
    "function": ("operator", "one of the functions of a statement that has several"),
    "parameter": ("operator", "an argument of the function that the body is"),
    "result": ("operator", "what the function that the body is gives back"),
    "zero_grad": ("zero-grad", "sets the .grad of tensors to zero, or to None, as an optimizer does"),
    "mode": ("grad-mode", "runs the body under a mode: no_grad, enable_grad, inference_mode, …"),
    "raises": ("errors", "runs the body and observes the error that it raises, or that it raises none"),
    "warns": ("warnings", "runs the body and observes the warnings that it issues"),
    "read": ("read", "an observation: value, grad, flag or identity"),
}

JVP_NAMES = ("", "dual", "func")
"""How a jvp is asked for: in whatever way the engine has, by dual tensors, or as a transformation that can be nested."""

MODES: Mapping[str, str] = {
    "no_grad": "grad-mode",
    "enable_grad": "grad-mode",
    "set_grad_enabled": "grad-mode",
    "inference_mode": "inference-mode",
    "autograd.detect_anomaly": "anomaly-mode",
    "autograd.set_multithreading_enabled": "threads",
}
"""The modes that a block may run under, with the feature that each needs."""

READS: Mapping[str, str] = {
    "value": "read",
    "grad": "backward",
    "requires_grad": "flags",
    "is_leaf": "flags",
    "grad_fn": "flags",
    "retains_grad": "retain-grad",
    "dtype": "read",
    "shape": "read",
    "repr": "repr",
    "is_none": "read",
    "same": "identity",
    "shares_storage": "storage",
    "is_grad_enabled": "grad-mode",
    "version": "version-counter",
    "stride": "strides",
    "is_inference": "inference-mode",
    "python": "item",
}
"""What a read may ask, with the feature it needs; `same` and `shares_storage` take two tensors, `python` is tolist."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One step. `args` are references or literals, `kw` the keywords, `body` the statements of a block."""

    do: str
    out: tuple[str, ...] = ()
    args: tuple[Any, ...] = ()
    kw: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    body: tuple[Statement, ...] = ()

    def __post_init__(self) -> None:
        if self.do not in KINDS:
            raise SuiteFault(f"no statement kind {self.do!r}; known kinds: {', '.join(KINDS)}")
        if self.do == "read" and self.name not in READS:
            raise SuiteFault(f"nothing to read called {self.name!r}; known reads: {', '.join(READS)}")
        if self.do == "mode" and self.name not in MODES:
            raise SuiteFault(f"no mode {self.name!r}; known modes: {', '.join(MODES)}")
        if self.do == "jvp" and self.name not in JVP_NAMES:
            raise SuiteFault(f"no jvp {self.name!r}; known ones: {', '.join(map(repr, JVP_NAMES))}")

    @property
    def feature(self) -> str:
        """The feature that an engine needs to run this statement."""
        if self.do in ("read", "mode"):
            return (READS if self.do == "read" else MODES)[self.name]
        if self.do == "jvp" and self.name == "func":
            return "func"
        return KINDS[self.do][0]

    @property
    def kept(self) -> tuple[str, ...]:
        """What the rule of a custom statement reads of its forward function, in order: what is saved for backward."""
        forward, rule = self.body
        assigned = {name for s in _walk(forward.body) for name in s.out}
        return tuple(dict.fromkeys(r for s in _walk(rule.body) for r in s.references() if r in assigned))

    def references(self) -> Iterator[str]:
        """Every name that the statement reads, those of its body excluded."""
        yield from _references((self.args, tuple(self.kw.values())))

    def to_json(self) -> dict[str, Any]:
        message: dict[str, Any] = {"do": self.do}
        if self.name:
            message["name"] = self.name
        if self.out:
            message["out"] = list(self.out)
        if self.args:
            message["args"] = _encode(self.args)
        if self.kw:
            message["kw"] = {k: _encode(v) for k, v in self.kw.items()}
        if self.body:
            message["body"] = [s.to_json() for s in self.body]
        return message

    @classmethod
    def from_json(cls, message: Mapping[str, Any]) -> Statement:
        return cls(
            do=message["do"],
            out=tuple(message.get("out", ())),
            args=_decode(message.get("args", [])),
            kw={k: _decode(v) for k, v in message.get("kw", {}).items()},
            name=message.get("name", ""),
            body=tuple(cls.from_json(s) for s in message.get("body", ())),
        )


class Program:
    """Statements in order; every name is assigned once, before it is read. Nothing of it is ever changed."""

    __slots__ = ("_frozen", "_statements")

    def __init__(self, statements: tuple[Statement, ...]) -> None:
        _check_single_assignment(statements, set())
        self._statements: tuple[Statement, ...] | None = statements
        self._frozen: list[dict[str, Any]] | None = None

    @classmethod
    def frozen(cls, message: list[dict[str, Any]]) -> Program:
        """As `from_json`, of a program in canonical form that was checked when it was frozen; its statements are made
        when they are first looked at, which in a run over the whole corpus is never.
        """
        program = cls.__new__(cls)
        program._statements, program._frozen = None, message
        return program

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What is done, in order."""
        if self._statements is None:
            self._statements = tuple(Statement.from_json(s) for s in self._frozen or ())
        return self._statements

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Program(statements={self.statements!r})"

    def walk(self) -> Iterator[Statement]:
        """Every statement, those inside blocks too, in the order of the text."""
        yield from _walk(self.statements)

    @property
    def features(self) -> frozenset[str]:
        """What an engine must have to run the program, operators aside."""
        return frozenset(s.feature for s in self.walk())

    @property
    def operators(self) -> frozenset[str]:
        """The operators that it calls, in-place ones with their underscore."""
        return frozenset(s.name for s in self.walk() if s.do in ("op", "view", "inplace"))

    @property
    def reads(self) -> tuple[Statement, ...]:
        """The statements that observe something, in order."""
        return tuple(s for s in self.walk() if s.do in ("read", "raises", "warns"))

    def to_json(self) -> list[dict[str, Any]]:
        return [s.to_json() for s in self.statements] if self._frozen is None else self._frozen

    @classmethod
    def from_json(cls, message: list[dict[str, Any]]) -> Program:
        return cls(tuple(Statement.from_json(s) for s in message))

    @property
    def digest(self) -> str:
        """The SHA-256 of the canonical form, in hexadecimal: the identity of a frozen program."""
        return hashlib.sha256(canonical_json(self.to_json()).encode()).hexdigest()


def _walk(statements: tuple[Statement, ...]) -> Iterator[Statement]:
    for s in statements:
        yield s
        yield from _walk(s.body)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Ref):
        yield value.name
    elif isinstance(value, tuple):
        for v in value:
            yield from _references(v)


def _check_single_assignment(statements: tuple[Statement, ...], known: set[str]) -> None:
    for s in statements:
        missing = [r for r in s.references() if r not in known]
        if missing:
            raise SuiteFault(f"statement {s.do!r} reads {missing[0]!r}, which nothing before it assigned")
        _check_single_assignment(s.body, known)
        for name in s.out:
            if name in known:
                raise SuiteFault(f"{name!r} is assigned twice; a program assigns each name once")
            known.add(name)


def _encode(value: Any) -> Any:
    if isinstance(value, Ref):
        return {"ref": value.name}
    if isinstance(value, tuple):
        return [_encode(v) for v in value]
    return encode_literal(value)


def _decode(message: Any) -> Any:
    if isinstance(message, list):
        return tuple(_decode(m) for m in message)
    if isinstance(message, dict) and "ref" in message:
        return Ref(message["ref"])
    return decode_literal(message)
