"""Harmless variants: engines that do allowed things in other ways, and must be certified all the same."""

from __future__ import annotations

from conformance.faults.harmless.registry import VARIANTS, Variant, find_variant, load_variants

__all__ = ["VARIANTS", "Variant", "find_variant", "load_variants"]
