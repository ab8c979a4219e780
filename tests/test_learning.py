"""`helpdesk learn`: what people set becomes judgement, and a better judgement is never given up for a worse one."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from conftest import Run, sql, write_jsonl

from helpdesk.classify.model import Model, Pooling, features, packed, spread, unpacked
from helpdesk.lexicon import lexicon, read

WORDS = {
    "coupons": "coupon voucher promo discount code redeem expired checkout",
    "gift_wrap": "wrap ribbon present birthday paper box card greeting",
    "wholesale": "bulk wholesale reseller quantity pallet tier distributor hundred",
    "repairs": "repair broken screen hinge cracked warranty technician fix",
}


def rows(count: int, seed: int = 1, labels: bool = True) -> list[dict[str, object]]:
    """Tickets in a shop's own four categories, each text a few words of its category among common ones."""
    chance = random.Random(seed)
    made: list[dict[str, object]] = []
    for number in range(count):
        category = list(WORDS)[number % len(WORDS)]
        said = chance.sample(WORDS[category].split(), 3) + chance.sample(
            "please could about the for my some".split(), 3
        )
        chance.shuffle(said)
        row: dict[str, object] = {"external_id": f"L{seed}-{number}", "body": " ".join(said), "category": category}
        made.append(row if labels else {key: value for key, value in row.items() if key != "category"})
    return made


@pytest.fixture
def labelled(run: Run, tmp_path: Path) -> Run:
    run.ok("import", "tickets", write_jsonl(tmp_path / "labelled.jsonl", rows(120)), "--create-categories")
    return run


def verdicts(run: Run, tmp_path: Path, asked: list[dict[str, object]]) -> list[dict[str, object]]:
    """What `triage --jsonl` says of some rows."""
    file = write_jsonl(tmp_path / "asked.jsonl", [{"id": row["external_id"], "text": row["body"]} for row in asked])
    return [json.loads(line) for line in run.ok("triage", "--jsonl", file).stdout.splitlines()]


def right(run: Run, tmp_path: Path, seed: int = 2) -> float:
    """The share of new tickets whose category is judged right."""
    asked = rows(80, seed)
    found = verdicts(run, tmp_path, asked)
    return sum(one["category"] == row["category"] for one, row in zip(found, asked, strict=True)) / len(asked)


def test_a_shops_own_categories_are_learnt(labelled, tmp_path):
    assert right(labelled, tmp_path) == 0
    told = labelled.json("learn")
    assert told["replaced"]
    assert told["examples"] == 120
    assert told["held_out"] == 24
    assert told["accuracy_before"] == 0
    assert told["accuracy_after"] >= 0.9
    assert right(labelled, tmp_path) >= 0.9


def test_the_categories_and_changes_told_are_those_of_the_tickets_held_out(labelled):
    told = labelled.json("learn")
    assert sum(share["tickets"] for share in told["by_category"]) == told["held_out"]
    assert sum(share["after"] for share in told["by_category"]) == round(told["accuracy_after"] * told["held_out"])
    assert told["changed"] >= len(told["changes"]) > 0
    assert set(told["changes"][0]) == {"number", "text", "category", "before", "after"}


def test_a_single_text_and_a_batch_are_judged_alike(labelled, tmp_path):
    labelled.ok("learn")
    asked = rows(40, 3)
    batch = [(one["category"], one["category_confidence"]) for one in verdicts(labelled, tmp_path, asked)]
    for row, together in list(zip(asked, batch, strict=True))[::13]:
        alone = labelled.json("triage", row["body"])
        assert (alone["category"], alone["category_confidence"]) == together


def test_explain_names_the_words_a_category_was_learnt_from(labelled):
    labelled.ok("learn")
    labelled.ok("new", "--body", "the ribbon and the paper of my birthday present", "present")
    why = labelled.json("explain", 121)
    kinds = {reason["kind"] for reason in why["category"]["reasons"]}
    words = " ".join(reason["fragment"] for reason in why["category"]["reasons"])
    assert why["category"]["judged"] == "gift_wrap"
    assert "model" in kinds
    assert "ribbon" in words or "birthday" in words or "present" in words
    assert "learnt from" in labelled.ok("explain", 121).stdout


def test_a_correction_is_an_example_and_the_latest_one_counts(labelled):
    before = labelled.json("learn", "--dry-run")
    labelled.ok("new", "--body", "screen cracked, hinge broken", "broken")
    labelled.ok("set", 121, "--category", "repairs")
    labelled.ok("set", 1, "--category", "wholesale")
    labelled.ok("set", 1, "--category", "repairs")
    after = labelled.json("learn", "--dry-run")
    assert (after["examples"], after["corrections"]) == (before["examples"] + 1, before["corrections"] + 2)
    counted = {share["category"] for share in after["by_category"]}
    assert counted == set(WORDS)


