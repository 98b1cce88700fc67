r"""Pictures of the recorded graph, as DOT (the language of Graphviz) and as SVG.

>>> from refgrad import ones
>>> from refgrad.utils.graph import dot
>>> w = ones(3, requires_grad=True)
>>> print(dot((w * w).sum(), params={"w": w}))
digraph {
  rankdir=TB
  node [shape=box style="rounded,filled" fontname="monospace" fontsize=10 fillcolor="#f2f2f2"]
  n0 [label="result\n()" fillcolor="#d5edd0"]
  n1 [label="SumBackward0\n()"]
  n2 [label="MulBackward0\n(3)"]
  n3 [label="w\n(3)" fillcolor="#cfe3f5"]
  n1 -> n0
  n2 -> n1
  n3 -> n2
  n3 -> n2
}
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refgrad.rules import VALUE
from refgrad.saved import NAMES, RESULT, read
from refgrad.utils.layout import Box, Link, svg_text

OPERATION, LEAF, OUTPUT, SAVED = "operation", "leaf", "output", "saved"
COLOURS = {OPERATION: "#f2f2f2", LEAF: "#cfe3f5", OUTPUT: "#d5edd0", SAVED: "#fbe6c8"}


@dataclass
class Picture:
    """What is drawn: boxes with a few lines of text, and links from what is computed first to what uses it."""

    shapes: bool
    saved: bool
    boxes: list[Box] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def box(self, kind: str, name: str, shape: Any = None) -> int:
        """A new box, by its number."""
        lines = (name, shape_text(shape)) if self.shapes and shape is not None else (name,)
        self.boxes.append(Box(lines, COLOURS[kind]))
        return len(self.boxes) - 1


def draw(path: str | Path, outputs: Any, params: Any = None, *, shapes: bool = True, saved: bool = False) -> Path:
    """Writes the graph behind `outputs` to a file, as SVG or, where its name ends with .dot or .gv, as DOT; gives its
    path. `outputs` and the options are those of `dot`.
    """
    path = Path(path)
    if path.suffix not in (".svg", ".dot", ".gv"):
        raise ValueError(f"cannot draw {path.name}: name a file that ends with .svg, .dot or .gv")
    write = svg if path.suffix == ".svg" else dot
    path.write_text(write(outputs, params, shapes=shapes, saved=saved) + "\n", encoding="utf-8")
    return path


def dot(outputs: Any, params: Any = None, *, shapes: bool = True, saved: bool = False) -> str:
    """The graph behind a tensor, several, or a dictionary of them by name, as DOT.

    `params` names leaves: a mapping from names to tensors, or pairs, such as ``module.named_parameters()``. With
    `shapes` every box says the shape of its result; with `saved` what operations keep for the backward pass is drawn
    too. Tensors of PyTorch are drawn as well.
    """
    picture = _picture(outputs, params, shapes=shapes, saved=saved)
    lines = [
        "rankdir=TB",
        f'node [shape=box style="rounded,filled" fontname="monospace" fontsize=10 fillcolor="{COLOURS[OPERATION]}"]',
    ]
    for i, box in enumerate(picture.boxes):
        colour = "" if box.colour == COLOURS[OPERATION] else f' fillcolor="{box.colour}"'
        text = "\\n".join(map(_quoted, box.lines))
        lines.append(f'n{i} [label="{text}"{colour}]')
    for link in picture.links:
        options = [f'label="{link.label}"' if link.label else "", "style=dashed" if link.dashed else ""]
        text = " ".join(filter(None, options))
        lines.append(f"n{link.start} -> n{link.end}" + (f" [{text}]" if text else ""))
    return "\n".join(["digraph {", *(f"  {line}" for line in lines), "}"])


def svg(
    outputs: Any, params: Any = None, *, shapes: bool = True, saved: bool = False, graphviz: bool | None = None
) -> str:
    """The same as SVG: laid out by the program `dot` of Graphviz where it is installed, else here in layers.

    `graphviz` says which of the two it shall be.
    """
    program = shutil.which("dot")
    if program is None and graphviz:
        raise FileNotFoundError("the program dot is not installed; install Graphviz, or leave graphviz=None")
    if program is not None and graphviz is not False:
        text = dot(outputs, params, shapes=shapes, saved=saved)
        done = subprocess.run([program, "-Tsvg"], input=text, capture_output=True, text=True, check=True)  # noqa: S603 - our own text
        return done.stdout.strip()
    picture = _picture(outputs, params, shapes=shapes, saved=saved)
    return svg_text(picture.boxes, picture.links)


def shape_text(shape: Any) -> str:
    """A shape as tuples are written, but for the comma after a single size.

    >>> shape_text((2, 3)), shape_text((3,)), shape_text(())
    ('(2, 3)', '(3)', '()')
    """
    return f"({', '.join(map(str, shape))})"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


# --- collecting -------------------------------------------------------------------------------------------------------


def _picture(outputs: Any, params: Any, *, shapes: bool, saved: bool) -> Picture:
    """The boxes and links of everything from the outputs down to the leaves."""
    picture = Picture(shapes, saved)
    names = {id(x): str(name) for name, x in (params.items() if isinstance(params, Mapping) else params or ())}
    roots = list(_roots(outputs))
    found: dict[Any, int] = {}
    for name, x in roots:
        if x.grad_fn is None:
            picture.box(LEAF if x.requires_grad else OUTPUT, names.get(id(x), name), x.shape)
            continue
        end = picture.box(OUTPUT, name, x.shape)
        picture.links.append(Link(_node(picture, found, names, x.grad_fn), end, str(x.output_nr or "")))
    pending = list(found)
    while pending:
        node = pending.pop()
        for previous, i in node.next_functions:
            if previous is None:
                continue
            if previous not in found:
                pending.append(previous)
            start = _node(picture, found, names, previous)
            picture.links.append(Link(start, found[node], str(i or "")))
        if saved:
            for name, value in _saved(node):
                picture.links.append(Link(picture.box(SAVED, name, value), found[node], dashed=True))
    return picture


def _roots(outputs: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(outputs, Mapping):
        return ((str(k), x) for k, x in outputs.items())
    if hasattr(outputs, "grad_fn"):
        return iter([("result", outputs)])
    several: Iterable[Any] = list(outputs)
    return ((f"result {i}", x) for i, x in enumerate(several))


def _node(picture: Picture, found: dict[Any, int], names: Mapping[int, str], node: Any) -> int:
    """The box of a node of the graph."""
    if node not in found:
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            found[node] = picture.box(LEAF, names.get(id(leaf), "leaf"), leaf.shape)
        else:
            found[node] = picture.box(OPERATION, _name(node), _shape(node))
    return found[node]


def _name(node: Any) -> str:
    name = node.name() if callable(getattr(node, "name", None)) else type(node).__name__
    return name.rpartition("::")[2]


def _shape(node: Any) -> Any:
    """The shape of a node's result; None for several or where it is not known."""
    metas = node._input_metadata
    metas = metas() if callable(metas) else metas
    if len(metas) != 1 or metas[0] is None:
        return None
    return getattr(metas[0], "shape", None) if not isinstance(metas[0], tuple) else metas[0][0]


def _saved(node: Any) -> Iterator[tuple[str, Any]]:
    """The tensors that a node keeps, with their shapes; none once they are freed."""
    try:
        if hasattr(node, "saved_tensors"):
            values = [(f"saved {i}", x) for i, x in enumerate(node.saved_tensors)]
        elif getattr(node, "plan", None) is not None:
            values = [(NAMES[i] if i < len(NAMES) else f"argument {i}", read(node, i)) for i in _kept(node)]
            values += [("result", read(node, RESULT))] if node.plan.result == VALUE and node.metas is None else []
        else:
            names = [n for n in dir(node) if n.startswith("_saved_")]
            values = [(n.removeprefix("_saved_"), getattr(node, n)) for n in names]
    except RuntimeError:  # freed, or modified since
        return
    yield from ((name, x.shape) for name, x in values if hasattr(x, "grad_fn"))


def _kept(node: Any) -> list[int]:
    return [i for i, k in enumerate(node.plan.arguments) if k == VALUE]
