"""What `kb eval` says is what the labels say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import ROOT, Run

from helpdesk.desk.evaluation import Ranked, ranking
from helpdesk.intake.drafts import Rejected
from helpdesk.intake.labels import labelled

EVALUATION = ROOT / "fixtures" / "evaluation"


@pytest.fixture
def knowing(run: Run) -> Run:
    run.ok("kb", "import", EVALUATION / "faq.jsonl")
    return run


def test_the_figures_of_a_ranking_are_counted_by_hand() -> None:
    found = ranking([Ranked(0.9, 1, True), Ranked(0.8, 2, True), Ranked(0.3, 0, True), Ranked(0.1, 0, False)])
    assert found == {
        "recall_at_1": 0.3333,
        "recall_at_3": 0.6667,
        "mrr": 0.5,
        "precision_at_70": 0.5,
        "coverage_at_90": 0.25,
        "auroc_answerable": 1.0,
    }


def test_a_ranking_of_nothing_has_no_figures() -> None:
    assert set(ranking([]).values()) == {None}


def test_both_spellings_of_the_labels_are_read() -> None:
    short = labelled({"id": "a", "text": "x", "lang": "zh-tw", "category": "payment", "urgency": "high", "faq": None})
    long = labelled(
        {"external_id": "a", "body": "x", "labels": {"language": "zh-Hant", "category": "payment", "priority": "high",
                                                      "article": None}}
    )  # fmt: skip
    assert short == long
    assert short.article == "" and labelled({"text": "x"}).article is None


def test_a_label_nobody_knows_is_rejected() -> None:
    with pytest.raises(Rejected, match="urgency"):
        labelled({"text": "x", "urgency": "sometimes"})


def test_it_measures_the_tickets_it_was_not_tuned_on_and_beats_fuzzy_matching_widely(knowing: Run) -> None:
    found = knowing.json("kb", "eval", EVALUATION / "unseen.jsonl", "--compare")
    assert found["tickets"] == 180
    assert found["recall_at_1"] > 2 * max(other["recall_at_1"] for other in found["compare"].values())
    assert found["auroc_answerable"] > max(other["auroc_answerable"] for other in found["compare"].values())
    assert found["bands"]["answer"]["precision"] >= 0.9
    assert found["language_accuracy"] >= 0.99
    assert sum(row["tickets"] for row in found["reliability"]) == 180


def test_a_bad_line_is_told_and_the_rest_is_measured(knowing: Run, tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(json.dumps({"text": "忘记密码了", "faq": "p20"}) + "\nno json\n", encoding="utf-8")
    ran = knowing("kb", "eval", file, "--json")
    assert ran.exit_code == 3 and "line 2" in ran.stderr
    assert ran.json()["tickets"] == 1


def test_a_file_without_labelled_tickets_is_wrong_usage(knowing: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    assert knowing("kb", "eval", tmp_path / "empty.jsonl").exit_code == 2
