"""``conformance engines``: the engines that have adapters, and an environment of its own for each."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from conformance.commands.console import table
from conformance.errors import UsageError

_EPILOG = """\
An engine that is installed is certified by name. Environments lie in the user's cache, or under $CONFORMANCE_ENGINES.

examples:
  conformance engines
  conformance engines install jax
  conformance certify --engine jax --profile functional
  conformance engines install tfjs
  conformance engines kit c++
"""
_KITS = {
    # language: (the kit, its example, what builds the example, its command, its profile)
    "python": ("engine.py", "tiny.py", "", "python tiny.py", "imperative"),
    "javascript": ("engine.js", "tiny.js", "", "node tiny.js", "functional"),
    "c++": ("engine.hpp", "tiny.cpp", "g++ -std=c++17 -O2 tiny.cpp -o tiny && ", "./tiny", "imperative"),
}
"""One file that speaks the protocol in each language, and a small engine behind it."""


def add(commands: Any) -> None:
    """Adds the command."""
    help_ = "list the engines with adapters, or install one in an environment of its own"
    p = commands.add_parser("engines", help=help_, description=f"{help_.capitalize()}.", epilog=_EPILOG)
    p.set_defaults(run=overview)
    actions = p.add_subparsers(metavar="action", title="actions", parser_class=type(p))
    help_ = "make a virtual environment, or a folder for Node, with the engine at the pinned version"
    install_ = actions.add_parser("install", help=help_, description=f"{help_.capitalize()}.")
    install_.add_argument("names", nargs="+", metavar="NAME", help="engines (`conformance engines` lists them)")
    install_.add_argument("--python", default="", metavar="PATH", help="the interpreter to make the environment with")
    install_.set_defaults(run=install)
    help_ = "write the file that speaks for an engine in another language, and an example, to begin with"
    kit_ = actions.add_parser("kit", help=help_, description=f"{help_.capitalize()}.")
    kit_.add_argument("language", choices=_KITS, help=", ".join(_KITS))
    kit_.add_argument("--output", type=Path, default=Path(), metavar="DIR", help="where to (default: here)")
    kit_.set_defaults(run=kit)


def overview(_options: argparse.Namespace) -> int:
    """Prints every known engine with what it needs and whether it is there."""
    from conformance.engines.known import KNOWN, status

    rows = [(name, status(name), " ".join(k.requirements) or "-", k.about) for name, k in KNOWN.items()]
    table(("engine", "status", "requirements", "about"), rows)
    return 0


def install(options: argparse.Namespace) -> int:
    """Installs each engine that is named."""
    from conformance.engines.install import install as make

    for name in options.names:
        where = make(name, print, python=options.python)
        print(f"{name}: ready in {where}; certify it with `conformance certify --engine {name}`")
    return 0


def kit(options: argparse.Namespace) -> int:
    """Copies a kit and its example, and says what to do next."""
    *files, build, command, profile = _KITS[options.language]
    for name in files:
        _copy(name, options.output)
    print(f"wrote {' and '.join(str(options.output / name) for name in files)}; the first lines say how they are used")
    where = "" if options.output == Path() else f"cd {options.output} && "
    print(
        f"try it: {where}{build}conformance certify --engine 'stdio:{command}' --profile {profile} --select 'op/mul/*'"
    )
    return 0


def _copy(name: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("xb") as file:
            file.write((Path(__file__).parent.parent / "kits" / name).read_bytes())
    except OSError as error:
        raise UsageError(f"cannot write {folder / name}: {error.strerror}; choose a folder with --output") from None
