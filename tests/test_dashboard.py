"""The day at a glance: what arrived when, what the knowledge base answered, what came in time, what waits."""

from __future__ import annotations

import pytest
from conftest import NOW, Run, sql, write_jsonl

from helpdesk.clock import parse_time, to_millis
from helpdesk.store import Store
from helpdesk.views import dashboard

AT = to_millis(parse_time(NOW))


def day(run: Run, now: str = NOW) -> dashboard.Dashboard:
    with Store(run.store).read() as connection:
        return dashboard.today(connection, to_millis(parse_time(now)))


def filed(run: Run, tmp_path, *rows: dict) -> None:
    run.ok("import", "tickets", write_jsonl(tmp_path / "rows.jsonl", rows))


def at(hour: str, **row: object) -> dict:
    return {"body": "卡密打不开", "created_at": f"2026-11-20T{hour}Z", **row}


def test_arrivals_are_counted_by_the_hour_of_the_shops_day(run, tmp_path):
    filed(run, tmp_path, at("00:00:00"), at("00:59:59"), at("07:30:00"), at("23:59:59"))
    hours = day(run).hours
    assert len(hours) == 24
    assert (hours[0], hours[7], hours[23], sum(hours)) == (2, 1, 1, 4)


def test_yesterday_and_tomorrow_are_not_today(run, tmp_path):
    filed(run, tmp_path, {"body": "x", "created_at": "2026-11-19T23:59:59Z"}, at("08:00:00"),
          {"body": "x", "created_at": "2026-11-21T00:00:00Z"})  # fmt: skip
    assert day(run).arrived == 1


def test_the_day_begins_at_midnight_in_the_shops_zone(run, tmp_path, monkeypatch):
    filed(run, tmp_path, {"body": "x", "created_at": "2026-11-19T16:00:00Z"}, at("15:59:59"), at("16:00:00"))
    monkeypatch.setenv("HELPDESK_ZONE", "Asia/Shanghai")
    found = day(run)
    assert (found.arrived, found.hours[0], found.hours[23]) == (2, 1, 1)


@pytest.mark.parametrize(("now", "hours"), [("2026-03-29T12:00:00Z", 23), ("2026-10-25T12:00:00Z", 25)])
def test_a_day_on_which_the_clock_is_changed_has_the_hours_it_has(run, monkeypatch, now, hours):
    monkeypatch.setenv("HELPDESK_ZONE", "Europe/Berlin")
    assert len(day(run, now).hours) == hours


def test_the_share_of_the_knowledge_base_is_of_the_tickets_answered(shop):
    shop.ok("set", 1, 2, 3, "--tag", "x")
    sql(shop.store, "UPDATE ticket SET created_at = ? WHERE number IN (1, 2, 3)", AT - 60_000)
    before = day(shop).by_faq
    shop.ok("answer", 1, "--article", "faq-001")
    shop.ok("reply", 2, "已处理")
    after = day(shop).by_faq
    assert (after.of - before.of, after.part - before.part) == (2, 1)


def test_what_was_answered_within_its_minutes_is_on_time_and_what_waits_longer_is_not(run):
    for _place in range(3):
        run.ok("new", "卡密打不开", "--priority", "normal", now="2026-11-20T01:00:00Z")
    run.ok("reply", 1, "好", now="2026-11-20T01:01:00Z")
    run.ok("reply", 2, "好", now="2026-11-20T07:59:00Z")
    assert day(run).on_time == (1, 3)


def test_a_first_response_that_may_still_come_in_time_is_not_counted(run):
    run.ok("new", "卡密打不开", "--priority", "normal", now=NOW)
    assert day(run).on_time == (0, 0)
    assert day(run).on_time.share is None


def test_a_clock_that_came_to_nothing_is_not_counted(run):
    run.ok("new", "卡密打不开", "--priority", "normal", now="2026-11-20T01:00:00Z")
    run.ok("reply", 1, "好", now="2026-11-20T01:01:00Z")
    assert day(run).on_time == (1, 1)
    sql(run.store, "UPDATE outcome SET result = 'void'")
    assert day(run).on_time == (0, 0)


def test_the_oldest_waiting_are_those_the_shop_must_act_on(run, tmp_path):
    rows = [{"body": f"卡密打不开 {n}", "created_at": f"2026-11-{n:02}T08:00:00Z"} for n in range(1, 11)]
    filed(run, tmp_path, *rows)
    run.ok("close", 1)
    run.ok("hold", 2)
    run.ok("reply", 3, "好")
    found = day(run)
    assert [one.number for one in found.oldest] == [4, 5, 6, 7, 8]
    assert found.oldest[0].since == to_millis(parse_time("2026-11-04T08:00:00Z"))
    assert found.waiting == 7


def test_categories_stand_in_the_order_of_their_number_with_what_is_unanswered(run):
    for category in ("card_key", "card_key", "payment"):
        run.ok("new", "卡密打不开", "--category", category, now=NOW)
    run.ok("reply", 1, "好", now=NOW)
    assert day(run).matters == (("card_key", 2, 1), ("payment", 1, 1))


def test_spam_is_no_arrival(run):
    run.ok("new", "卡密打不开", now=NOW)
    run.ok("new", "卡密打不开", now=NOW)
    run.ok("spam", 1)
    assert day(run).arrived == 1


def test_an_empty_store_has_an_empty_day(run):
    found = day(run)
    assert (found.arrived, found.waiting, found.oldest, found.matters) == (0, 0, (), ())
    assert (found.by_faq.share, found.on_time.share) == (None, None)


def test_the_day_is_read_by_index(shop):
    with Store(shop.store).read() as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {dashboard._TODAY}", (AT, AT + 1))]
    assert any("ticket_by_created" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan


def test_stats_of_today_prints_the_same_in_json_in_rows_and_in_words(shop):
    figures = shop.json("stats", "--today")
    assert figures["arrived"] == sum(figures["by_hour"]) == day(shop).arrived > 0
    rows = shop.ok("stats", "--today").rows()
    assert ["arrived", "", str(figures["arrived"])] in rows
    assert [row[1] for row in rows if row[0] == "oldest"] == [str(one["number"]) for one in figures["oldest"]]


def test_stats_of_today_takes_no_query(shop):
    assert shop("stats", "--today", "state:new").exit_code == 2


def test_stats_of_today_on_a_terminal(shop, program):
    code, screen = program.on_terminal("stats", "--today")
    assert code == 0, screen
    assert "█" in screen
