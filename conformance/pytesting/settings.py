"""What the command line of pytest asks for, in the suite's own terms; the same in every xdist worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from conformance.caselist import Selection, choose, profile_cases
from conformance.cases import Case
from conformance.dialogue import Dialogue
from conformance.errors import UsageError
from conformance.operators import specs
from conformance.runner import EngineSpec, parse_engine


@dataclass
class Settings:
    """Engines, cases and options of one session."""

    engines: tuple[EngineSpec, ...]
    profile: str
    device: str
    output: Path
    selection: Selection
    accept_waivers: bool
    explore: bool
    examples: int
    seed: int | None
    cases: dict[str, Case] = field(default_factory=dict)  # those of the list that are selected

    @classmethod
    def of(cls, config: pytest.Config) -> Settings:
        """The settings of a session; *errors*: whatever is unknown, in one line."""
        o = config.option
        settings = cls(
            engines=tuple(parse_engine(e, device=o.conformance_device) for e in dict.fromkeys(o.conformance_engines)),
            profile=o.conformance_profile,
            device=o.conformance_device,
            output=Path(config.invocation_params.dir, o.conformance_output),
            selection=Selection(tuple(o.conformance_select), tuple(o.conformance_operator)),
            accept_waivers=o.conformance_accept_waivers,
            explore=o.conformance_explore,
            examples=o.conformance_examples,
            seed=o.conformance_seed,
        )
        if settings.explore:
            _check_operators(settings.selection.operators)
        else:
            found = profile_cases(settings.profile, settings.device, settings.selection)
            settings.cases = {c.id: c for c in choose(found, settings.selection)}
        return settings

    def dialogue(self, engine: EngineSpec) -> Dialogue:
        """A new dialogue with an engine."""
        return Dialogue(engine)


def _check_operators(patterns: Iterable[str]) -> None:
    """Refuses what names nothing to explore."""
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in specs()):
            raise UsageError(f"no operator matches {pattern!r}; `conformance list operators` shows all {len(specs())}")
