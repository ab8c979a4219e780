"""An alarm is stored with what it tells of and sent afterwards: at least once, and to each sender once."""

from __future__ import annotations

import json
import signal
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sinks
from conftest import NOW, Run, sql
from test_hostile_text import CURSE, assert_harmless

from helpdesk.clock import parse_time, to_millis
from helpdesk.desk import Desk, conversation, filing, outbox, steps
from helpdesk.desk.change import operation
from helpdesk.desk.outbox import ATTEMPTS, LEASE, Alarm, Delivery, deliver, enqueue
from helpdesk.errors import NotAllowed, UsageProblem
from helpdesk.intake.drafts import Draft
from helpdesk.models.states import Step
from helpdesk.notify.settings import LONGEST_TIMEOUT
from helpdesk.store import Store
from helpdesk.views.outbox import listed

START = parse_time(NOW)
LATER = "2026-11-20T08:11:00Z"
"""When a lease taken at NOW has ended."""


@dataclass
class Shop:
    """A desk with a clock of its own, one ticket, and a folder of settings."""

    desk: Desk
    folder: Path
    at: datetime = START

    def pass_(self, **span: float) -> None:
        """Let time pass; a negative span puts the clock back."""
        self.at += timedelta(**span)

    def enqueue(self, *alarms: Alarm) -> int:
        """Store alarms in an operation of their own."""
        with operation(self.desk, "escalated") as entry:
            return enqueue(entry, alarms)

    def settings(self, *senders: str) -> None:
        """Write notify.toml."""
        sinks.write_settings(self.folder, "\n".join(senders))

    def rows(self, state: str = "") -> list[dict[str, Any]]:
        """The outbox as `list --json` has it."""
        with self.desk.store.read() as connection:
            return list(listed(connection, state, to_millis(self.at)))


