"""A namespace case as a script: its function, with whatever of its module it rests on, called on a package."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

_REGISTERS = frozenset({"behaviour", "also"})


def excerpt(function: str, package: str = "import torch") -> str:
    """A script that runs ``module:name``, a function of one argument, on a package with PyTorch's names.

    `package` is the source that binds `torch` to it. Decorators that register the case are left out; imports, constants
    and functions that it uses are taken along.
    """
    module_name, _, name = function.partition(":")
    source = _source(module_name)
    wanted = _closure(name, source.definitions)
    parts = [_text(node, source.lines) for node in source.statements if node in wanted]
    return "\n\n".join([package, *parts, f"{name}(torch)"])


@dataclass(frozen=True)
class _Source:
    """A module as it is written: its lines, in bytes, since that is how `ast` counts columns; and its statements."""

    lines: Sequence[bytes]
    statements: Sequence[ast.stmt]

    @cached_property
    def definitions(self) -> dict[str, ast.stmt]:
        """The statement that binds each name."""
        return {name: node for node in self.statements for name in _defines(node)}


@cache
def _source(module: str) -> _Source:
    """Parsed once: the catalogue's page shows every case of a module."""
    text = inspect.getsource(importlib.import_module(module))
    return _Source(text.encode().splitlines(keepends=True), ast.parse(text).body)


def _closure(name: str, definitions: dict[str, ast.stmt]) -> list[ast.stmt]:
    """The top-level statements that a name rests on, its own among them."""
    todo, found = [name], []
    while todo:
        node = definitions.get(todo.pop())
        if node is not None and node not in found:
            found.append(node)
            todo += _names(node)
    return found


def _names(node: ast.stmt) -> Iterable[str]:
    """Every name that a statement mentions, the decorators that register it left out."""
    inner = [node] if not _is_function(node) else [node.args, *node.body, *_decorators(node)]
    return {n.id for part in inner for n in ast.walk(part) if isinstance(n, ast.Name)}


def _defines(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(a.asname or a.name).partition(".")[0] for a in node.names if a.name != "annotations"]
    if isinstance(node, ast.Assign):
        return [n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    return [node.target.id] if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else []


def _is_function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef)


def _decorators(node: ast.FunctionDef) -> list[ast.expr]:
    return [d for d in node.decorator_list if not _registers(d)]


def _registers(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Name) and called.id in _REGISTERS


def _text(node: ast.stmt, lines: Sequence[bytes]) -> str:
    """The statement as it is written; a function from below the decorators that register it."""
    text = _segment(node, lines)
    if not isinstance(node, ast.FunctionDef):
        return text
    kept = [f"@{_segment(d, lines)}" for d in _decorators(node)]
    return "\n".join([*kept, text])


def _segment(node: ast.stmt | ast.expr, lines: Sequence[bytes]) -> str:
    """As `ast.get_source_segment`, which splits the whole module into lines for each statement."""
    found = list(lines[node.lineno - 1 : node.end_lineno])
    found[-1] = found[-1][: node.end_col_offset]
    found[0] = found[0][node.col_offset :]
    return b"".join(found).decode()
