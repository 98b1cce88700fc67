"""A program as a mathematical function on balls: refgrad's forward code, no derivative rule of any engine involved."""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from conformance.codec import is_floating
from conformance.engines.namespace import NamespaceEngine
from conformance.engines.refgrad import RefgradEngine
from conformance.errors import Unsupported
from conformance.oracles.reasons import NoTruth
from conformance.program import Program, Ref, Statement
from refgrad.backends import ball
from refgrad.backends.ball import BallArray
from refgrad.errors import Undecided


class BallEngine(RefgradEngine):
    """refgrad on balls; leaves and cotangents are exact, or of a relative radius."""

    name = "refgrad on balls"

    def __init__(self, relative_radius: float = 0.0) -> None:
        super().__init__()
        self.relative_radius = relative_radius

    def leaf(self, array: np.ndarray, requires_grad: bool) -> Any:
        data = ball_array(array, self.relative_radius)
        tensor = _wrap(data)
        return tensor.requires_grad_() if requires_grad else tensor

    def read(self, tensor: Any) -> Any:
        """As balls; exact ones for what is made without any, such as a permutation of rows, or what holds nothing."""
        return ball_array(tensor._data) if isinstance(tensor._data, np.ndarray) else tensor._data

    def operator(self, name: str) -> Any:
        try:
            return super().operator(name)
        except Unsupported:
            return _from_chapter(name)

    def observe(self, tensor: Any) -> dict[str, Any]:
        return {"none": True} if tensor is None else {"balls": self.read(tensor)}


def _from_chapter(name: str) -> Any:
    """A function of refgrad's chapters that is not (yet) mounted under its public name; the oracle needs only its value."""
    import refgrad.api

    for chapter in sorted(m.name for m in pkgutil.iter_modules(refgrad.api.__path__)):
        found = getattr(importlib.import_module(f"refgrad.api.{chapter}"), name.rpartition(".")[2], None)
        if callable(found):
            return found
    raise Unsupported(f"operator:{name}")


def ball_array(array: np.ndarray, relative_radius: float = 0.0) -> Any:
    """The array as balls; booleans and indices stay as they are."""
    return BallArray.of(array, relative_radius=relative_radius) if is_floating(array.dtype) else array


def _wrap(data: Any) -> Any:
    from refgrad.tensor import wrap

    return wrap(data)


