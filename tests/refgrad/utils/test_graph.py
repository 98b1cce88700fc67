"""Pictures show every operation, leaf and saved tensor once, and nothing overlaps."""

import itertools
import random
import re
import xml.etree.ElementTree as ET

import pytest

import refgrad
from refgrad.utils.graph import dot, draw, svg
from refgrad.utils.layout import GAP, Box, Layout, Link, layers, svg_text


def chain(length):
    x = refgrad.ones(3, requires_grad=True)
    y = x
    for _ in range(length):
        y = refgrad.sin(y) * x
    return x, y.sum()


def labels(text):
    return re.findall(r'n\d+ \[label="([^"]*)"', text)


def test_every_operation_and_every_leaf_is_drawn_once():
    w, b = (refgrad.ones(2, requires_grad=True) for _ in "wb")
    y = refgrad.exp(w) * w + b
    text = dot(y, {"w": w, "b": b}, shapes=False)
    assert sorted(labels(text)) == ["AddBackward0", "ExpBackward0", "MulBackward0", "b", "result", "w"]
    assert text.count(" -> ") == 6


def test_several_results_are_drawn_together_and_named():
    x = refgrad.ones(2, requires_grad=True)
    y = x * 2
    found = labels(dot({"sum": y.sum(), "mean": y.mean(), "itself": x}, [("x", x)], shapes=False))
    assert sorted(found) == ["MeanBackward0", "MulBackward0", "SumBackward0", "mean", "sum", "x", "x"]
    assert labels(dot((y.sum(), y), shapes=False)).count("result 1") == 1


def test_which_result_of_an_operation_goes_on_is_said():
    x = refgrad.ones((2, 3), requires_grad=True)
    text = dot(refgrad.unbind(x)[1].sum())
    assert 'n2 -> n1 [label="1"]' in text


def test_saved_tensors_are_drawn_on_demand_until_they_are_freed():
    w = refgrad.ones(3, requires_grad=True)
    y = refgrad.exp(w * w)
    found = labels(dot(y, saved=True))
    assert found.count(r"self\n(3)") == found.count(r"other\n(3)") == 1
    assert found.count(r"result\n(3)") == 2  # that of exp, and the one that is drawn
    y.sum().backward()
    assert labels(dot(y, saved=True)) == labels(dot(y))


def test_what_custom_functions_save_is_drawn():
    class Cube(refgrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            return 3 * ctx.saved_tensors[0] ** 2 * g

    found = labels(dot(Cube.apply(refgrad.ones(2, requires_grad=True)), saved=True))
    assert "saved 0\\n(2)" in found
    assert any(label.startswith("CubeBackward") for label in found)


def test_names_are_quoted():
    x = refgrad.ones(1, requires_grad=True)
    assert r'label="a\"b\\c"' in dot(x * 2, {'a"b\\c': x}, shapes=False)
    assert "&lt;b&gt;" in svg(x * 2, {"<b>": x}, graphviz=False)


def test_graphs_of_pytorch_are_drawn_as_well():
    torch = pytest.importorskip("torch")
    pictures = []
    for engine in (refgrad, torch):
        w = engine.ones(3, requires_grad=True)
        pictures.append(dot((engine.exp(w) * w).sum(), {"w": w}))
    assert pictures[0] == pictures[1]


def test_svg_holds_a_box_for_each_node_and_a_line_for_each_link():
    x, y = chain(5)
    root = ET.fromstring(svg(y, {"x": x}, graphviz=False))  # noqa: S314 - our own text
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f".//{space}g/{space}rect")) == len(labels(dot(y)))
    assert len(root.findall(f".//{space}polyline")) == dot(y).count(" -> ")
    assert "MulBackward0" in [text.text for text in root.iter(f"{space}text")]


def test_deep_graphs_are_drawn_without_recursion():
    _, y = chain(3000)
    assert svg(y, graphviz=False).count("<rect") == 6004


def random_graph(count):
    rng = random.Random(7)  # noqa: S311 - no secret
    boxes = [Box(("x" * rng.randint(3, 20),) * rng.randint(1, 2), "#fff") for _ in range(count)]
    links = [Link(rng.randint(max(0, j - 15), j - 1), j) for j in range(1, count) for _ in range(rng.randint(1, 2))]
    return boxes, links


def test_links_go_down_and_boxes_and_passing_links_keep_apart():
    boxes, links = random_graph(100)
    layout = Layout(boxes, links)
    assert all(layout.depth[link.start] < layout.depth[link.end] for link in links)
    for row in layout.rows:
        for a, b in itertools.pairwise(row):
            assert layout.x[b] - layout.x[a] >= (layout.widths[a] + layout.widths[b]) / 2 + GAP - 1e-6


def test_the_order_within_layers_leaves_fewer_crossings():
    boxes, links = random_graph(100)
    layout = Layout(boxes, links)
    ordered = crossings(layout)
    for row in layout.rows:
        for k, i in enumerate(sorted(row)):
            layout.x[i] = k
    assert ordered < crossings(layout) / 2


def crossings(layout):
    steps = [pair for path in layout.paths for pair in itertools.pairwise(path)]
    return sum(
        (layout.x[a] - layout.x[c]) * (layout.x[b] - layout.x[d]) < 0
        for (a, b), (c, d) in itertools.combinations(steps, 2)
        if layout.depth[a] == layout.depth[c]
    )


def test_a_leaf_stands_right_above_what_uses_it_first():
    assert layers(4, [Link(0, 1), Link(1, 2), Link(3, 2)]) == [0, 1, 2, 1]
    assert layers(0, []) == []
    assert svg_text([], []).startswith("<svg")


def test_graphviz_lays_out_where_it_is_installed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    x = refgrad.ones(1, requires_grad=True)
    assert "polyline" in svg(x * 2)
    with pytest.raises(FileNotFoundError, match="install Graphviz"):
        svg(x * 2, graphviz=True)
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nprintf '<svg>%s ' \"$1\"\nexec /bin/cat\n")
    program.chmod(0o755)
    assert svg(x * 2) == f"<svg>-Tsvg {dot(x * 2)}"
    assert "polyline" in svg(x * 2, graphviz=False)


def test_files_are_written_by_their_suffix(tmp_path):
    x = refgrad.ones(1, requires_grad=True)
    assert draw(tmp_path / "a.svg", x * 2).read_text().startswith("<svg")
    assert draw(tmp_path / "a.dot", x * 2, {"x": x}).read_text() == dot(x * 2, {"x": x}) + "\n"
    with pytest.raises(ValueError, match=r"a\.png"):
        draw(tmp_path / "a.png", x * 2)
