"""The frozen corpus: complete, locked, rebuilt byte for byte, and passed by PyTorch apart from what is reported."""

from __future__ import annotations

import json
import lzma
import shutil
from collections import Counter
from pathlib import Path

import pytest

from conformance.cases import Case
from conformance.compare import judge
from conformance.corpus import load_cases, load_undecided
from conformance.corpus.build import build, truth_of
from conformance.corpus.grow import grow
from conformance.corpus.loader import decode_expectation, encode_expectation
from conformance.corpus.store import FOLDER, PROGRAMS, TRUTHS, chapters, read, read_lock
from conformance.engines.torch import TorchEngine
from conformance.errors import CorpusError
from conformance.operators import find
from conformance.oracles.reasons import REASONS
from conformance.oracles.tolerance import radii
from conformance.program import Program
from conformance.record import Record
from conformance.strategies.derivatives import DIRECTIONS
from conformance.waivers import load_waivers


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return load_cases()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for kind in (PROGRAMS, TRUTHS):
        shutil.copytree(FOLDER / kind, tmp_path / kind)
    shutil.copy(FOLDER / "lock.json", tmp_path)
    return tmp_path


def test_there_are_cases_of_every_group_dtype_and_kind_of_class(cases: list[Case]) -> None:
    assert len(cases) >= 2_000
    assert len({c.id for c in cases}) == len(cases)
    assert {c.dtype for c in cases} == {"float64", "float32", "complex128", "complex64"}
    assert {c.facets["group"] for c in cases} == {"value", "vjp", "jvp", "order2", "order3"}
    assert {c.facets["direction"] for c in cases} >= {d for ways in DIRECTIONS.values() for d in ways}
    assert len({c.facets["operator"] for c in cases}) >= 100
    assert {"ordinary", "tiny", "huge", "tails", "integers", "negative", "boundary", "subnormal", "kink", "pieces"} <= {
        c.facets["region"] for c in cases
    }
    assert {"signed-zero", "infinite", "nan", "constant"} <= {c.facets["region"] for c in cases}
    assert {"scalar", "empty", "size-1", "broadcast-both"} <= {c.facets["shape"] for c in cases}
    assert {"transposed", "sliced", "expanded", "tiled", "channels-last"} <= {c.facets["layout"] for c in cases}
    assert {"signed", "joint", "zero", "one-hot", "transposed", "expanded"} <= {c.facets["cotangent"] for c in cases}


def test_far_ends_the_third_order_and_what_is_beyond_the_core_are_should_and_all_else_is_must(
    cases: list[Case],
) -> None:
    far = {"tails", "huge", "vast", "tiny", "subnormal", "signed-zero", "infinite", "nan"}
    for c in cases:
        is_far = c.facets["region"] in far or c.facets["order"] == "3" or not find(c.facets["operator"]).core
        assert c.level == ("should" if is_far else "must"), c.id


def test_no_program_holds_an_expected_value(cases: list[Case]) -> None:
    assert all(
        c.expectations and {e.read for e in c.expectations} <= {s.out[0] for s in c.program.reads} for c in cases
    )


def test_every_undecided_case_has_a_known_reason_and_the_lock_counts_them() -> None:
    reasons = Counter(entry["reason"] for entry in load_undecided())
    assert set(reasons) <= set(REASONS)
    assert read_lock()["counts"]["undecided"] == dict(reasons)


def test_copies_in_other_dtypes_differ_after_the_at_only(cases: list[Case]) -> None:
    dtypes_of: dict[str, set[str]] = {}
    for case in cases:
        dtypes_of.setdefault(case.id.partition("@")[0], set()).add(case.dtype)
    both = [found >= {"float64", "float32"} for case, found in dtypes_of.items() if "/order3/" not in case]
    assert sum(both) > 0.95 * len(both)


def test_frozen_digests_are_those_of_the_programs() -> None:
    for chapter in chapters(PROGRAMS):
        lines = read(f"{PROGRAMS}/{chapter}")
        assert all(Program.from_json(line["program"]).digest == line["digest"] for line in lines[::97])


