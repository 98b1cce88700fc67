import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.compare import Status
from conformance.report import build, write_index, write_report
from conformance.report.details import numbers
from conformance.report.html import count, page_html, paragraphs, percent
from conformance.report.junit import junit_xml
from conformance.report.markdown import page_markdown
from conformance.report.tables import worst

sys.path.insert(0, str(Path(__file__).parent))
from example import FAILING, FAILURE, WAIVER, example_results

VOID = {"meta", "input", "br", "link", "img", "hr"}


@pytest.fixture(scope="module")
def results():
    return example_results()


@pytest.fixture(scope="module")
def report(results):
    return build(results)


@pytest.fixture(scope="module")
def page(report):
    return page_html(report)


class Outline(HTMLParser):
    """Checks that elements nest, and keeps headings, ids and addresses."""

    def __init__(self):
        super().__init__()
        self.open, self.headings, self.ids, self.addresses = [], [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.addresses += [attributes[name] for name in ("href", "src") if name in attributes]
        self.ids += [attributes["id"]] if "id" in attributes else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2", "h3"):
            self.headings.append((self.open[-1], data.strip()))


@pytest.fixture(scope="module")
def outline(page):
    parser = Outline()
    parser.feed(page)
    assert parser.open == []
    return parser


def must_of(report):
    """Must-cases passed, and all of them."""
    return next((passed, total) for level, passed, total, _ in report.levels if level == "must")


def test_the_sections_stand_in_the_order_of_their_weight(outline):
    assert [text for level, text in outline.headings if level != "h3"] == [
        "Not certified",
        "Why it is not certified",
        "What else to know",
        "Root causes",
        "Not judged",
        "Behaviours",
        "Operators",
        "Accuracy",
        "Coverage",
        "Conventions",
        "Waivers",
        "Environment",
    ]


def test_the_page_needs_nothing_from_elsewhere(outline, page):
    assert [a for a in outline.addresses if not a.startswith("#")] == [WAIVER.link]
    assert "url(" not in page
    assert "@import" not in page


def test_ids_are_unique_and_every_link_inside_leads_somewhere(outline):
    assert len(outline.ids) == len(set(outline.ids))
    assert {a[1:] for a in outline.addresses if a.startswith("#")} <= set(outline.ids)


def test_the_sentence_stands_first_with_every_denominator(report, page):
    assert page.index(report.sentence) < page.index("Why it is not certified")
    assert f"of {must_of(report)[1]} must-cases pass" in report.sentence


def test_what_an_engine_says_is_shown_as_text():
    results = example_results()
    bad = next(r for r in results.records if r.status == Status.ERROR)
    object.__setattr__(bad, "reason", "raised <script>alert(1)</script> & more")
    page = page_html(build(results))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page


def test_root_causes_come_gravest_first_with_their_cases(report):
    assert [c.level for c in report.causes] == sorted(
        (c.level for c in report.causes), key=["must", "should", "may"].index
    )
    amax = [c for c in report.causes if c.title.startswith("operator.amax.vjp")]
    assert [(c.title, c.counts, len(c.cases)) for c in amax] == [
        ("operator.amax.vjp, ordinary inputs", (("fail", 1),), 1),
        ("operator.amax.vjp, ties inputs", (("fail", 1),), 1),
    ]
    assert sum(len(c.cases) for c in report.causes) == 6


def test_a_cause_shows_statement_source_numbers_and_both_codes(report):
    cause = next(c for c in report.causes if c.title == FAILING)
    assert cause.statement.startswith("A later backward adds its gradient")
    assert cause.source
    assert dict(cause.example.numbers) == {
        "element": "(1, 0)",
        "expected": "0.1",
        "observed": "0.2",
        "error": "7.2e+15 ulp",
        "allowed": "1e-17",
        "elements wrong": "2",
    }
    assert cause.example.pytorch.startswith("import torch\n")
    assert cause.example.engine.startswith("import refgrad as torch\n")


def test_numbers_survive_infinities_and_missing_details():
    record = example_results().records[0]
    object.__setattr__(record, "details", {**FAILURE, "ulp": "inf", "observed": "nan", "tolerance": "inf"})
    assert dict(numbers(record))["error"] == "inf ulp"
    assert dict(numbers(record))["observed"] == "nan"
    object.__setattr__(record, "details", {})
    assert numbers(record) == ()


def test_nothing_that_was_not_judged_is_hidden(report, results):
    waiting = (Status.UNSUPPORTED, Status.NOT_RUN, Status.BLOCKED, Status.VERSION)
    assert sum(g.total for g in report.gaps) == sum(r.status in waiting for r in results.records)


def test_every_case_is_counted_once_in_areas_and_operators(report, results):
    counted = [n for row in (*report.areas, *report.operators) for _, n in row.counts]
    assert sum(counted) == len(results.records)
    amax = next(o for o in report.operators if o.name == "amax")
    assert amax.groups == {"value": (2, 2), "vjp": (0, 2), "jvp": (2, 2), "order2": (2, 2)}


def test_a_waiver_shows_its_cause_and_a_reproducer(page, report):
    assert WAIVER.cause in page
    assert WAIVER.expires.isoformat() in page
    assert [len(found) for found in report.waived.values()] == [2]
    assert report.waived[WAIVER.id][0].pytorch


def test_the_markdown_is_short_and_says_the_same(report):
    text = page_markdown(report)
    assert text.startswith("# refgrad 0.1.0: not certified\n\nrefgrad 0.1.0 on cpu")
    assert "| must | {} | {} |".format(*must_of(report)) in text
    assert f"`{FAILING}` (must; 1 fail)" in text
    assert len(text.splitlines()) < 90


def test_junit_counts_each_status_as_tools_expect(results):
    root = ET.fromstring(junit_xml(results))  # noqa: S314 - written above
    assert int(root.get("tests")) == len(results.records) == len(root.findall(".//testcase"))
    assert (
        int(root.get("failures")) == sum(r.status == "fail" for r in results.records) == len(root.findall(".//failure"))
    )
    assert int(root.get("errors")) == sum(r.status in ("error", "crash", "timeout") for r in results.records)
    assert int(root.get("skipped")) == len(root.findall(".//skipped"))


def test_files_hold_whatever_characters_an_engine_says(tmp_path):
    results = example_results()
    object.__setattr__(results.records[0], "status", "fail")
    object.__setattr__(results.records[0], "reason", "bell \x07, half a pair \ud800, <tag>")
    write_report(tmp_path, results)
    assert "half a pair ?" in (tmp_path / "index.html").read_text()
    root = ET.fromstring(junit_xml(results))  # noqa: S314 - written above
    assert "bell \ufffd, half a pair \ufffd, <tag>" in root.find(".//failure").get("message")


def test_files_are_written_beside_the_results_and_twice_the_same(results, tmp_path):
    page = write_report(tmp_path, results)
    first = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    write_report(tmp_path, results)
    assert page == tmp_path / "index.html"
    assert set(first) == {"index.html", "report.md", "junit.xml", "column.json"}
    assert first == {p.name: p.read_bytes() for p in tmp_path.iterdir()}


def test_the_index_lists_every_engine_and_skips_what_it_cannot_read(results, report, tmp_path):
    for name in ("torch-2.13.0", "refgrad-0.1.0"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "verdict.json").write_text(json.dumps({**results.verdict, "engine": name.partition("-")[0]}))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "verdict.json").write_text("{")
    page = write_index(tmp_path).read_text()
    assert re.findall(r'<tr><td><a href="(.*?)/index.html">', page) == ["refgrad-0.1.0", "torch-2.13.0"]
    text = (tmp_path / "README.md").read_text()
    passed, total = must_of(report)
    assert (
        f"| [refgrad 0.1.0](refgrad-0.1.0/report.md) | not certified | imperative | cpu | {passed} of {total} |" in text
    )


def test_an_empty_folder_has_an_index_too(tmp_path):
    assert "No report yet" in write_index(tmp_path).read_text()


def test_shares_are_whole_only_when_nothing_is_missing():
    assert [percent(0, 0), percent(0, 9), percent(1, 10**6), percent(10**6 - 1, 10**6), percent(9, 9)] == [
        "0 %", "0 %", "0.1 %", "99.9 %", "100 %",
    ]  # fmt: skip
    assert count(20480) == "20\u202f480"


def test_the_gravest_status_names_a_row():
    assert worst([Status.PASS, Status.UNSUPPORTED, Status.FAIL, Status.CRASH]) == "crash"
    assert worst(list(Status)) == "crash"
    assert worst(["pass", "permitted"]) == "permitted"


def test_paragraphs_keep_their_breaks_only():
    assert paragraphs("One\n  sentence.\n\nAnother.") == "One sentence.\n\nAnother."
