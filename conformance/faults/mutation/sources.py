"""Mutants of how a rule is written: a sign, a factor, a term or an exponent left out, two arguments of a call exchanged.

The text of every rule, and of every function of its chapter that it calls, is parsed, changed in one place, and put into
the function as it stands, so that every row that uses the function is wrong.
"""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from conformance.errors import SuiteFault
from conformance.faults.mutation.rows import rows
from refgrad.rules import General, Operator, Rule

_BOOKKEEPING = {"axis", "dim", "dims", "dtype", "index", "kernel", "keepdim", "length", "out", "pad", "shape", "size"}
"""Keywords that say where elements are, not what they are: mistakes there are the business of `rows` and of values."""
_COUNTING = {"len", "range", "tuple", "isinstance", "hasattr", "getattr", "zip", "enumerate", "sorted", "zeros"}

_COMMUTATIVE = {
    "_add",
    "_inner",
    "_radius",
    "_sum",
    "hypot",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_or",
    "maximum",
    "minimum",
}
"""Functions whose first two arguments can be exchanged: such a mutant is no mutant."""


@dataclass(frozen=True)
class SourceMutant:
    """One place of one function, and what is written there instead."""

    function: str  # chapter and name, such as ``elementary._across``; ``elementary.cos:0`` is the first rule of a row
    place: int  # which of the places that can be changed, in their order
    change: str
    text: str = ""  # what was there, and what is there now

    @property
    def name(self) -> str:
        return f"mutant:{self.function}/source{self.place}/{self.change}"

    @property
    def statement(self) -> str:
        return f"In {self.function}, {self.text}."

    def plant(self) -> None:
        """Gives the function its wrong code, for the life of the process."""
        function = functions()[self.function]
        wrong = copy.deepcopy(_tree(function))
        places = list(_places(wrong))
        if self.place >= len(places):
            raise SuiteFault(f"{self.name}: {self.function} has {len(places)} places only; it has changed")
        parent, field, index, found = places[self.place]
        _put(parent, field, index, _CHANGES[self.change](found))
        function.__code__ = _compiled(wrong, function.__code__)
        for operator in rows().values():
            operator._plans.clear()
            operator.planned.clear()


def source_mutants() -> Iterator[SourceMutant]:
    """All of them, by function and place."""
    for name, function in functions().items():
        for k, (_parent, _field, _index, found) in enumerate(_places(_tree(function))):
            before, seen = ast.unparse(found), set()
            for change in _changes_of(found):
                after = ast.unparse(_CHANGES[change](copy.deepcopy(found)))
                if after not in seen | {before}:  # of `x * x` either factor is the same
                    seen.add(after)
                    yield SourceMutant(name, k, change, f"`{before}` reads `{after}`")


@cache
def functions() -> dict[str, FunctionType]:
    """Every rule that is a function, and every function that one calls."""
    found = {f"{row}:{label}": f for row, operator in rows().items() for label, f in _rules(operator)}
    seen = {id(f) for f in found.values()}
    waiting = list(found.values())
    while waiting:
        for called in _called(waiting.pop()):
            if id(called) not in seen:
                seen.add(id(called))
                found[f"{called.__module__.rpartition('.')[2]}.{called.__qualname__}"] = called
                waiting.append(called)
    return dict(sorted(found.items()))


def _rules(operator: Operator) -> Iterator[tuple[str, FunctionType]]:
    for i, rule in enumerate(operator.rules):
        if isinstance(rule, Rule) and isinstance(rule.function, FunctionType):
            yield str(i), rule.function
    if isinstance(operator, General) and isinstance(operator.push_rule.function, FunctionType):
        yield "push", operator.push_rule.function


def _called(function: FunctionType) -> Iterator[FunctionType]:
    """Functions of the table that this one names, be it through its closure."""
    named = [function.__globals__.get(name) for name in _names(function.__code__)]
    closed = [cell.cell_contents for cell in function.__closure__ or ()]
    for value in (*named, *closed):
        if isinstance(value, FunctionType) and value.__module__.startswith("refgrad.ops."):
            yield value