@pytest.fixture
def shop(tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The shop of a test."""
    monkeypatch.setenv("HELPDESK_CONFIG", str(tmp_path / "own"))
    made = Shop(Desk(Store(store_path), "tester", lambda: made.at), tmp_path / "own")
    filing.file(made.desk, Draft(body="付款了没发货", customer="QQ:12345678"))
    return made


def alarm(level: str = "late", **how: Any) -> Alarm:
    """An alarm of ticket 1, due in ten minutes and to be told at once."""
    facts = {"subject": "付款了没发货", "priority": "urgent", "minutes_left": 10}
    at = to_millis(START)
    return Alarm(**{"ticket": 1, "clock": "resolution", "level": level, "due_at": at + 600_000, "not_before": at,
                    "facts": facts, **how})  # fmt: skip


def alarms(count: int) -> list[Alarm]:
    """Alarms that differ."""
    return [alarm(f"level{n}") for n in range(count)]


def hook(name: str, program: Path, timeout: int = 30) -> str:
    """A table of notify.toml."""
    return f'[[sender]]\nname = "{name}"\nkind = "exec"\ncommand = ["{program}"]\ntimeout = {timeout}\n'


def mail(box: sinks.Postbox, more: str = "") -> str:
    """A table of notify.toml."""
    where = f'host = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\n{more}'
    return f'[[sender]]\nname = "mail"\nkind = "smtp"\nfrom = "shop@example.com"\nto = "mei@example.com"\n{where}\n'


def keys(kept: Path) -> list[str]:
    """The keys of the alarms a recorder was given, in order."""
    return [given["key"] for given in sinks.lines(kept)]


# --- stored with what it tells of -----------------------------------------------------------------------------------


def test_an_alarm_is_stored_with_its_operation_or_not_at_all(shop):
    with pytest.raises(RuntimeError), operation(shop.desk, "escalated") as entry:
        assert enqueue(entry, [alarm()]) == 1
        raise RuntimeError
    assert shop.rows() == []
    assert shop.enqueue(alarm()) == 1
    (row,) = shop.rows()
    assert (row["ticket"], row["clock"], row["level"], row["state"]) == (1, "resolution", "late", "waiting")
    assert (row["created_at"], row["due_at"]) == ("2026-11-20T08:00:00Z", "2026-11-20T08:10:00Z")


def test_a_second_alarm_of_the_same_ticket_clock_level_and_due_time_is_silently_nothing(shop):
    assert shop.enqueue(alarm(), alarm(facts={})) == 1
    assert shop.enqueue(alarm(), alarm("soon"), alarm(clock="first_response"), alarm(due_at=5)) == 3
    assert shop.enqueue() == 0
    assert len(shop.rows()) == 4


def test_an_alarm_that_was_sent_is_not_sent_again_when_it_is_stored_again(shop, tmp_path):
    program, kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", program))
    shop.enqueue(alarm())
    assert deliver(shop.desk) == Delivery(sent=1)
    assert shop.enqueue(alarm()) == 0
    assert deliver(shop.desk) == Delivery()
    assert len(keys(kept)) == 1


def test_a_text_that_can_be_stored_nowhere_does_not_break_the_operation(shop):
    assert shop.enqueue(alarm(facts={"subject": "half \ud83d a pair"})) == 1
    assert shop.rows()[0]["subject"] == "half ? a pair"


# --- sent afterwards ------------------------------------------------------------------------------------------------


def test_a_hook_is_given_the_facts_and_the_sentence_of_the_moment_it_is_sent(shop, tmp_path):
    program, kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", program))
    shop.enqueue(alarm())
    shop.pass_(minutes=3)
    assert deliver(shop.desk) == Delivery(1, 0, 0)
    (given,) = sinks.lines(kept)
    assert given["key"] == f"1:resolution:late:{to_millis(START) + 600_000}"
    assert given["title"] == "#1: resolution due in 7 min"
    assert given["text"] == "urgent · due 11-20 08:10 · 付款了没发货"
    assert given["facts"] == {
        "ticket": 1, "clock": "resolution", "level": "late", "due_at": "2026-11-20T08:10:00Z",
        "subject": "付款了没发货", "priority": "urgent", "minutes_left": 10,
    }  # fmt: skip


def test_an_alarm_is_told_in_the_language_of_whoever_sends_it(shop, tmp_path):
    program, kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", program))
    shop.enqueue(alarm(due_at=to_millis(START) - 7_200_000))
    run = Run(shop.desk.store.path)
    assert run.ok("outbox", "send", lang="zh").rows() == [["sent", "1"], ["failed", "0"], ["dead", "0"]]
    (given,) = sinks.lines(kept)
    assert given["title"] == "#1 解决已超时 2 小时"
    assert given["text"] == "紧急 · 截止 11-20 06:00 · 付款了没发货"


def test_an_alarm_waits_for_its_time(shop, tmp_path):
    program, kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", program))
    shop.enqueue(alarm(not_before=to_millis(START + timedelta(hours=9))))
    assert deliver(shop.desk) == Delivery()
    shop.pass_(hours=9, seconds=-1)
    assert deliver(shop.desk) == Delivery()
    shop.pass_(seconds=1)
    assert deliver(shop.desk) == Delivery(sent=1)
    assert len(keys(kept)) == 1


def test_without_settings_nothing_is_done_and_nothing_is_lost(shop):
    shop.enqueue(alarm())
    assert deliver(shop.desk) == Delivery()
    assert [(row["state"], row["attempts"]) for row in shop.rows()] == [("waiting", 0)]


@pytest.mark.parametrize("text", ["[[sender]", hook("a", Path("/bin/true")) + "colour = 1", '[[sender]]\nname = "a"'])
def test_with_wrong_settings_nothing_is_sent_and_no_try_is_lost(shop, text):
    shop.enqueue(alarm())
    shop.settings(text)
    with pytest.raises(UsageProblem):
        deliver(shop.desk)
    assert [(row["state"], row["attempts"]) for row in shop.rows()] == [("waiting", 0)]
    ran = Run(shop.desk.store.path)("outbox", "send")
    assert (ran.exit_code, ran.stdout, len(ran.stderr.splitlines())) == (2, "", 1)


def test_settings_others_can_read_end_with_exit_2_and_the_command_that_helps(shop):
    shop.enqueue(alarm())
    shop.settings(hook("buzz", Path("/bin/true")))
    (shop.folder / "notify.toml").chmod(0o644)
    ran = Run(shop.desk.store.path)("outbox", "send")
    assert ran.exit_code == 2
    assert f"chmod 600 {shop.folder / 'notify.toml'}" in ran.stderr
    assert [row["state"] for row in shop.rows()] == ["waiting"]


def test_alarms_due_together_are_one_mail(shop):
    with sinks.postbox() as box:
        shop.settings(mail(box))
        shop.enqueue(*alarms(3))
        assert deliver(shop.desk) == Delivery(sent=3)
    assert len(box.mails) == 1


def test_a_thousand_alarms_and_more_are_sent_too(shop):
    with sinks.postbox() as box:
        shop.settings(mail(box))
        shop.enqueue(*alarms(outbox.TOGETHER + 5))
        assert deliver(shop.desk) == Delivery(sent=outbox.TOGETHER + 5)
    assert len(box.mails) == 2


# --- failing senders ------------------------------------------------------------------------------------------------


def test_a_sender_that_fails_does_not_make_the_others_send_twice(shop, tmp_path):
    works, kept = sinks.recorder(tmp_path, "works")
    broken, tried = sinks.recorder(tmp_path, "broken", f"sys.exit(not os.path.exists({str(tmp_path / 'well')!r}))")
    shop.settings(hook("works", works), hook("broken", broken))
    shop.enqueue(alarm())
    assert deliver(shop.desk) == Delivery(failed=1)
    (row,) = shop.rows()
    assert (row["delivered"], row["attempts"], row["state"]) == (["works"], 1, "waiting")
    assert row["last_error"] == "broken: the program ended with exit code 1"
    (tmp_path / "well").touch()
    assert deliver(shop.desk) == Delivery()
    shop.pass_(minutes=1)
    assert deliver(shop.desk) == Delivery(sent=1)
    assert (len(keys(kept)), len(keys(tried))) == (1, 2)
    (row,) = shop.rows("sent")
    assert (row["delivered"], row["last_error"]) == (["works", "broken"], None)


def test_one_alarm_a_hook_cannot_take_holds_up_no_other(shop, tmp_path):
    program, kept = sinks.recorder(tmp_path, then="sys.exit('level1' in given.decode())")
    shop.settings(hook("buzz", program))
    shop.enqueue(*alarms(4))
    assert deliver(shop.desk) == Delivery(sent=3, failed=1)
    assert len(keys(kept)) == 4


def test_a_sender_that_fails_again_and_again_is_left_alone_until_the_next_run(shop, tmp_path):
    program, kept = sinks.recorder(tmp_path, then="sys.exit(1)")
    shop.settings(hook("buzz", program))
    shop.enqueue(*alarms(20))
    assert deliver(shop.desk) == Delivery(failed=20)
    assert len(keys(kept)) == outbox.PATIENCE
    tries = sorted(row["attempts"] for row in shop.rows())
    assert tries == [0] * (20 - outbox.PATIENCE) + [1] * outbox.PATIENCE  # to be left alone is no try


def test_alarms_behind_some_that_always_fail_are_sent_by_a_later_run(shop, tmp_path):
    program, _kept = sinks.recorder(tmp_path, then="sys.exit(any(f'level{n}' in given.decode() for n in (0, 1, 2)))")
    shop.settings(hook("buzz", program))
    shop.enqueue(*alarms(5))
    assert deliver(shop.desk) == Delivery(failed=5)
    shop.at += timedelta(milliseconds=outbox.FIRST_WAIT + 1000)
    deliver(shop.desk)
    assert sum(row["state"] == "sent" for row in shop.rows()) == 2


def test_waits_double_up_to_two_hours_and_vary_by_half(shop):
    shop.settings(hook("buzz", Path("/bin/false")))
    shop.enqueue(alarm())
    waits = []
    for n in range(1, ATTEMPTS):
        assert deliver(shop.desk) == Delivery(failed=1)
        (row,) = shop.rows("waiting")
        waits.append(to_millis(parse_time(row["not_before"])) - to_millis(shop.at))
        assert outbox.wait_after(n) // 2 - 1000 <= waits[-1] <= outbox.wait_after(n)
        shop.pass_(hours=2)
    assert [outbox.wait_after(n) // 60_000 for n in range(1, ATTEMPTS)] == [1, 2, 4, 8, 16, 32, 64, 120, 120]
    assert outbox.wait_after(10_000) == outbox.LONGEST_WAIT


def test_what_failed_together_is_told_together_later(shop):
    with sinks.postbox() as box:
        box.answers["."] = "451 later"
        shop.settings(mail(box))
        shop.enqueue(*alarms(5))
        assert deliver(shop.desk) == Delivery(failed=5)
        assert len({row["not_before"] for row in shop.rows()}) == 1
        box.answers.clear()
        shop.pass_(minutes=1)
        assert deliver(shop.desk) == Delivery(sent=5)
    assert len(box.mails) == 1


def worn_out(shop: Shop) -> None:
    """Try all there is until it is given up."""
    for _try in range(ATTEMPTS - 1):
        assert deliver(shop.desk).dead == 0
        shop.pass_(hours=2)
    assert deliver(shop.desk).failed == 0
    shop.pass_(hours=2)


def test_after_ten_tries_an_alarm_is_a_dead_letter_until_somebody_revives_it(shop, tmp_path):
    program, kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", Path("/bin/false")), hook("kept", program))
    shop.enqueue(alarm())
    worn_out(shop)
    (row,) = shop.rows("dead")
    assert (row["attempts"], row["state"], row["delivered"]) == (ATTEMPTS, "dead", ["kept"])
    assert deliver(shop.desk) == Delivery()
    shop.settings(hook("buzz", Path("/bin/true")), hook("kept", program))
    assert outbox.retry(shop.desk, [row["id"]]) == [row["id"]]
    assert deliver(shop.desk) == Delivery(sent=1)
    assert len(keys(kept)) == 1


# --- leases ---------------------------------------------------------------------------------------------------------


def test_a_lease_outlasts_any_single_sending():
    assert LEASE > LONGEST_TIMEOUT * 1000 * 2


def lease(shop: Shop, until: timedelta) -> None:
    """As if somebody else were sending."""
    sql(shop.desk.store.path, "UPDATE outbox SET lease = 'other', leased_until = ?, attempts = 1",
        to_millis(shop.at + until))  # fmt: skip


def test_what_somebody_else_is_sending_is_left_to_them_until_their_lease_ends(shop, tmp_path):
    program, kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", program))
    shop.enqueue(alarm())
    lease(shop, timedelta(minutes=10))
    assert shop.rows()[0]["state"] == "sending"
    assert deliver(shop.desk) == Delivery()
    shop.pass_(minutes=10)
    assert shop.rows()[0]["state"] == "waiting"
    assert deliver(shop.desk) == Delivery(sent=1)
    assert len(keys(kept)) == 1


def test_a_lease_of_a_clock_that_was_put_back_holds_nothing_up(shop, tmp_path):
    program, _kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", program))
    shop.enqueue(alarm())
    lease(shop, timedelta(days=365))
    assert deliver(shop.desk) == Delivery(sent=1)


def test_who_slept_over_the_end_of_the_lease_sends_only_what_nobody_else_took(shop, tmp_path):
    until = to_millis(START + timedelta(minutes=25))
    steal = (
        f"import sqlite3\nstore = sqlite3.connect({str(shop.desk.store.path)!r})\n"
        f"with store: store.execute(\"UPDATE outbox SET lease = 'other', leased_until = {until}"
        " WHERE content LIKE '%level1%'\")"
    )
    program, kept = sinks.recorder(tmp_path, then=steal)
    shop.settings(hook("buzz", program))
    shop.enqueue(*alarms(3))
    sleepy = Desk(shop.desk.store, "tester", lambda: shop.at + timedelta(minutes=20 if keys(kept) else 0))
    assert deliver(sleepy) == Delivery(sent=2)
    assert keys(kept) == [one.key for one in alarms(3) if one.level != "level1"]
    assert sql(shop.desk.store.path, "SELECT lease, attempts FROM outbox WHERE sent_at IS NULL") == [("other", 1)]


def environment(shop: Shop, now: str = NOW) -> dict[str, str]:
    """What a process needs to be of the shop."""
    return {"HELPDESK_CONFIG": str(shop.folder), "HELPDESK_NOW": now}


def test_overlapping_runs_send_each_alarm_once(shop, program, tmp_path):
    recorder, kept = sinks.recorder(tmp_path, then="time.sleep(0.02)")
    shop.settings(hook("buzz", recorder))
    shop.enqueue(*alarms(25))
    runs = [program.start("outbox", "send", "--json", **environment(shop)) for _run in range(3)]
    done = [json.loads(run.communicate(timeout=60)[0]) for run in runs]
    assert sorted(keys(kept)) == sorted(one.key for one in alarms(25))
    assert sum(one["sent"] for one in done) == 25
    assert [one["failed"] + one["dead"] for one in done] == [0, 0, 0]


def test_a_run_that_begins_while_another_sends_takes_only_what_is_new(shop, program, tmp_path):
    go = tmp_path / "go"
    wait = f"\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)"
    recorder, kept = sinks.recorder(tmp_path, then=wait)
    shop.settings(hook("buzz", recorder))
    shop.enqueue(*alarms(2))
    first = program.start("outbox", "send", "--json", **environment(shop))
    _until(lambda: keys(kept))
    shop.enqueue(alarm("new"))
    second = program.start("outbox", "send", "--json", **environment(shop))
    _until(lambda: len(keys(kept)) > 1)
    go.touch()
    sent = [json.loads(run.communicate(timeout=60)[0])["sent"] for run in (first, second)]
    assert sent == [2, 1]
    assert sorted(keys(kept)) == sorted(one.key for one in [*alarms(2), alarm("new")])


def _until(holds: Any) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_killed_between_sending_and_marking_only_that_one_alarm_is_sent_twice(shop, program, tmp_path):
    once = tmp_path / "killed"
    kill = (
        f"if not os.path.exists({str(once)!r}) and 'level2' in given.decode():\n    open({str(once)!r}, 'w').close()\n"
    )
    recorder, kept = sinks.recorder(tmp_path, then=kill + "    os.kill(os.getppid(), signal.SIGKILL)")
    shop.settings(hook("buzz", recorder))
    shop.enqueue(*alarms(5))
    run = program.start("outbox", "send", **environment(shop))
    assert run.wait(timeout=60) == -signal.SIGKILL
    # those it held are nobody else's until its lease has ended
    assert program.run("outbox", "send", "--json", **environment(shop)).json()["sent"] == 0
    assert program.run("outbox", "send", "--json", **environment(shop, LATER)).json()["sent"] == 5
    twice = {key: keys(kept).count(key) for key in keys(kept)}
    assert twice == {one.key: 2 if one.level == "level2" else 1 for one in alarms(5)}
    assert [row["state"] for row in shop.rows()] == ["sent"] * 5


def test_an_alarm_that_is_the_end_of_every_process_is_given_up_too(shop, program, tmp_path):
    deadly = sinks.program(tmp_path / "deadly", "os.kill(os.getppid(), signal.SIGKILL)")
    shop.settings(hook("buzz", deadly))
    shop.enqueue(alarm())
    sql(shop.desk.store.path, "UPDATE outbox SET attempts = ?", ATTEMPTS - 1)
    assert program.start("outbox", "send", **environment(shop)).wait(timeout=60) == -signal.SIGKILL
    shop.pass_(minutes=11)
    assert deliver(shop.desk) == Delivery(dead=1)
    assert shop.rows("dead")[0]["last_error"] == "the program was ended while it was sending"


def test_interrupted_what_was_not_sent_is_given_back_at_once(shop, program, tmp_path):
    recorder, kept = sinks.recorder(tmp_path, then="if 'level1' in given.decode(): time.sleep(600)")
    shop.settings(hook("buzz", recorder))
    shop.enqueue(*alarms(3))
    run = program.start("outbox", "send", **environment(shop))
    _until(lambda: len(keys(kept)) == 2)
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=60) == 130
    found = {row["level"]: (row["state"], row["attempts"]) for row in shop.rows()}
    assert found == {"level0": ("sent", 1), "level1": ("waiting", 0), "level2": ("waiting", 0)}


def test_the_store_is_free_while_a_sender_takes_its_time(shop, program, tmp_path):
    go = tmp_path / "go"
    wait = f"\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)"
    recorder, kept = sinks.recorder(tmp_path, then=wait)
    shop.settings(hook("buzz", recorder))
    shop.enqueue(alarm())
    run = program.start("outbox", "send", **environment(shop))
    _until(lambda: keys(kept))
    written = program.run("note", "1", "等供应商", HELPDESK_LOCK_SECONDS="5")
    go.touch()
    assert written.exit_code == 0
    assert run.wait(timeout=60) == 0


# --- overtaken -------------------------------------------------------------------------------------------------------


def first_of(clock: str, **how: Any) -> Alarm:
    """An alarm of the first round of a clock, which began with the ticket."""
    return alarm(clock=clock, round=1, **how)


def test_what_was_answered_while_its_alarm_waited_wakes_nobody(shop, tmp_path):
    program, kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", program))
    night = to_millis(START) + 3_600_000
    shop.enqueue(first_of("first_response", not_before=night), first_of("resolution", not_before=night))
    conversation.reply(shop.desk, 1, "您好，已补发")
    conversation.receive(shop.desk, 1, "还是没收到")
    shop.pass_(hours=1)
    assert deliver(shop.desk) == Delivery(sent=1)
    assert [key.split(":")[1] for key in keys(kept)] == ["resolution"]
    (overtaken,) = shop.rows("overtaken")
    assert (overtaken["clock"], overtaken["state"], overtaken["delivered"]) == ("first_response", "overtaken", [])
    with pytest.raises(NotAllowed):
        outbox.retry(shop.desk, [overtaken["id"]])
    assert deliver(shop.desk) == Delivery()


def test_a_solved_tickets_alarm_is_sent_after_all_once_the_ticket_is_reopened(shop, tmp_path):
    program, kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", program))
    shop.enqueue(first_of("resolution", not_before=to_millis(START) + 3_600_000))
    steps.move(shop.desk, Step.RESOLVE, [1])
    steps.move(shop.desk, Step.REOPEN, [1])
    shop.pass_(hours=1)
    assert deliver(shop.desk) == Delivery(sent=1)
    assert len(keys(kept)) == 1


@pytest.mark.parametrize("step", [Step.HOLD, Step.SNOOZE])
def test_while_a_clock_is_paused_its_alarm_waits_and_then_says_how_it_stands(shop, tmp_path, step):
    program, kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", program))
    night = to_millis(START) + 3_600_000
    shop.enqueue(first_of("resolution", not_before=night))
    shop.pass_(minutes=30)
    until = START + timedelta(days=2) if step is Step.SNOOZE else None
    steps.move(shop.desk, step, [1], until=until)
    shop.pass_(hours=1)
    assert deliver(shop.desk) == Delivery()
    assert [row["state"] for row in shop.rows()] == ["waiting"]
    if step is Step.HOLD:
        shop.pass_(hours=1)
        steps.move(shop.desk, Step.REOPEN, [1])
    else:
        shop.pass_(hours=46.5)
    shop.pass_(minutes=10)
    assert deliver(shop.desk) == Delivery(sent=1)
    (told,) = sinks.lines(kept)
    # four hours are allowed; of those that passed, the first thirty minutes and the last ten counted
    assert told["title"] == "#1: resolution due in 3 h"
    assert told["facts"]["minutes_left"] == 200


def test_two_rounds_with_one_due_time_have_an_alarm_each(shop):
    assert shop.enqueue(alarm(clock="next_response", round=1), alarm(clock="next_response", round=2)) == 2
    assert shop.enqueue(alarm(clock="next_response", round=2)) == 0


# --- the commands ---------------------------------------------------------------------------------------------------

LISTED = {"id", "ticket", "clock", "level", "due_at", "subject", "state", "created_at", "not_before", "attempts",
          "delivered", "last_error", "sent_at", "dead_at", "overtaken_at"}  # fmt: skip


def test_list_shows_every_alarm_or_those_of_one_state(shop):
    run = Run(shop.desk.store.path)
    shop.enqueue(*alarms(4))
    ids = [row["id"] for row in shop.rows()]
    sql(shop.desk.store.path, "UPDATE outbox SET dead_at = 5 WHERE id = ?", ids[0])
    sql(shop.desk.store.path, "UPDATE outbox SET sent_at = 5 WHERE id = ?", ids[1])
    assert [set(row) for row in run.json("outbox", "list")] == [LISTED] * 4
    sql(shop.desk.store.path, "UPDATE outbox SET overtaken_at = 5 WHERE id = ?", ids[3])
    for state, id in zip(("dead", "sent", "waiting", "overtaken"), ids, strict=True):
        assert [row["id"] for row in run.json("outbox", "list", f"--{state}")] == [id]
        assert [cells[:2] for cells in run.ok("outbox", "list", f"--{state}").rows()] == [[str(id), state]]
    assert [json.loads(line)["id"] for line in run.ok("outbox", "list", "--jsonl", "--limit", 1).stdout.splitlines()]
    assert run("outbox", "list", "--dead", "--sent").exit_code == 2


def test_the_lists_of_what_waits_and_of_what_is_dead_use_their_indexes(shop):
    for state, index in (("waiting", "outbox_waiting"), ("dead", "outbox_dead")):
        with closing(shop.desk.store._open_to_read()) as connection:
            traced: list[str] = []
            connection.set_trace_callback(traced.append)
            list(listed(connection, state, 0))
            connection.set_trace_callback(None)
            (plan,) = connection.execute(f"EXPLAIN QUERY PLAN {traced[0]}").fetchall()
        assert index in plan[3]


def test_send_says_in_part_with_exit_3_and_why(shop):
    run = Run(shop.desk.store.path)
    shop.settings(hook("buzz", Path("/bin/false")))
    shop.enqueue(alarm())
    ran = run("outbox", "send", "--json")
    reason = "buzz: the program ended with exit code 1"
    assert (ran.exit_code, ran.stderr) == (3, reason + "\n")
    assert ran.json() == {"sent": 0, "failed": 1, "dead": 0, "errors": [reason]}


def test_a_quiet_report_tells_of_alarms_it_gave_up_and_of_nothing_else(shop):
    run = Run(shop.desk.store.path)
    shop.settings(hook("buzz", Path("/bin/false")))
    shop.enqueue(*alarms(2))
    ran = run.ok("sla", "report", "--new", "--escalate", "--quiet", "--query", "tag:none")
    assert (ran.stdout, ran.stderr) == ("", "")
    sql(shop.desk.store.path, "UPDATE outbox SET attempts = ?, not_before = 0", ATTEMPTS - 1)
    ran = run.ok("sla", "report", "--new", "--escalate", "--quiet", "--query", "tag:none")
    assert (ran.stdout, ran.stderr) == ("", "2 alarms were given up: helpdesk outbox list --dead\n")


def test_retry_revives_by_id_or_all_that_were_given_up(shop, tmp_path):
    run = Run(shop.desk.store.path)
    shop.settings(hook("buzz", Path("/bin/false")))
    shop.enqueue(*alarms(3))
    worn_out(shop)
    ids = sorted(row["id"] for row in shop.rows("dead"))
    assert len(ids) == 3
    assert run.json("outbox", "retry", ids[2], ids[0]) == {"retried": [ids[2], ids[0]]}
    assert run.ok("outbox", "retry", "--dead").rows() == [[str(ids[1])]]
    assert run.json("outbox", "retry", "--dead") == {"retried": []}
    assert {row["attempts"] for row in shop.rows("waiting")} == {0}
    program, _kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", program))
    assert run.json("outbox", "send")["sent"] == 3
    assert run("outbox", "retry", ids[0]).exit_code == 5
    assert run("outbox", "retry", 99).exit_code == 4
    shop.enqueue(alarm("new"))
    assert run("outbox", "retry", shop.rows("waiting")[0]["id"], 99).exit_code == 4
    assert run("outbox", "retry").exit_code == run("outbox", "retry", ids[0], "--dead").exit_code == 2


def test_retry_does_not_wait_for_the_shop_to_open(shop, tmp_path):
    program, _kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", program))
    shop.enqueue(alarm(not_before=to_millis(START + timedelta(hours=9))))
    (row,) = shop.rows()
    outbox.retry(shop.desk, [row["id"]])
    assert deliver(shop.desk) == Delivery(sent=1)


def test_test_tells_every_sender_or_one_of_them(shop, tmp_path):
    run = Run(shop.desk.store.path)
    good, kept = sinks.recorder(tmp_path)
    with sinks.postbox() as box:
        shop.settings(hook("buzz", good), mail(box), hook("broken", Path("/bin/false")))
        ran = run("outbox", "test", "--json")
        assert ran.exit_code == 3
        assert [(one["sender"], one["sent"]) for one in ran.json()] == [
            ("buzz", True),
            ("mail", True),
            ("broken", False),
        ]
        assert run.ok("outbox", "test", "mail").rows() == [["mail", "true"]]
    assert (len(box.mails), keys(kept)) == (2, ["test"])
    assert run("outbox", "test", "nobody").exit_code == 4
    assert shop.rows() == []


def test_test_without_settings_says_where_they_belong(shop):
    ran = Run(shop.desk.store.path)("outbox", "test")
    assert ran.exit_code == 4
    assert str(shop.folder / "notify.toml") in ran.stderr


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_people_read_of_the_outbox_stands_on_a_terminal(shop, program, tmp_path, lang):
    good, _kept = sinks.recorder(tmp_path)
    shop.settings(hook("buzz", good), hook("broken", Path("/bin/false")))
    shop.enqueue(alarm(), alarm("evil", facts={"subject": CURSE, "priority": CURSE, CURSE: CURSE}, clock=CURSE[:9]))
    for words in (["outbox", "list"], ["outbox", "send"], ["outbox", "list", "-v"], ["outbox", "retry", "1"],
                  ["outbox", "test"]):  # fmt: skip
        _code, written = program.on_terminal(*words, **environment(shop), HELPDESK_LANG=lang)
        assert_harmless(written, on_terminal=True)
        assert "Traceback" not in written


def test_a_hostile_alarm_stays_one_line_of_a_hook_and_one_mail_without_headers_of_its_own(shop, tmp_path):
    evil = {"subject": f"x\r\nBcc: evil@example.com\r\n\r\n{CURSE}\n{{}}", "priority": f"{CURSE}\nX: y"}
    program, kept = sinks.recorder(tmp_path)
    with sinks.postbox() as box:
        shop.settings(hook("buzz", program), mail(box))
        shop.enqueue(alarm(facts=evil))
        assert deliver(shop.desk) == Delivery(sent=1)
    assert kept.read_text(encoding="utf-8").count("\n") == 1
    assert_harmless(kept.read_text(encoding="utf-8"))
    headers = box.mails[0].partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in headers and b"\nX:" not in headers


# --- secrets --------------------------------------------------------------------------------------------------------

SECRETS = {
    "token": "t0ken-AbCdEf987",
    "password": "p4ss-WoRd654",
    "variable": "v4riable-XyZ321",
    "user": "l0gin-name777",
}


def test_no_key_and_no_password_is_found_anywhere_but_in_the_settings(shop, program, tmp_path):
    """Everything a run prints, stores and shows in the list of processes, with every sender failing and working."""
    seen = tmp_path / "seen"
    spy = sinks.program(
        tmp_path / "spy",
        "from pathlib import Path\nfound = b''\n"
        "for p in Path('/proc').glob('[0-9]*/cmdline'):\n"
        "    try: found += p.read_bytes() + b'\\n'\n    except OSError: pass\n"
        f"open({str(seen)!r}, 'ab').write(found)\nsys.exit(os.path.exists({str(tmp_path / 'fail')!r}))",
    )
    table = hook("spy", spy) + f'env = {{ TOKEN = "{SECRETS["variable"]}" }}\n'
    written = b""
    with sinks.postbox() as box, sinks.webhook() as web:
        login = f'user = "{SECRETS["user"]}"\npassword = "{SECRETS["password"]}"'
        url = f"json://me:{SECRETS['password']}@127.0.0.1:{web.port}/{SECRETS['token']}?+X-Key={SECRETS['token']}"
        shop.settings(table, mail(box, login), f"[[sender]]\nname = 'chat'\nkind = 'apprise'\nurl = '{url}'\n")
        for failing in (True, False):
            if failing:
                (tmp_path / "fail").touch()
                web.status = 500
                box.answers["MAIL"] = f"550 {SECRETS['password']} for {SECRETS['user']} is no good"
            else:
                (tmp_path / "fail").unlink()
                web.status = 200
                box.answers.clear()
            shop.enqueue(*(alarm(f"{failing}{n}") for n in range(3)))
            now = LATER if not failing else NOW
            for words in (["outbox", "send", "-v"], ["outbox", "test", "--json"], ["outbox", "list", "--json"],
                          ["outbox", "list"], ["outbox", "send", "--json"], ["doctor"]):  # fmt: skip
                ran = program.run(*words, **environment(shop, now), HELPDESK_DEBUG="1")
                assert "Traceback" not in ran.stderr
                written += ran.stdout.encode() + ran.stderr.encode()
        (shop.folder / "notify.toml").write_text(f"{table}urls = '{url}'\n", encoding="utf-8")
        ran = program.run("outbox", "send", **environment(shop), HELPDESK_DEBUG="1")
        assert ran.exit_code == 2
        written += ran.stderr.encode()
    assert box.mails and web.posted and len(box.logins) > 1
    assert [row["state"] for row in shop.rows()] == ["sent"] * 6
    places = [written, seen.read_bytes(), *box.mails, json.dumps(web.posted).encode()]
    places += [path.read_bytes() for path in shop.desk.store.path.parent.iterdir()]
    for secret in SECRETS.values():
        assert not any(secret.lower().encode() in place.lower() for place in places)
