"""What one reply is worth while the session still runs: its judgement, and whether a waiver speaks of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any

from conformance.cases import Case
from conformance.certify import judge_case
from conformance.protocol.messages import Hello
from conformance.record import Record
from conformance.runner import ENGINES, EngineSpec
from conformance.waivers import apply_waivers, load_waivers

_waivers = cache(load_waivers)


def outcome(case: Case, engine: EngineSpec, profile: str, reply: Mapping[str, Any], hello: Hello | None) -> Record:
    """The record of a case as the verdict will see it; waivers are counted only there, over all cases."""
    version = hello.version if hello else ""
    record = judge_case(case, reply, pytorch=version if engine.target == ENGINES["torch"] else "")
    if not version:
        return record
    facts = {
        "version": version,
        "date": dt.datetime.now(tz=dt.UTC).date(),
        "profile": profile,
        "device": engine.device.partition(":")[0],
        "complete": False,
    }
    return apply_waivers([record], _waivers(engine.name), **facts)[0][0]
