"""Planted faults: engines that are wrong on purpose, with what must find each of them."""

from __future__ import annotations

from conformance.faults.registry import FAULTS, Fault, fault, find, load

__all__ = ["FAULTS", "Fault", "fault", "find", "load"]