class Forward:
    """The statements of a program before its first gradient, as a function of the tensors that this differentiates.

    Values under detach and no_grad are recorded in the first evaluation and replayed in all later ones.
    """

    def __init__(self, program: Program, engine: NamespaceEngine, *, documented_gradient: bool = False) -> None:
        self.engine = engine
        self.documented_gradient = documented_gradient
        statements = program.statements
        end = next((i for i, s in enumerate(statements) if s.do == "grad"), len(statements))
        self.statements = [s for s in statements[:end] if s.do != "read"]
        self.observed = {s.out[0]: s.args[0].name for s in statements[:end] if s.do == "read" and s.name == "value"}
        self.outputs: tuple[str, ...] = ()
        self.inputs: tuple[str, ...] = ()
        self.cotangents: tuple[str | None, ...] = ()
        if end < len(statements):
            self._read_gradient(statements[end])
        self._constants: dict[str, Any] = {}
        self._recorded = False

    def _read_gradient(self, s: Statement) -> None:
        self.outputs, self.inputs = _names(s.args[0]), _names(s.args[1])
        given = s.kw.get("grad_outputs")
        self.cotangents = (None,) * len(self.outputs) if given is None else _names(given)

    def leaves(self) -> dict[str, np.ndarray]:
        """The values of the leaves, by name."""
        return {s.out[0]: s.args[0] for s in self.statements if s.do == "leaf"}

    def __call__(self, replaced: Mapping[str, Any]) -> dict[str, Any]:
        """Every value by name, as balls, with these leaves replaced."""
        values: dict[str, Any] = {}
        with self.engine.torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of deprecated operators, which are asked all the same
            for s in self.statements:
                self._execute(s, values, replaced, constant=False)
        self._recorded = True
        return {k: v if v is None else self.engine.read(v) for k, v in values.items()}

    def _execute(self, s: Statement, values: dict[str, Any], replaced: Mapping[str, Any], *, constant: bool) -> None:
        if s.do == "mode":
            off = s.name == "no_grad" or (s.name == "set_grad_enabled" and not s.args[0])
            for inner in s.body:
                self._execute(inner, values, replaced, constant=off)
            return
        if self._recorded and (constant or s.do == "detach"):
            values.update({name: self._constants[name] for name in s.out})
            return
        found = self._step(s, values, replaced)
        produced = dict(zip(s.out, found if len(s.out) > 1 else (_only(found),), strict=True))
        values.update(produced)
        if constant or s.do == "detach":
            self._constants.update(produced)

    def _step(self, s: Statement, values: dict[str, Any], replaced: Mapping[str, Any]) -> Any:
        if s.do == "leaf":
            name = s.out[0]
            return _wrap(replaced[name]) if name in replaced else self.engine.leaf(s.args[0], False)
        args = tuple(_value(a, values) for a in s.args)
        kw = {k: _value(v, values) for k, v in s.kw.items()}
        if s.do == "detach":
            return self.engine.detach(*args)
        if s.do != "op":
            raise NoTruth("no-balls", f"a program with {s.do!r} takes its truth from the catalogue")
        if self.documented_gradient and s.name in LOOKED_UP:
            args = self._by_share(s, args)
        if s.name == "nn.functional.gaussian_nll_loss":
            args, kw = self._unclamped(s, args, kw)
        try:
            found = self.engine.operator(s.name)(*args, **kw)
        except Undecided:
            raise
        except (Unsupported, Exception) as missing:
            raise NoTruth("no-balls", f"{s.name}: {type(missing).__name__}: {missing}") from missing
        return found

    def _by_share(self, s: Statement, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments of a look-up, the table's rows changed by the share of their change that PyTorch documents to be in
        the gradient: none of the row of the padding index, and with `scale_grad_by_freq` one over how often an index occurs.
        """
        indices, table = np.asarray(self.engine.read(args[0])), self.engine.read(args[1])
        first = self.engine.read(self._constants.setdefault(f"{s.out[0]} table", args[1]))
        counts = np.ones(table.shape[0])
        if s.kw.get("scale_grad_by_freq"):
            counts = np.maximum(np.bincount(indices.ravel(), minlength=len(counts)), 1)
        moves = np.ones((len(counts), 1))
        if s.kw.get("padding_idx") is not None:
            moves[s.kw["padding_idx"]] = 0.0
        change = (table - first) * BallArray.of(moves) / BallArray.of(counts[:, None].astype(np.float64))
        return (args[0], _wrap(first + change), *args[2:])

    def _unclamped(self, s: Statement, args: tuple[Any, ...], kw: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The arguments of the likelihood, its variance cut off where it is and not where it goes: PyTorch documents that the
        gradient is unaffected.
        """
        variance = self.engine.read(args[2])
        first = self.engine.read(self._constants.setdefault(f"{s.out[0]} variance", args[2]))
        return (*args[:2], _wrap(ball.maximum(first, kw["eps"]) + (variance - first))), kw | {"eps": 0.0}


LOOKED_UP = frozenset({"nn.functional.embedding", "nn.functional.embedding_bag"})
"""Operators whose gradient leaves something out, as documented."""


def _only(found: Any) -> Any:
    return found[0] if isinstance(found, (tuple, list)) else found


def _names(value: Any) -> tuple[Any, ...]:
    if isinstance(value, Ref):
        return (value.name,)
    return tuple(None if v is None else v.name for v in value)


def _value(operand: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(operand, Ref):
        return values[operand.name]
    if isinstance(operand, tuple):
        return tuple(_value(v, values) for v in operand)
    return operand
