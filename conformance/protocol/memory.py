"""How much memory a process and its children hold. Where the system does not say, nothing is known, and nothing limited."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def resident(pid: int) -> int:
    """Bytes in memory, of a process and its descendants; 0 where there is no ``/proc``, or the process is gone.

    A limit on the address space, which the kernel would enforce, is no measure: JavaScript and CUDA reserve many times
    what they use.

    >>> resident(os.getpid()) >= 0
    True
    """
    own = Path("/proc", str(pid))
    pages = _words(own / "statm")
    children = _words(own / "task" / str(pid) / "children")
    return (int(pages[1]) * _PAGE if pages else 0) + sum(resident(int(child)) for child in children)


def _words(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split()
    except OSError:
        return []