@pytest.mark.parametrize("kind", [PROGRAMS, TRUTHS])
def test_a_changed_byte_is_refused_by_name(copy: Path, kind: str) -> None:
    path = copy / kind / "activation.jsonl.xz"
    raw = bytearray(lzma.decompress(path.read_bytes()))
    raw[raw.index(b"digest")] ^= 1 if kind == PROGRAMS else 0
    raw[len(raw) // 2] ^= 1
    path.write_bytes(lzma.compress(bytes(raw)))
    with pytest.raises(CorpusError, match=rf"{kind}/activation\.jsonl\.xz"):
        load_cases(copy)


def test_a_missing_file_and_a_damaged_one_are_named(copy: Path) -> None:
    path = copy / TRUTHS / "activation.jsonl.xz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CorpusError, match=r"truths/activation\.jsonl\.xz of the corpus cannot be decompressed"):
        load_cases(copy)
    path.unlink()
    with pytest.raises(CorpusError, match=r"activation\.jsonl\.xz of the corpus is missing"):
        load_cases(copy)


def test_a_sample_is_recomputed_byte_for_byte() -> None:
    pytest.importorskip("torch", reason="PyTorch, the second witness of a truth, is not installed")
    for chapter in chapters(PROGRAMS):
        frozen = {t["digest"]: t for t in read(f"{TRUTHS}/{chapter}")}
        for line in read(f"{PROGRAMS}/{chapter}")[::397]:
            assert json.dumps(truth_of(line), sort_keys=True) == json.dumps(frozen[line["digest"]], sort_keys=True)


def test_a_truth_does_not_depend_on_what_was_computed_before() -> None:
    """The last digit of this tolerance was once that of what flint keeps of its constants."""
    pytest.importorskip("torch", reason="PyTorch, the second witness of a truth, is not installed")
    tails = {
        (line["facets"]["group"], line["dtype"]): line
        for line in read(f"{PROGRAMS}/special")
        if (line["facets"]["operator"], line["facets"]["class"]) == ("special.gammaincc", "tails")
    }
    alone = truth_of(tails["value", "float32"])
    radii(Program.from_json(tails["order2", "float64"]["program"]), "float64")
    assert truth_of(tails["value", "float32"]) == alone


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="PyTorch, the second witness of a truth, is not installed")
    folder = tmp_path_factory.mktemp("grown")
    grow(folder, operators=["log"], dtypes=["float64"])
    return folder


def test_building_does_not_depend_on_the_number_of_processes(grown: Path, tmp_path: Path) -> None:
    """Growing may: Hypothesis looks at the constants of whatever is imported. What is frozen stays as it is."""
    contents = []
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        shutil.copytree(grown, folder)
        build(folder, processes=processes)
        contents.append({p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()})
    assert contents[0] == contents[1]


def test_growing_again_adds_nothing_and_changes_nothing(grown: Path) -> None:
    before = (grown / PROGRAMS / "elementary.jsonl.xz").read_bytes()
    assert grow(grown, operators=["log"], dtypes=["float64"]) == {"elementary": 0}
    assert (grown / PROGRAMS / "elementary.jsonl.xz").read_bytes() == before


def test_expectations_survive_their_file(cases: list[Case]) -> None:
    for case in cases[::101]:
        for e in case.expectations:
            again = decode_expectation(json.loads(json.dumps(encode_expectation(e))))
            assert again.value.tobytes() == e.value.tobytes()
            assert (again.tolerance is None) == (e.tolerance is None)


def test_pytorch_passes_a_sample_apart_from_reported_defects(cases: list[Case]) -> None:
    pytest.importorskip("torch")
    engine, waivers = TorchEngine(), load_waivers("torch")
    failed = [
        c for c in cases[::23] if judge(c.expectations, engine.run(c.program)).status not in ("pass", "permitted")
    ]
    assert [c.id for c in failed if not any(w.fits(_record(c)) for w in waivers)] == []


def _record(case: Case) -> Record:
    """What a waiver looks at."""
    names = case.requirement, case.level, case.profile, case.dtype
    return Record(case.id, *names, status="fail", facets=case.facets or {})
