"""What a text reads like: learnt from messages that ship, understood without their usual words, silent elsewhere."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk import config
from helpdesk.classify.model import Model, Pooling, Row, features
from helpdesk.classify.topics import topics
from helpdesk.lexicon import lexicon, read
from helpdesk.models.vocabulary import CATEGORIES

TRAINING = Path(__file__).parent.parent / "fixtures" / "training"


def messages():
    return [json.loads(line) for path in sorted(TRAINING.glob("*.jsonl")) for line in path.open(encoding="utf-8")]


def likeness(text):
    reading = read(text)
    hits = lexicon().find(reading)
    return topics().likeness(features(reading, hits), hits)


def test_every_message_to_learn_from_has_a_topic_a_category_and_a_mood_of_the_vocabulary():
    known = {topic.id: topic.category for topic in topics().topics}
    for row in messages():
        assert row["topic"] in known, row
        assert {row["category"], *row["also"]} <= {*CATEGORIES}, row
        assert row["urgency"] in ("low", "normal", "high", "urgent"), row
        assert row["sentiment"] in ("negative", "neutral", "positive"), row


def test_no_message_is_there_twice():
    texts = [row["text"] for row in messages()]
    assert len(texts) == len(set(texts))


def test_no_message_to_learn_from_is_one_the_judgement_is_measured_on():
    measured = {
        json.loads(line)["text"]
        for path in (TRAINING.parent / "evaluation").glob("*seen.jsonl")
        for line in path.open(encoding="utf-8")
    }
    assert not measured & {row["text"] for row in messages()}


def test_every_topic_has_names_in_both_languages_and_a_category_of_the_shop():
    for name, entry in config.load_toml(config.DATA / "topics.toml").items():
        if isinstance(entry, dict):
            assert entry["category"] in CATEGORIES, name
            assert entry["gloss"] and entry["label"], name


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("钱出去了，屏幕上一片空白", "delivery"),
        ("一笔单子走了两回账", "payment"),
        ("东西挂你们这卖，你们分走多少", "settlement"),
        ("someone is buying stuff with my login right now", "account"),
        ("do you get more of these in any time soon", "pre_sales"),
    ],
)
def test_a_matter_told_without_its_usual_words_is_understood(text, category):
    assert likeness(text).best.category == category


@settings(deadline=None)  # the first text loads the lexicon
@given(st.text(max_size=200))
def test_the_shares_of_any_text_add_to_one(text):
    assert math.isclose(math.fsum(likeness(text).shares.values()), 1.0, rel_tol=1e-9)


def test_a_text_of_another_world_reads_like_nothing_in_particular():
    surest = max(likeness("quidquid latine dictum sit altum videtur").shares.values())
    assert surest < 0.2


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-50, 50), st.integers(0, 4)), min_size=1, max_size=40))
def test_sums_in_lanes_are_the_sums_of_the_weights(terms):
    model = Model(0, tuple("abcde"), (0.0,) * 5, Pooling(1.0, 1.0, 0.0, 0.0))
    rows = {f"f{n}": Row(1.0, (place,), (weight,)) for n, (_value, weight, place) in enumerate(terms)}
    found = {f"f{n}": value for n, (value, _weight, _place) in enumerate(terms)}
    length = math.sqrt(sum(value * value for value in found.values())) or 1.0
    expected = [0.0] * 5
    for value, weight, place in terms:
        expected[place] += value / length * weight
    assert model.logits(found, rows) == pytest.approx(expected, abs=0.02)
