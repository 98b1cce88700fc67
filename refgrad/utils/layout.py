"""Boxes and links laid out in layers, as SVG, with nothing but the standard library.

Layers are by the longest path; within a layer the order is by the barycentres of neighbours; places are then as near to
the neighbours' as the widths of the boxes allow (least squares). Links are straight from layer to layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

CHARACTER, LINE, PADDING, GAP, BETWEEN = 7.0, 15.0, 8.0, 18.0, 34.0
Point = tuple[float, float]
BEND = 6.0
"""The width that a link takes where it passes a layer."""
SWEEPS, MOST_BENDS = 12, 20_000


class Box(NamedTuple):
    """A box with some lines of text."""

    lines: tuple[str, ...]
    colour: str

    @property
    def width(self) -> float:
        return CHARACTER * max(map(len, self.lines)) + 2 * PADDING

    @property
    def height(self) -> float:
        return LINE * len(self.lines) + PADDING


class Link(NamedTuple):
    """An arrow from one box to another, by their numbers."""

    start: int
    end: int
    label: str = ""
    dashed: bool = False


def layers(count: int, links: Sequence[Link]) -> list[int]:
    """The layer of each box: one more than the deepest before it. What only one thing uses, and all that only it uses,
    stands as near to that as it can.

    >>> layers(5, [Link(0, 1), Link(1, 2), Link(2, 4), Link(3, 4)])
    [0, 1, 2, 2, 3]
    """
    before: list[set[int]] = [set() for _ in range(count)]
    after: list[set[int]] = [set() for _ in range(count)]
    for link in links:
        before[link.end].add(link.start)
        after[link.start].add(link.end)
    waiting, depth = [len(b) for b in before], [0] * count
    order = [i for i in range(count) if not waiting[i]]
    for i in order:  # grows on the way
        for j in after[i]:
            depth[j] = max(depth[j], depth[i] + 1)
            waiting[j] -= 1
            if not waiting[j]:
                order.append(j)
    loose = [False] * count
    for i in order:
        loose[i] = len(after[i]) == 1 and all(loose[j] for j in before[i])
    for i in reversed(order):
        if after[i] and (loose[i] or not before[i]):
            depth[i] = min(depth[j] for j in after[i]) - 1
    return depth


class Layout:
    """The places of boxes, and of the bends of links that pass layers."""

    def __init__(self, boxes: Sequence[Box], links: Sequence[Link]) -> None:
        self.depth = layers(len(boxes), links)
        self.widths = [box.width for box in boxes]
        self.paths = self._paths(links)
        self.rows: list[list[int]] = [[] for _ in range(max(self.depth, default=-1) + 1)]
        for i, d in enumerate(self.depth):
            self.rows[d].append(i)
        self.above, self.below = self._neighbours()
        self.x = [0.0] * len(self.widths)
        self._order()
        self._place()

    def _paths(self, links: Sequence[Link]) -> list[list[int]]:
        """Each link as the row of points that it joins, with a new one for every layer that it passes."""
        passed = sum(self.depth[link.end] - self.depth[link.start] - 1 for link in links)
        paths = []
        for link in links:
            between = range(self.depth[link.start] + 1, self.depth[link.end]) if passed <= MOST_BENDS else ()
            path = [link.start]
            for d in between:
                path.append(len(self.widths))
                self.widths.append(BEND)
                self.depth.append(d)
            paths.append([*path, link.end])
        return paths

    def _neighbours(self) -> tuple[list[list[int]], list[list[int]]]:
        above: list[list[int]] = [[] for _ in self.widths]
        below: list[list[int]] = [[] for _ in self.widths]
        for path in self.paths:
            for a, b in zip(path, path[1:], strict=False):
                above[b].append(a)
                below[a].append(b)
        return above, below

    def _order(self) -> None:
        """Orders each row by where the neighbours stand, downwards and upwards in turn."""
        rank = {i: float(k) for row in self.rows for k, i in enumerate(row)}
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            neighbours = self.above if down else self.below
            for row in self.rows if down else reversed(self.rows):
                row.sort(key=lambda i: _mean([rank[j] for j in neighbours[i]], rank[i]))
                rank.update({i: float(k) for k, i in enumerate(row)})

    def _place(self) -> None:
        """Places each row as near to its neighbours as its widths allow."""
        for row in self.rows:
            self._fit(row, [0.0] * len(row))
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            neighbours = self.above if down else self.below
            for row in self.rows if down else reversed(self.rows):
                self._fit(row, [_mean([self.x[j] for j in neighbours[i]], self.x[i]) for i in row])
        left = min((x - w / 2 for x, w in zip(self.x, self.widths, strict=True)), default=0.0)
        self.x = [x - left + GAP for x in self.x]

    def _fit(self, row: list[int], wanted: list[float]) -> None:
        """The places in this order that are nearest to those wanted: an isotonic regression, by pooling."""
        offset, offsets = 0.0, []
        for k, i in enumerate(row):
            offset += (self.widths[row[k - 1]] + self.widths[i]) / 2 + GAP if k else 0.0
            offsets.append(offset)
        pools: list[list[float]] = []  # sum and number of those that stand as close as they may
        for w, o in zip(wanted, offsets, strict=True):
            pools.append([w - o, 1])
            while len(pools) > 1 and pools[-2][0] / pools[-2][1] >= pools[-1][0] / pools[-1][1]:
                total, number = pools.pop()
                pools[-1][0] += total
                pools[-1][1] += number
        level = [total / number for total, number in pools for _ in range(int(number))]
        for i, y, o in zip(row, level, offsets, strict=True):
            self.x[i] = y + o


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


_ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z" fill="#555"/></marker></defs>'
)


def svg_text(boxes: Sequence[Box], links: Sequence[Link]) -> str:
    """The picture as SVG."""
    layout = Layout(boxes, links)
    tops, y = [], GAP
    heights = [max((boxes[i].height for i in row if i < len(boxes)), default=0.0) for row in layout.rows]
    for height in heights:
        tops.append(y + height / 2)
        y += height + BETWEEN
    width = max((x + w / 2 for x, w in zip(layout.x, layout.widths, strict=True)), default=0.0) + GAP
    places = [(x, tops[d]) for x, d in zip(layout.x, layout.depth, strict=True)]
    corners = [[(layout.x[i], tops[d] + s * heights[d] / 2) for s in (-1, 1)] for i, d in enumerate(layout.depth)]
    high = y - BETWEEN + GAP if boxes else 2 * GAP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {high:.0f}" width="{width:.0f}" role="img">',
            "<title>Recorded graph</title>",
            _ARROW,
            '<rect width="100%" height="100%" fill="#fff"/>',
            '<g fill="none" stroke="#555">',
            *(
                _line(link, _ends(boxes, places, link), [point for i in path[1:-1] for point in corners[i]])
                for link, path in zip(links, layout.paths, strict=True)
            ),
            '</g><g font-family="monospace" font-size="11" text-anchor="middle">',
            *(_box(box, *place) for box, place in zip(boxes, places, strict=False)),
            "</g></svg>",
        ]
    )


def _ends(boxes: Sequence[Box], places: Sequence[Point], link: Link) -> tuple[Point, Point]:
    """Where a link leaves the one box and reaches the other."""
    (x0, y0), (x1, y1) = places[link.start], places[link.end]
    return (x0, y0 + boxes[link.start].height / 2), (x1, y1 - boxes[link.end].height / 2)


def _line(link: Link, ends: tuple[Point, Point], bends: Sequence[Point]) -> str:
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in (ends[0], *bends, ends[1]))
    style = ' stroke-dasharray="4 3"' if link.dashed else ' marker-end="url(#arrow)"'
    title = f"<title>result {escape(link.label)}</title>" if link.label else ""
    return f'<polyline points="{text}"{style}>{title}</polyline>' if title else f'<polyline points="{text}"{style}/>'


def _box(box: Box, x: float, y: float) -> str:
    top = y - box.height / 2
    lines = "".join(
        f'<text x="{x:.1f}" y="{top + PADDING / 2 + LINE * (k + 0.75):.1f}">{escape(line)}</text>'
        for k, line in enumerate(box.lines)
    )
    return (
        f'<rect x="{x - box.width / 2:.1f}" y="{top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="4" '
        f'fill="{box.colour}" stroke="#999"/>{lines}'
    )
