"""Work spread over processes, in order."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Task, Result = TypeVar("Task"), TypeVar("Result")


def mapped(
    function: Callable[[Task], Result], tasks: Iterable[Task], processes: int, *, chunksize: int = 1
) -> Iterator[Result]:
    """What the function makes of each task, in their order; any number of processes gives the same, and one is this one.

    *errors*: those of the function; a process that dies ends the whole with `BrokenProcessPool`.
    """
    if processes == 1:
        yield from map(function, tasks)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(function, tasks, chunksize=chunksize)
