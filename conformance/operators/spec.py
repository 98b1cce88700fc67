"""The record of one operator and the registry of all of them."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from conformance.errors import SuiteFault, UsageError

CHAPTERS = (
    "arithmetic",
    "reflected",
    "elementary",
    "special",
    "complex",
    "comparison",
    "reduction",
    "statistics",
    "calculus",
    "distances",
    "masks",
    "shape",
    "copies",
    "pieces",
    "joints",
    "indexing",
    "placing",
    "linalg",
    "matrices",
    "elimination",
    "orthogonal",
    "spectral",
    "transforms",
    "windows",
    "activation",
    "loss",
    "margins",
    "alignments",
    "neural",
    "layers",
    "pooling",
    "grids",
)
REQUIRED = object()
OMITTED = object()
"""The default of an attribute that chooses between forms of an operator by being there: it stays away unless given."""
VARIADIC = frozenset({"block_diag", "broadcast_tensors", "cartesian_prod"})
"""Operators of a sequence of tensors that PyTorch takes one by one only."""
_SIGNATURE = re.compile(r"^(?P<name>[\w.]+)\((?P<tensors>[^*]*?)(?:,?\s*\*,\s*(?P<attributes>.*))?\)$", re.DOTALL)


@dataclass(frozen=True)
class OperatorSpec:
    """One operator as PyTorch documents it: tensors are positional, attributes are keywords with their defaults."""

    name: str
    tensors: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    outputs: int | None = 1  # None: as many as the attributes say
    chapter: str = ""
    sampling: Any = None  # how the corpus draws inputs; see `conformance.operators.sampling`
    core: bool = True  # asked of every engine; what lies beyond it should be right, and need not be there

    def bind(self, args: tuple[Any, ...], kw: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The canonical call: every tensor positional, every attribute by keyword, defaults filled in.

        >>> find("sum").bind(("x",), {"dim": 0})
        (('x',), {'dim': (0,), 'keepdim': False})
        """
        kw = dict(kw)
        names = (*self.tensors, *self.attributes)
        if len(args) > len(names):
            raise SuiteFault(f"{self.name} takes {len(names)} arguments, not {len(args)}")
        given = dict(zip(names, args, strict=False)) | kw
        unknown = [k for k in given if k not in names]
        if unknown:
            raise SuiteFault(f"{self.name} has no argument {unknown[0]!r}; it has {', '.join(names)}")
        tensors = tuple(given[t] for t in self.tensors if t in given)
        attributes = {k: _canonical(given.get(k, default), default) for k, default in self.attributes.items()}
        missing = [k for k, v in attributes.items() if v is REQUIRED]
        if missing:
            raise SuiteFault(f"{self.name} needs the attribute {missing[0]!r}")
        return tensors, {k: v for k, v in attributes.items() if v is not OMITTED}


_NAMES = {"inf": float("inf"), "REQUIRED": REQUIRED, "OMITTED": OMITTED}
_SPECS: dict[str, OperatorSpec] = {}


def operator(
    signature: str, *, outputs: int | None = 1, sampling: Any = None, core: bool = True, **required: Any
) -> OperatorSpec:
    """Registers an operator by its signature, such as ``"sum(input, *, dim=None, keepdim=False)"``; returns its record.

    An attribute without a default is required. ``*tensors`` is one argument: a sequence of tensors.
    """
    match = _SIGNATURE.match(signature)
    if match is None:
        raise SuiteFault(f"cannot read the signature {signature!r}")
    tensors = tuple(t.partition("=")[0].strip() for t in (match["tensors"] or "").split(",") if t.strip())
    attributes = eval(f"dict({_with_defaults(match['attributes'] or '')})", _NAMES)  # noqa: S307 - our own tables
    name = match["name"]
    if name in _SPECS:
        raise SuiteFault(f"operator {name} is registered twice")
    chapter = sys._getframe(1).f_globals["__name__"].rpartition(".")[2]
    record = OperatorSpec(name, tensors, MappingProxyType(attributes | required), outputs, chapter, sampling, core)
    _SPECS[name] = record
    return record


@cache
def specs() -> Mapping[str, OperatorSpec]:
    """Every operator by name, all chapters imported."""
    for chapter in CHAPTERS:
        importlib.import_module(f"conformance.operators.{chapter}")
    return MappingProxyType(_SPECS)


def find(name: str) -> OperatorSpec:
    """The operator of this name; short names find ``nn.functional``, ``linalg``, ``special`` and ``fft`` ones too."""
    known = specs()
    for prefix in ("", "nn.functional.", "linalg.", "special.", "fft."):
        if prefix + name in known:
            return known[prefix + name]
    raise UsageError(f"no operator named {name!r}; `conformance list operators` shows all {len(known)}")


def _with_defaults(attributes: str) -> str:
    parts = [p.strip() for p in re.split(r",(?![^(\[]*[)\]])", attributes) if p.strip()]
    return ", ".join(p if "=" in p else f"{p}=REQUIRED" for p in parts)


def _canonical(value: Any, default: Any) -> Any:
    """One spelling per attribute: lists are tuples, and so is one `dim` where several may be given."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, int) and not isinstance(value, bool) and (default is None or isinstance(default, tuple)):
        return (value,)
    return value
