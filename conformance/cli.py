"""The command line: finds the command, turns errors into one line and an exit code. Commands are in `commands`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from conformance.commands import MODULES, load
from conformance.commands.names import near
from conformance.errors import ConformanceError, UsageError

_DESCRIPTION = "Certifies autograd engines against the behaviour that PyTorch documents and against calculus."
_EPILOG = """\
exit codes: 0 certified, 1 not certified, 4 usage, 10 invalid, 11 suite fault, 12 certified with waivers, 13 partial

examples:
  conformance certify --engine refgrad --engine torch
  conformance certify --engine mypackage.adapter:MyEngine --select 'accumulation.*'
  conformance explain accumulation.backward-twice-adds
  conformance list behaviours --level must --count
"""


class Parser(argparse.ArgumentParser):
    """argparse with this suite's manners: one line, exit code 4, and near names for a mistyped one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise UsageError(
                f"no {(action.metavar or action.dest).lower()} {value!r}; {near(value, map(str, action.choices))}"
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; gives its exit code."""
    try:
        options = parser().parse_args(arguments)
        return options.run(options)
    except ConformanceError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("conformance: stopped; `conformance certify --resume` goes on from here", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `conformance list cases | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def parser() -> Parser:
    """The parser with every command."""
    top = Parser(prog="conformance", description=_DESCRIPTION, epilog=_EPILOG)
    commands = top.add_subparsers(required=True, metavar="command", title="commands", parser_class=Parser)
    for name in MODULES:
        load(name).add(commands)
    return top
