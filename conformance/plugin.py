"""The pytest plugin: its options, and nothing else until an engine is named. The rest is in `conformance.pytesting`.

``pytest --pyargs conformance --engine torch --engine refgrad -n 2``
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

_WITHOUT_ENGINE = (
    "name an engine to judge: pytest --pyargs conformance --engine torch (`conformance list engines` shows the known "
    "ones; pkg.mod:Class and stdio:COMMAND work too)"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options, all prefixed but for --engine."""
    group = parser.getgroup("conformance", "certification of autograd engines (pytest --pyargs conformance)")
    engine: dict[str, Any] = {
        "action": "append", "default": [], "dest": "conformance_engines", "metavar": "ENGINE",
        "help": "an engine to judge: a known name, pkg.mod:Class or stdio:COMMAND; repeat for several",
    }  # fmt: skip
    try:
        group.addoption("--engine", "--conformance-engine", **engine)
    except (ValueError, argparse.ArgumentError):  # another plugin has --engine; the prefixed name is ours alone
        group.addoption("--conformance-engine", **engine)
    for name, default, help_ in (
        ("profile", "imperative", "functional, imperative (default) or full"),
        ("device", "cpu", "cpu (default) or cuda"),
        ("output", "reports", "folder for reports (default: reports)"),
    ):
        group.addoption(f"--conformance-{name}", default=default, metavar="NAME", help=help_)
    for name, help_ in (
        ("select", "only cases or behaviours that match this glob; gives verdict partial"),
        ("operator", "only cases of this operator; gives verdict partial"),
    ):
        group.addoption(f"--conformance-{name}", action="append", default=[], metavar="NAME", help=help_)
    group.addoption("--conformance-accept-waivers", action="store_true", help="exit 0 for certified with waivers")
    group.addoption(
        "--conformance-explore", action="store_true", help="search for counterexamples instead; never a verdict"
    )
    group.addoption(
        "--conformance-examples", type=int, default=20, metavar="N", help="examples for each explored property"
    )
    group.addoption("--conformance-seed", type=int, metavar="N", help="the seed of the exploration")


def pytest_configure(config: pytest.Config) -> None:
    """Brings in the suite if an engine was named; says what to do if the suite was asked for without one."""
    if config.option.conformance_engines:
        from conformance.pytesting import activate

        activate(config)
    elif _is_asked_for(config):
        import pytest

        raise pytest.UsageError(_WITHOUT_ENGINE)


def _is_asked_for(config: pytest.Config) -> bool:
    """Whether somebody typed ``--pyargs conformance``, the examples in docstrings not being meant."""
    named = any(arg.partition("::")[0] == "conformance" for arg in config.invocation_params.args)
    return config.option.pyargs and named and not getattr(config.option, "doctestmodules", False)
