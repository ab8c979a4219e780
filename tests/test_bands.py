"""What a match permits, chosen from what the shop did with earlier matches; several matters in one text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.kb.bands import LOG_NEEDED, PRECISION, Outcome, Thresholds, chosen
from helpdesk.models.vocabulary import Band

BEFORE = Thresholds(answer_at=0.8, answer_margin=0.1, suggest_at=0.33)
CHANCE = st.integers(0, 100).map(lambda hundredths: hundredths / 100)
LOGS = st.lists(st.builds(Outcome, CHANCE, st.just(0.0), st.booleans()), max_size=200)


def test_a_match_is_sent_only_when_it_is_sure_and_alone():
    assert BEFORE.band(0.9, 0.2) is Band.ANSWER
    assert BEFORE.band(0.9, 0.85) is Band.SUGGEST
    assert BEFORE.band(0.5, 0.0) is Band.SUGGEST
    assert BEFORE.band(0.3, 0.0) is Band.UNSURE


def test_a_short_log_changes_nothing():
    assert chosen([Outcome(0.9, 0.0, False)] * (LOG_NEEDED - 1), BEFORE) == BEFORE


def test_where_the_shop_always_sends_the_match_more_may_be_answered():
    log = [Outcome(0.5 + n / 1000, 0.0, True) for n in range(100)]
    assert chosen(log, BEFORE).answer_at == pytest.approx(0.5)


def test_where_matches_are_refused_nothing_is_sent_by_itself():
    assert chosen([Outcome(0.95, 0.0, n % 2 == 0) for n in range(100)], BEFORE).answer_at > 1


def test_matches_nobody_ever_uses_are_no_longer_shown():
    log = [Outcome(0.4, 0.0, False)] * 60 + [Outcome(0.7, 0.0, True)] * 60
    assert 0.4 < chosen(log, BEFORE).suggest_at <= 0.7


@given(LOGS)
def test_on_the_log_itself_what_would_be_sent_was_right_nine_times_in_ten(log):
    thresholds = chosen(log, BEFORE)
    sent = [one.accepted for one in log if thresholds.band(one.best, one.second) is Band.ANSWER]
    assert len(log) < LOG_NEEDED or sum(sent) >= PRECISION * len(sent)
    assert thresholds.suggest_at <= thresholds.answer_at


def test_only_what_a_person_decided_counts_as_an_outcome(shop):
    ready = [ticket["number"] for ticket in shop.json("list", "state:new", "band:answer", "--limit", "3")]
    before = shop.json("learn", "--dry-run")["matches"]["outcomes"]
    shop.ok("answer", ready[0])
    assert shop.json("learn", "--dry-run")["matches"]["outcomes"] == before
    best = shop.json("show", ready[1])["matches"][0]["article"]
    shop.ok("answer", ready[1], "--article", best)
    shop.ok("reply", ready[2], "您好，马上为您看")
    assert shop.json("learn", "--dry-run")["matches"]["outcomes"] == before + 2