def _names(code: CodeType) -> set[str]:
    inner = [c for c in code.co_consts if isinstance(c, CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _tree(function: FunctionType) -> ast.Lambda | ast.FunctionDef:
    """The innermost lambda or definition in the function's module that encloses all of its instructions."""
    code = function.__code__
    at = [p for p in code.co_positions() if None not in p and p[2] != p[3]]
    first, last = min((p[0], p[2]) for p in at), max((p[1], p[3]) for p in at)
    names = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    candidates = [
        node
        for node in _definitions(function.__module__)
        if (node.lineno, node.col_offset) <= first
        and last <= (node.end_lineno, node.end_col_offset)
        and [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)] == names
    ]
    if not candidates:
        raise SuiteFault(f"the text of {function.__module__}.{function.__qualname__} is not found")
    return max(candidates, key=lambda node: (node.lineno, node.col_offset))


@cache
def _definitions(module: str) -> list[ast.Lambda | ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Lambda | ast.FunctionDef)]


# the places, and what can stand there instead

Place = tuple[ast.AST, str, int | None, ast.expr]


def _places(node: ast.AST) -> Iterator[Place]:
    """The expressions that can be changed, outermost first, each with where it hangs; bookkeeping of shapes is left out."""
    for field, value in ast.iter_fields(node):
        if field in ("args", "returns", "annotation", "type_comment") and isinstance(
            node, ast.Lambda | ast.FunctionDef
        ):
            continue
        if field == "slice" or (isinstance(node, ast.keyword) and node.arg in _BOOKKEEPING):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _counts(child):
                continue
            if isinstance(child, ast.expr) and _changes_of(child):
                yield node, field, index, child
            yield from _places(child)


def _counts(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _COUNTING


def _changes_of(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return () if isinstance(node.operand, ast.Constant) else ("sign dropped",)
    if isinstance(node, ast.BinOp):
        return next((changes for kind, changes in _OF_OPERATORS.items() if isinstance(node.op, kind)), ())
    if isinstance(node, ast.Call) and len(node.args) > 1 and not any(isinstance(a, ast.Starred) for a in node.args):
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        return (
            () if called in _COMMUTATIVE else ("branches exchanged",) if called == "where" else ("arguments exchanged",)
        )
    return ()


_OF_OPERATORS: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("left term only", "right term only", "sign flipped"),
    ast.Sub: ("left term only", "right term only", "sign flipped"),
    ast.Mult: ("left factor only", "right factor only"),
    ast.Div: ("divisor dropped", "dividend dropped"),
    ast.Pow: ("exponent dropped",),
    ast.MatMult: ("left factor only", "right factor only"),
}


def _negative(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), node)


def _right_term(node: Any) -> ast.expr:
    return node.right if isinstance(node.op, ast.Add) else _negative(node.right)


def _flipped(node: Any) -> ast.expr:
    return ast.BinOp(node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right)


_CHANGES: dict[str, Callable[[Any], ast.expr]] = {
    "sign dropped": lambda node: node.operand,
    "left term only": lambda node: node.left,
    "right term only": _right_term,
    "sign flipped": _flipped,
    "left factor only": lambda node: node.left,
    "right factor only": lambda node: node.right,
    "divisor dropped": lambda node: node.left,
    "dividend dropped": lambda node: ast.BinOp(ast.Constant(1), ast.Div(), node.right),
    "exponent dropped": lambda node: node.left,
    "arguments exchanged": lambda node: ast.Call(
        node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords
    ),
    "branches exchanged": lambda node: ast.Call(node.func, [node.args[0], node.args[2], node.args[1]], node.keywords),
}


def _put(parent: ast.AST, field: str, index: int | None, node: ast.expr) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _compiled(node: Any, code: CodeType) -> CodeType:
    """The code of a changed function, with the same variables of the surrounding one, used or not."""
    kept = ast.Tuple([ast.Name(name, ast.Load()) for name in code.co_freevars], ast.Load())
    if isinstance(node, ast.Lambda):
        if code.co_freevars:
            node.body = ast.IfExp(ast.Constant(value=True), node.body, kept)
        inner: ast.stmt = ast.Return(node)
    else:
        node.decorator_list = []
        node.body.append(ast.Expr(kept))
        inner = node
    parameters = ast.arguments([], [ast.arg(name) for name in code.co_freevars], None, [], [], None, [])
    outer = ast.FunctionDef("surroundings", parameters, [inner], [])
    module = ast.fix_missing_locations(ast.Module([outer], []))
    surroundings = next(c for c in compile(module, "mutant", "exec").co_consts if isinstance(c, CodeType))
    return next(c for c in surroundings.co_consts if isinstance(c, CodeType))