def test_a_worse_model_does_not_replace(labelled, monkeypatch, tmp_path):
    from helpdesk.classify import training
    from helpdesk.desk import learning

    labelled.ok("learn")
    stored = sql(labelled.store, "SELECT id, classes FROM category_model")
    blank = training.Trained(tuple(sorted(WORDS)), (1.0, 0.0, 0.0, 0.0), {})
    monkeypatch.setattr(learning, "train", lambda corpus, places: blank)
    told = labelled.json("learn")
    assert not told["replaced"]
    assert told["accuracy_after"] < told["accuracy_before"]
    assert sql(labelled.store, "SELECT id, classes FROM category_model") == stored
    assert right(labelled, tmp_path) >= 0.9


def test_the_verdicts_before_are_those_of_a_model_that_had_not_seen_the_tickets(labelled):
    first = labelled.json("learn")
    second = labelled.json("learn")
    assert second["accuracy_before"] == first["accuracy_after"]
    assert second["changed"] == 0


def test_learning_twice_makes_the_same_model(labelled):
    weights = []
    for _time in range(2):
        labelled.ok("learn")
        weights.append(sql(labelled.store, "SELECT feature, rarity, weights FROM category_weight ORDER BY feature"))
    assert weights[0] == weights[1]


def test_a_dry_run_stores_nothing(labelled):
    told = labelled.json("learn", "--dry-run")
    assert told["dry_run"]
    assert told["replaced"]
    assert sql(labelled.store, "SELECT count(*) FROM category_model") == [(0,)]
    assert sql(labelled.store, "SELECT count(*) FROM operation WHERE kind = 'learn'") == [(0,)]


@pytest.mark.parametrize("count", [0, 12])
def test_too_few_examples_change_nothing_and_are_no_failure(run, tmp_path, count):
    run.ok("import", "tickets", write_jsonl(tmp_path / "few.jsonl", rows(count)), "--create-categories")
    told = run.ok("learn", "--json")
    assert not told.json()["enough"]
    assert told.json()["examples"] == count
    assert str(count) in told.stderr


def test_learning_before_there_is_a_store_makes_none(run):
    assert not run.json("learn")["enough"]
    assert not run.store.exists()


def test_few_corrections_leave_the_lexicon_its_word(shop):
    numbers = [ticket["number"] for ticket in shop.json("list", "--limit", "60")]
    for at, number in enumerate(numbers[:40]):
        shop.ok("set", number, "--category", ("payment", "account", "pre_sales", "product")[at % 4])
    texts = ["卡密打不开，显示已被使用", "付款了没发货", "寄售的钱什么时候结算，能提现吗"]
    before = [shop.json("triage", text)["category"] for text in texts]
    shop.ok("learn")
    assert [shop.json("triage", text)["category"] for text in texts] == before


def test_traditional_and_simplified_have_the_same_features():
    one, other = ("付款後沒有看到卡密", "付款后没有看到卡密")
    assert found(one) == found(other)


def test_numbers_and_keys_are_no_features():
    assert not [name for name in found("my key ABCD1-EFGH2-IJKL3 of order 483261118074521218") if "483" in name]
    assert "abcd1" not in found("my key ABCD1-EFGH2-IJKL3")


def test_a_row_survives_being_packed():
    row = unpacked(1.5, packed([0, 3, 70], [0.5, -1.25, 2.0]))
    assert row == (1.5, (0, 3, 70), (0.5, -1.25, 2.0))


def test_the_shares_of_all_categories_add_to_one():
    for shares in ({"a": 0.7, "b": 0.3}, {"a": 1.0}, {}):
        assert sum(spread(shares, ["a", "b", "c"], 0.1).values()) == pytest.approx(1)


def test_a_text_without_a_known_feature_has_an_opinion_too():
    model = Model(1, ("a", "b"), (0.0, 0.0), Pooling(1.0, 1.0, 0.1, 0.4))
    assert model.opinion({}, {}, ["a", "b", "other"]).shares["a"] == pytest.approx(0.45)


def test_ten_thousand_examples_are_learnt(run, tmp_path):
    run.ok("import", "tickets", write_jsonl(tmp_path / "many.jsonl", rows(10_000)), "--create-categories")
    told = run.json("learn")
    assert told["examples"] == 10_000
    assert told["replaced"]
    assert told["accuracy_after"] >= 0.95


def found(text: str) -> dict[str, float]:
    """The features of a text."""
    reading = read(text)
    return features(reading, lexicon().find(reading))
