"""The pages over a whole folder of reports: index, catalogue, traceability and matrix."""

from __future__ import annotations

from pathlib import Path

from conformance.report import write_index
from conformance.report.catalogue import write_catalogue
from conformance.report.index import engines_in
from conformance.report.matrix import write_matrix


def write_overview(root: Path) -> tuple[Path, ...]:
    """Writes every page that more than one engine is on; gives them, the index last."""
    if not engines_in(root):
        return (write_index(root),)
    return (*write_catalogue(root), write_matrix(root), write_index(root))
