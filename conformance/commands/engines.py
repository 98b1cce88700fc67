"""``conformance engines``: the engines that have adapters, and an environment of its own for each."""

from __future__ import annotations

import argparse
from typing import Any

from conformance.commands.console import table

_EPILOG = """\
An engine that is installed is certified by name. Environments lie in the user's cache, or under $CONFORMANCE_ENGINES.

examples:
  conformance engines
  conformance engines install jax
  conformance certify --engine jax --profile functional
  conformance engines install tfjs
"""


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
