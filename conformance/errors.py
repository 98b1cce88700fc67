"""Every exception of the suite. Each message is one line that names the thing and the remedy."""

from __future__ import annotations

from pathlib import Path


def without_places(words: str) -> str:
    """What an engine said, without where the suite lies and whose home it speaks of: results are for publication.

    >>> without_places(f"line 3 of {Path.home()}/engine.py")
    'line 3 of ~/engine.py'
    """
    return words.replace(str(Path(__file__).parents[1]), "…").replace(str(Path.home()), "~")


class ConformanceError(Exception):
    """Base of the suite's errors; `exit_code` is what the command line ends with."""

    exit_code = 4


class UsageError(ConformanceError):
    """The user asked for something that does not exist: an engine, a profile, an operator, a file."""


class AdapterError(ConformanceError):
    """An adapter cannot be imported, lacks a method, or answers with something that is not an array."""


class DeviceError(ConformanceError):
    """An engine cannot compute on the device that was asked for."""


class CorpusError(ConformanceError):
    """A frozen file is missing or is not what the lock says it is."""

    exit_code = 10


class SuiteFault(ConformanceError):
    """The suite itself is wrong: a malformed case, a reply of its own that breaks the schema."""

    exit_code = 11


class Unsupported(Exception):
    """Raised inside an engine when a program needs a feature or operator that it does not claim."""

    def __init__(self, feature: str) -> None:
        super().__init__(feature)
        self.feature = feature
