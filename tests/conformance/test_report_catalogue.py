"""The page of the catalogue and the one that traces behaviours to cases and faults."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from conformance.cases import BEHAVIOURS
from conformance.catalogue import load
from conformance.report import write_index
from conformance.report.catalogue import catalogue, write_catalogue

_VOID = {"meta", "input", "br"}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    write_catalogue(folder)
    return folder


class Tags(HTMLParser):
    """Notes ids, links within the page, and tags that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def read(page):
    tags = Tags()
    tags.feed(page.read_text(encoding="utf-8"))
    return tags


@pytest.mark.parametrize("name", ["catalogue.html", "traceability.html"])
def test_every_behaviour_is_on_the_page_once(root, name):
    tags = read(root / name)
    load()
    assert (tags.wrong, tags.open) == ([], [])
    assert sorted(i for i in tags.ids if "." in i) == sorted(BEHAVIOURS)
    assert len(tags.ids) == len(set(tags.ids))


def test_links_lead_somewhere(root):
    ids = set(read(root / "catalogue.html").ids)
    assert {link[1:] for link in read(root / "catalogue.html").links if link.startswith("#")} <= ids
    traced = [link for link in read(root / "traceability.html").links if "#" in link]
    assert len(traced) == len(BEHAVIOURS)
    assert {link.removeprefix("catalogue.html#") for link in traced} <= ids


def test_nothing_is_loaded_from_elsewhere(root):
    for name in ("catalogue.html", "traceability.html"):
        assert not re.search(r'(src|href)="(https?:)?//', (root / name).read_text(encoding="utf-8"))


def test_an_entry_says_what_is_known_of_it(root):
    text = (root / "catalogue.html").read_text(encoding="utf-8")
    entry = text[text.index('id="nondiff.fmax-ties-go-to-first"') :].partition("</article>")[0]
    for words in ("whole gradient to the first operand", "Finding", "least-norm", "Rests on", "import torch"):
        assert words in entry


def test_cases_are_told_apart_by_their_labels():
    labels = {e.behaviour.id: e.labels for e in catalogue_without_engines().entries}
    assert labels["func.grad-nested"] == ("…", "…/pulled_back_twice@float64, float32")


def test_without_engines_nothing_is_said_of_them(root):
    found = catalogue_without_engines()
    assert found.engines == ()
    assert all(not e.answers for e in found.entries)
    assert [title for title, _, _ in found.numbers] == ["Behaviours", "Cases", "Planted faults", "Findings"]


def catalogue_without_engines():
    from pathlib import Path

    return catalogue(Path("no such folder"))


def test_the_index_leads_to_the_catalogue_where_it_is(root, tmp_path):
    assert "catalogue.html" in write_index(root).read_text(encoding="utf-8")
    assert "catalogue.html" not in write_index(tmp_path).read_text(encoding="utf-8")


def test_a_result_shows_how_the_engine_did(root, tmp_path):
    from conformance.caselist import locked_from
    from conformance.certify import certify
    from conformance.runner import parse_engine

    cases = [c for c in load() if c.requirement == "func.grad-nested"]
    certify(parse_engine("refgrad"), cases=cases, locked=locked_from(cases), output=tmp_path, workers=1)
    found = catalogue(tmp_path)
    (engine,) = found.engines
    by_id = {e.behaviour.id: e for e in found.entries}
    assert by_id["func.grad-nested"].answers[engine] == (("pass", 3),)
    assert by_id["func.grad-nested"].verdict(engine) == "pass"
    assert by_id["func.grad-basic"].verdict(engine) == ""
