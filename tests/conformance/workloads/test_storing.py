"""What the command prints, and what it leaves in the report."""

import dataclasses
import json
from types import SimpleNamespace

import pytest

from conformance.cli import main
from conformance.errors import CorpusError
from conformance.protocol import schema
from conformance.report.workloads import WorkloadRow, Workloads, workloads

pytest.importorskip("torch")


def test_results_lie_in_the_folder_of_the_engine_and_fit_the_schema(tmp_path, capsys):
    assert main(["workloads", "--engine", "refgrad", "--select", "transformer", "--output", str(tmp_path)]) == 0
    assert "transformer" in capsys.readouterr().out
    (folder,) = tmp_path.glob("refgrad-*")
    content = json.loads((folder / "workloads.json").read_text())
    assert schema.problem(content, "workloads") == ""
    found = workloads(folder)
    assert (found.witness, found.passed, [row.name for row in found.rows]) == ("torch", 1, ["transformer"])
    assert found.rows[0].parameters == 14_240
    assert "of the scale" in found.rows[0].float64


def test_nothing_but_the_environment_changes_from_run_to_run(tmp_path):
    contents = []
    for run in ("first", "second"):
        assert main(["workloads", "--engine", "torch", "--select", "lstm", "--output", str(tmp_path / run)]) == 0
        (path,) = (tmp_path / run).glob("torch-*/workloads.json")
        contents.append(json.loads(path.read_text()) | {"environment": None})
    assert contents[0] == contents[1]


def test_a_partial_engine_is_told_what_it_needs(tmp_path, capsys, monkeypatch):
    from conformance.engines.refgrad import RefgradEngine
    from conformance.errors import Unsupported

    usual = RefgradEngine.operator

    def operator(self, name):
        if name == "chunk":
            raise Unsupported("operator:chunk")
        return usual(self, name)

    monkeypatch.setattr(RefgradEngine, "operator", operator)
    assert main(["workloads", "--engine", "refgrad", "--select", "lstm", "--output", str(tmp_path)]) == 13
    assert "refgrad, lstm: unsupported: needs operator:chunk" in capsys.readouterr().out
    (row,) = workloads(next(tmp_path.glob("refgrad-*"))).rows
    assert (row.status, row.reasons, row.float64) == ("unsupported", ("needs operator:chunk",), "")


def test_a_file_that_does_not_fit_is_refused(tmp_path):
    (tmp_path / "workloads.json").write_text("{}")
    with pytest.raises(CorpusError, match="required property"):
        workloads(tmp_path)
    assert workloads(tmp_path / "elsewhere") is None


def test_the_report_shows_them_as_a_page_and_as_markdown(tmp_path):
    from conformance.report import markdown
    from conformance.report.html import _environment

    row = WorkloadRow("lstm", "a cell <unrolled>", 580, "fail", ("in float64, <w> is off",), "1.0e-03 of the scale", "")
    found = Workloads("torch", 7, (1e-9, 4.0), (row, dataclasses.replace(row, name="other", status="pass", reasons=())))
    page = _environment().get_template("workloads.html").render(report=SimpleNamespace(workloads=found))
    assert "1 of 2 agree" in page
    assert 'class="tag s-fail">fail<' in page
    assert "a cell &lt;unrolled&gt;<br>in float64, &lt;w&gt; is off" in page
    text = markdown._workloads(found)
    assert text.startswith("1 of 2 models agree with torch")
    assert "| lstm | fail | 1.0e-03 of the scale |" in text
