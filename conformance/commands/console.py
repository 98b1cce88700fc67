"""What a person at a terminal sees while it runs: progress and colour there, nothing where output goes to a file."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.verdict import Record

_COLOURS = {"certified": "green", "certified with waivers": "yellow", "partial": "yellow"}


class Progress:
    """Counts cases as they are judged; `start` and `record` are what `certify` calls back."""

    def __init__(self, bar: Any = None, label: str = "") -> None:
        self._bar, self._label, self._task = bar, label, None
        self._statuses: Counter[str] = Counter()

    def start(self, total: int, _hello: Any = None) -> None:
        """The number of cases is known."""
        if self._bar is not None:
            self._task = self._bar.add_task(self._label, total=total, statuses="")

    def drawn(self, _case: Any) -> None:
        """One more case of a challenge was drawn, with its truth."""
        if self._bar is not None:
            self._bar.update(self._task, advance=1)

    def record(self, record: Record) -> None:
        """One more case was judged."""
        self._statuses[str(record.status)] += 1
        if self._bar is not None:
            statuses = ", ".join(f"{n} {s}" for s, n in self._statuses.most_common())
            self._bar.update(self._task, advance=1, statuses=statuses)


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A progress bar on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield Progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[statuses]}"),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Progress(bar, label)


def headline(verdict: str, text: str) -> None:
    """A line on standard output that begins with the verdict's colour on a terminal."""
    if not sys.stdout.isatty():
        print(text)
        return
    from rich.console import Console
    from rich.text import Text

    Console(highlight=False).print(Text(text, style=f"bold {_COLOURS.get(verdict, 'red')}"))


def table(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table: drawn on a terminal, tab-separated elsewhere, so that other programs can read it."""
    if not sys.stdout.isatty():
        for row in rows:
            print(*(" ".join(str(cell).split()) for cell in row), sep="\t")
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in heading:
        drawn.add_column(name, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(str(cell)) for cell in row))
    Console().print(drawn)


def source(text: str) -> None:
    """Python source: coloured on a terminal."""
    if not sys.stdout.isatty():
        print(text)
        return
    from rich.console import Console
    from rich.syntax import Syntax

    Console().print(Syntax(text, "python", theme="ansi_dark", background_color="default", word_wrap=True))
