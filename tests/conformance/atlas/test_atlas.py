"""The atlas on its own: formulas, points, distances, and a survey of an engine that is kept, resumed and shown."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from flint import arb, ctx

from conformance.atlas import survey as module
from conformance.atlas.curves import Curve, curves, variable
from conformance.atlas.regions import BORDERS, BUCKETS, REGIONS, points
from conformance.atlas.survey import choose, read_atlas, survey
from conformance.atlas.truth import distance, errors
from conformance.cli import main
from conformance.errors import CorpusError, UsageError
from conformance.operators import specs
from conformance.report.atlas import number, shares, summary, write_atlas
from conformance.report.charts import error_chart
from conformance.runner import parse_engine

FLAT = {"sign", "round", "floor", "ceil", "trunc"}
"""Constant between their jumps: a value is right or wrong, and there is no slope to be accurate about."""
ELSEWHERE = {"clone", "positive", "sgn", "nan_to_num", "conj", "real", "imag", "angle", "glu", "normalize"}
"""Copies, what is no function of one real variable, and what only chooses."""
CHAPTERS = {"arithmetic", "elementary", "special", "activation"}


def inside(curve: Curve) -> list[float]:
    low, high = curve.domain
    return [x for x in (-2.7, -0.6, 0.3, 0.8, 1.7, 5.3) if low < x < high]


@pytest.mark.parametrize("name", list(curves()))
def test_a_formula_gives_the_slope_and_the_curvature_of_its_own_values(name: str) -> None:
    curve = curves()[name]
    before, ctx.prec = ctx.prec, 400
    try:
        h = arb(2) ** -100
        for x in inside(curve):
            up, here, down = (curve.formula(_shifted(x, step), x)[0] for step in (h, 0, -h))
            series = curve.formula(variable(x), x)
            assert abs((up - down) / (2 * h) - series[1]).abs_upper() < 1e-40
            assert abs((up - 2 * here + down) / (h * h) - 2 * series[2]).abs_upper() < 1e-40
    finally:
        ctx.prec = before


def _shifted(x: float, step: arb):
    s = variable(x)
    return s + step


@pytest.mark.parametrize("name", list(curves()))
def test_the_operator_asked_is_the_function_of_the_formula(name: str) -> None:
    """refgrad's value in float64, which is compared with PyTorch elsewhere, is near the formula's."""
    from conformance.codec import decode_array
    from conformance.engines.refgrad import RefgradEngine
    from conformance.recorder import Recorder

    curve = curves()[name]
    x = np.array(inside(curve))
    p = Recorder("float64")
    p._observe("value", (curve.ask(p, p.leaf(x), len(x)),))
    (observed,) = RefgradEngine().run(p.program())["observations"].values()
    found = errors(curve, x, [decode_array(observed["array"]), None, None])
    assert np.max(found[0]) < 1e4


def test_every_pointwise_function_of_one_variable_is_in_the_atlas() -> None:
    asked = {c.operator for c in curves().values()}
    pointwise = {n for n, s in specs().items() if s.chapter in CHAPTERS and len(s.tensors) == 1 and _pointwise(s)}
    assert {n.rpartition(".")[2] for n in pointwise - asked} <= FLAT | ELSEWHERE


def _pointwise(spec) -> bool:
    return spec.sampling is not None and spec.sampling.pointwise


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_points_lie_in_their_regions_and_in_the_domain(dtype: str) -> None:
    curve = curves()["log1p"]
    found = points(curve, dtype)
    assert found.x.dtype == dtype
    assert found.x.min() > -1
    borders = [2.0**e if e < 1024 else math.inf for e in BORDERS[dtype]]
    for place, region in enumerate(REGIONS[6:12]):
        x = found.x[found.region == 6 + place].astype(float)
        assert len(x) >= 12 * BUCKETS, region
        assert np.all((x >= borders[place] * (1 - 1e-7)) & (x <= borders[place + 1]))
    near = found.x[found.region == 12].astype(float)
    assert np.all(np.abs(near + 1) <= 0.25)
    assert found.bucket.max() == 12 * BUCKETS - 1


def test_points_are_the_same_for_every_engine() -> None:
    one, two = (points(curves()["sin"], "float64").x for _ in range(2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one[:500], points(curves()["cos"], "float64").x[:500])


DISTANCES = [
    (arb(1), 1.0, "float64", 0.0),
    (arb(1), 1 + 2**-52, "float64", 1.0),
    (arb(1), 1 - 2**-53, "float64", 0.5),
    (arb(1), 1 + 2**-23, "float32", 1.0),
    (arb(2) ** -1074, 0.0, "float64", 1.0),
    (arb(2) ** -1080, 0.0, "float64", 2.0**-6),
    (arb(2) ** -149, 0.0, "float32", 1.0),
    (arb(0), 0.0, "float64", 0.0),
    (arb(0), 5e-324, "float64", 1.0),
    (arb(1), math.nan, "float64", math.inf),
    (arb(1), math.inf, "float64", math.inf),
    (arb(2) ** 1330, math.inf, "float64", 0.0),
    (-(arb(2) ** 1330), math.inf, "float64", math.inf),
    (arb(2) ** 1330, 1.7e308, "float64", math.inf),
    (arb(2) ** 130, math.inf, "float32", 0.0),
    (arb(2) ** 130, math.inf, "float64", math.inf),
]


@pytest.mark.parametrize(("truth", "answer", "dtype", "ulp"), DISTANCES)
def test_distances_in_units_in_the_last_place(truth: arb, answer: float, dtype: str, ulp: float) -> None:
    assert distance(truth, answer, dtype) == ulp


def test_an_enclosure_that_is_too_wide_says_nothing() -> None:
    assert distance(arb(1, 1e-16), 1.0, "float64") is None
    assert distance(arb("inf"), 1.0, "float64") is None


def test_precision_rises_until_the_enclosure_is_narrow() -> None:
    x = np.array([1e300, 5e-324, 2.0**-600])
    assert np.all(errors(curves()["sin"], x, [np.sin(x), None, None])[0] <= 1)
    assert errors(curves()["sin"], x, [x * 0, None, None])[0][1] == 1.0
    assert np.all(np.isnan(errors(curves()["sin"], x, [np.sin(x), None, None])[1:]))


def test_a_wrong_derivative_is_measured_where_it_is_wrong() -> None:
    x = np.array([0.5, 20.0])
    slope = 1 - np.tanh(x) ** 2
    found = errors(curves()["tanh"], x, [np.tanh(x), slope, None])[1]
    assert found[0] < 4
    assert found[1] > 1e15


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    return survey(parse_engine("refgrad"), folder, processes=1, names=("sin", "neg", "log"))


def test_a_survey_has_a_line_for_each_curve_and_dtype(surveyed: Path) -> None:
    head, lines = read_atlas(surveyed)
    assert head["engine"] == "refgrad"
    assert [(x["curve"], x["dtype"]) for x in lines] == [
        (c, d) for c in ("neg", "log", "sin") for d in ("float64", "float32")
    ]
    sin = lines[4]
    assert all(w["ulp"] < 1 for w in sin["orders"][0]["worst"].values())
    assert [len(o["profile"]) for o in sin["orders"]] == [12 * BUCKETS] * 3
    assert all(o["undecided"] == 0 for o in sin["orders"])
    assert set(lines[2]["orders"][0]["worst"]) == {*REGIONS[6:12], "near"}


def test_a_survey_goes_on_where_it_was(surveyed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / surveyed.name
    folder.mkdir()
    stored = (surveyed / "atlas.jsonl").read_text().splitlines(keepends=True)
    (folder / "atlas.jsonl").write_text("".join(stored[:-2]))
    measured = []
    options = {"processes": 1, "names": ("sin", "neg", "log"), "on_line": measured.append}
    survey(parse_engine("refgrad"), tmp_path, resume=True, **options)
    assert len(measured) == 2
    assert read_atlas(folder)[1] == read_atlas(surveyed)[1]


def test_a_selection_replaces_its_own_lines_only(surveyed: Path, tmp_path: Path) -> None:
    folder = tmp_path / surveyed.name
    folder.mkdir()
    (folder / "atlas.jsonl").write_text((surveyed / "atlas.jsonl").read_text())
    survey(parse_engine("refgrad"), tmp_path, processes=1, names=("sin",))
    assert read_atlas(folder)[1] == read_atlas(surveyed)[1]


def test_a_name_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean tan or tanh"):
        choose(("tahn",))
    with pytest.raises(CorpusError, match="holds no atlas"):
        read_atlas(Path("nowhere"))


def test_the_page_shows_every_curve_and_needs_nothing_else(surveyed: Path) -> None:
    page = write_atlas(surveyed, *read_atlas(surveyed)).read_text(encoding="utf-8")
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert {a[1:] for a in outline.addresses} <= set(outline.ids)
    assert page.count("<svg") == 6
    assert "url(" not in page
    table = (surveyed / "atlas.md").read_text(encoding="utf-8")
    assert re.search(r"\| sin \| 0\.\d ulp \(", table)
    assert "no graph" in table


class Outline(HTMLParser):
    """Checks that elements nest; keeps ids and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.ids, self.addresses = [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.addresses += [given["href"]] if "href" in given else []
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def line(ulp: float | str, dtype: str = "float64") -> dict:
    worst = {"ordinary": {"ulp": ulp, "x": "0x1p+0", "answer": "nan"}}
    return {
        "curve": "f",
        "operator": "f",
        "dtype": dtype,
        "points": 1,
        "orders": [{"worst": worst, "profile": [ulp]}] * 3,
    }


def test_shares_tell_how_many_regions_are_how_accurate() -> None:
    found = shares([line(0.5), line(10.0), line(100.0), line("inf")])
    assert found[0].counts == (1, 1, 1, 1)
    assert shares([line(2.0**30)])[0].counts == (0, 0, 1, 0)
    assert shares([line(2.0**30, "float32")])[0].counts == (0, 0, 0, 1)


def test_summaries_and_numbers_are_short() -> None:
    assert summary(line("inf")["orders"][0]) == "∞ ulp (ordinary)"
    assert summary(line(0)["orders"][0]) == "exact"
    assert summary({"missing": "no graph"}) == "– (no graph)"
    assert [number(v) for v in (0.04, 9.96, 123.4, 45678.0)] == ["0.0", "10.0", "123", "1e4"]


def test_a_chart_lifts_its_pen_where_nothing_was_measured() -> None:
    drawn = str(error_chart("f <x>", "float64", {0: [1.0, None, "inf", 1e20]}))
    path = re.search(r'class="o0" d="([^"]*)"', drawn).group(1)
    assert path.count("M") == 2
    assert "f &lt;x&gt;" in drawn


def test_the_command_prints_a_table_and_names_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--select", "square", "--workers", "1", "--output", str(tmp_path)]
    assert main(["atlas", "--engine", "refgrad", *options]) == 0
    said = capsys.readouterr().out
    assert "square\tfloat64\t0.5 ulp" in said
    assert list(tmp_path.glob("refgrad-*/atlas.html"))


def test_an_engine_that_lacks_a_function_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    replies = [{"status": "unsupported", "feature": "operator:sin"}] * 3
    found = module.line_of("sin", "float32", replies)
    assert [o["missing"] for o in found["orders"]] == ["operator:sin"] * 3
