"""Nested tuples, lists and dictionaries of tensors, taken apart and put together again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

LEAF = object()


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """The leaves, and what `unflatten` needs to put them together."""
    if isinstance(tree, (dict, OrderedDict)):
        parts = [flatten(v) for v in tree.values()]
        return [x for leaves, _ in parts for x in leaves], (type(tree), list(tree), [spec for _, spec in parts])
    if isinstance(tree, (tuple, list)):
        parts = [flatten(v) for v in tree]
        return [x for leaves, _ in parts for x in leaves], (type(tree), None, [spec for _, spec in parts])
    return [tree], LEAF


def unflatten(leaves: Any, spec: Any) -> Any:
    """The tree of this structure with these leaves."""
    return _built(iter(leaves), spec)


def _built(leaves: Any, spec: Any) -> Any:
    if spec is LEAF:
        return next(leaves)
    kind, keys, parts = spec
    values = [_built(leaves, p) for p in parts]
    if keys is not None:
        return kind(zip(keys, values, strict=True))
    return kind(*values) if hasattr(kind, "_fields") else kind(values)


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with the function applied to each leaf."""
    leaves, spec = flatten(tree)
    return unflatten([function(x) for x in leaves], spec)


def spread(prefix: Any, tree: Any) -> list[Any]:
    """A value for each leaf of the tree, from a tree that may stop earlier and then holds for all below."""
    if isinstance(tree, dict):
        return [v for k, sub in tree.items() for v in spread(prefix[k] if isinstance(prefix, dict) else prefix, sub)]
    if isinstance(tree, (tuple, list)):
        if isinstance(prefix, (tuple, list)):
            if len(prefix) != len(tree):
                raise ValueError(
                    f"in_dims is not compatible with the structure of inputs: got {prefix} for {len(tree)} parts"
                )
            return [v for p, sub in zip(prefix, tree, strict=True) for v in spread(p, sub)]
        return [v for sub in tree for v in spread(prefix, sub)]
    return [prefix]
