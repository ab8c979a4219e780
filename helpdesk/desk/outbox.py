"""Alarms: stored in the transaction of what they tell of, sent afterwards, each at least once and to each sender once.

Whoever sends an alarm holds a lease on it meanwhile, so that two runs at a time share the work. Sending happens outside
every transaction, and what a sender has sent is marked at once: a process killed between the two sends at most one
message twice, after its lease has ended.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Update, func, update
from sqlmodel import Session, col

from helpdesk.clock import Millis
from helpdesk.desk.context import Desk
from helpdesk.desk.ledger import Ledger, compact_json
from helpdesk.desk.wording import notification, test_notification
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.i18n import _
from helpdesk.models.tables import Outbox
from helpdesk.notify import settings
from helpdesk.notify.senders import NotSent, Sender
from helpdesk.store import driver
from helpdesk.views import outbox as view
from helpdesk.views import standing

MINUTE = 60_000

LEASE = 10 * MINUTE
"""How long an alarm is its sender's; renewed after each sending, and longer than any single one may take."""

TOGETHER = 1000
"""Alarms leased at once, and told by one digest."""

ATTEMPTS = 10
"""Tries, of which the waits between make some six hours, before an alarm is given up."""

FIRST_WAIT, LONGEST_WAIT = MINUTE, 120 * MINUTE

PAUSED_WAIT = 5 * MINUTE
"""After which it is looked again whether a paused clock goes on."""

PATIENCE = 3
"""Failures of a sender in a row after which it is left alone until the next run."""


class Alarm(NamedTuple):
    """A clock of a ticket that reached a level, to be told not before a moment; `facts` are neutral of language.

    `round` is the clock's: when the alarm is sent it says how that round stands then, and once the round has ended
    there is nothing to say. 0 where no round is meant.
    """

    ticket: int
    clock: str
    level: str
    due_at: Millis
    not_before: Millis
    facts: dict[str, Any]
    round: int = 0

    @property
    def key(self) -> str:
        """What makes it one and the same alarm; two rounds begun while the shop was closed have one due time."""
        key = f"{self.ticket}:{self.clock}:{self.level}:{self.due_at}"
        return f"{key}:{self.round}" if self.round > 1 else key


class Delivery(NamedTuple):
    """How many alarms every sender has sent, how many will be tried again, how many were given up."""

    sent: int = 0
    failed: int = 0
    dead: int = 0


def enqueue(entry: Ledger, alarms: Iterable[Alarm]) -> int:
    """Store alarms in the transaction of an operation; how many are new. One stored before, sent or not, is no news."""
    rows = [(alarm.key, alarm.ticket, _content(alarm), entry.at, alarm.not_before) for alarm in alarms]
    if not rows:
        return 0
    stored = entry.session.connection().exec_driver_sql(
        "INSERT INTO outbox (dedupe_key, ticket_number, content, created_at, not_before) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (dedupe_key) DO NOTHING",
        rows,
    )
    return stored.rowcount


def _content(alarm: Alarm) -> str:
    content = {
        "ticket": alarm.ticket,
        "clock": alarm.clock,
        "level": alarm.level,
        "due_at": alarm.due_at,
        "round": alarm.round,
        "facts": alarm.facts,
    }
    # half of a surrogate pair, from a text cut in the wrong place, can be stored nowhere
    return compact_json(content).encode("utf-8", "replace").decode("utf-8")


def deliver(desk: Desk) -> Delivery:
    """Send what is due to every sender of the user's `notify.toml`; without one nothing is done.

    Raises UsageProblem, and sends nothing, when the file is wrong.
    """
    senders = settings.senders()
    failures = dict.fromkeys((sender.name for sender in senders), 0)
    total = Delivery()
    while senders and _anything_due(desk):
        done = _Run(desk, senders, failures).send()
        total = Delivery(total.sent + done.sent, total.failed + done.failed, total.dead + done.dead)
    return total


def _anything_due(desk: Desk) -> bool:
    with desk.store.read() as connection:
        return view.any_due(connection, desk.moment(), LEASE)


@dataclass(slots=True)
class _Run:
    """The alarms leased together, and what became of them."""

    desk: Desk
    senders: Sequence[Sender]
    failures: dict[str, int]
    """Of each sender, how often in a row it failed."""
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    due: list[view.Due] = field(default_factory=list)
    reasons: dict[int, list[str]] = field(default_factory=dict)
    """Why alarms were not sent."""
    left: set[int] = field(default_factory=set)
    """Alarms a sender that failed again and again was not asked to send; this is no try of theirs."""
    held: set[int] = field(default_factory=set)
    held_until: Millis = 0

    def send(self) -> Delivery:
        """Lease, send, and settle what could not be sent; also when interrupted."""
        exhausted = self._lease()
        try:
            for sender in self.senders:
                self._send_by(sender)
        finally:
            sent, failed, dead = self._settle()
        return Delivery(sent, failed, dead + exhausted)

    def _lease(self) -> int:
        """Take what is due; how many were given up because whoever sent them was killed each time."""
        with self.desk.store.write() as session:
            now = self.desk.moment()
            due = list(_still_true(session, view.due(driver(session), now, LEASE, TOGETHER), now))
            self.due = [one for one in due if one.attempts < ATTEMPTS]
            spent = [one.id for one in due if one.attempts >= ATTEMPTS]
            _change(session, [one.id for one in self.due], attempts=col(Outbox.attempts) + 1, lease=self.token)
            self._renew(session)
            killed = _("the program was ended while it was sending")
            _change(session, spent, dead_at=now, lease=None, leased_until=None, last_error=killed)
        return len(spent)

    def _send_by(self, sender: Sender) -> None:
        waiting = [one for one in self.due if sender.name not in one.delivered]
        for group in [waiting] if sender.together and waiting else [[one] for one in waiting]:
            if self.failures[sender.name] >= PATIENCE:
                self.left |= {one.id for one in group}
            elif mine := self._still_mine(group):
                self._send_group(sender, mine)

    def _still_mine(self, group: Sequence[view.Due]) -> list[view.Due]:
        """Of some alarms those nobody else has leased since, as happens when this machine sleeps for a while."""
        if self.desk.moment() >= self.held_until:
            with self.desk.store.write() as session:
                self._renew(session)
        return [one for one in group if one.id in self.held]

    def _send_group(self, sender: Sender, group: Sequence[view.Due]) -> None:
        now = self.desk.moment()
        try:
            sender.send([notification(one.key, one.content, now) for one in group])
        except NotSent as error:
            self.failures[sender.name] += 1
            self._failed(group, str(error))
        else:
            self.failures[sender.name] = 0
            self._mark(sender, group)

    def _failed(self, group: Sequence[view.Due], reason: str) -> None:
        for one in group:
            self.reasons.setdefault(one.id, []).append(reason)

    def _mark(self, sender: Sender, group: Sequence[view.Due]) -> None:
        """Keep what a sender has sent, and hold what is left for longer."""
        with self.desk.store.write() as session:
            _change(
                session, [one.id for one in group], delivered=func.json_insert(Outbox.delivered, "$[#]", sender.name)
            )
            self._renew(session)
        for one in group:
            one.delivered.append(sender.name)

    def _renew(self, session: Session) -> None:
        self.held_until = self.desk.moment() + LEASE
        renewed = self._change_to_held(self.due).values(leased_until=self.held_until)
        self.held = set(session.scalars(renewed.returning(col(Outbox.id))))

    def _settle(self) -> tuple[int, int, int]:
        """Mark what every sender has sent, put off or give up what one has not, give back what was not tried."""
        names = {sender.name for sender in self.senders}
        sent = [one for one in self.due if names <= set(one.delivered)]
        failed = [one for one in self.due if one.id in self.reasons]
        dead = [one for one in failed if one.attempts + 1 >= ATTEMPTS]
        tried = {one.id for one in (*sent, *failed)}
        chance = random.uniform(0.5, 1.0)  # one for all: what failed together is told together later
        with self.desk.store.write() as session:
            now = self.desk.moment()
            _change(session, [one.id for one in sent], sent_at=now, last_error=None)
            for one in failed:
                put_off = now + round(chance * wait_after(one.attempts + 1))
                self._change_held(session, [one], last_error="; ".join(self.reasons[one.id]), not_before=put_off)
            self._change_held(session, dead, dead_at=now)
            untried = [one for one in self.due if one.id not in tried]
            self._change_held(session, untried, attempts=col(Outbox.attempts) - 1)
            left = [one for one in untried if one.id in self.left]
            reason = _("left for later: its sender failed again and again")
            # sooner than any that failed, so that the next run begins with them
            self._change_held(session, left, last_error=reason, not_before=now + FIRST_WAIT // 2)
            self._change_held(session, self.due, lease=None, leased_until=None)
        return len(sent), len(failed) - len(dead) + len(left), len(dead)

    def _change_held(self, session: Session, alarms: Sequence[view.Due], **values: Any) -> None:
        session.execute(self._change_to_held(alarms).values(values))

    def _change_to_held(self, alarms: Sequence[view.Due]) -> Update:
        """A change of alarms as far as they are still held."""
        ids = [one.id for one in alarms]
        return update(Outbox).where(col(Outbox.id).in_(ids), col(Outbox.lease) == self.token)


def _still_true(session: Session, alarms: Sequence[view.Due], now: Millis) -> Iterator[view.Due]:
    """Of alarms that waited for the shop to open or for a server those that are true, each as its clock stands now.

    What was answered or solved meanwhile is overtaken; where the clock is paused, its alarm waits until it goes on.
    """
    stands = standing.of(driver(session), {one.content["ticket"] for one in alarms}, now)
    for one in alarms:
        stand = stands.get((one.content["ticket"], one.content["clock"], one.content.get("round", 0)))
        if stand is None:
            yield one
        elif stand.ended:
            _change(session, [one.id], overtaken_at=now, lease=None, leased_until=None)
        elif not stand.passes:
            later = stand.terms.calendar.next_open(max(stand.goes_on_at, now + PAUSED_WAIT))
            _change(session, [one.id], not_before=later, lease=None, leased_until=None)
        else:
            yield one._replace(content={**one.content, "due_at": stand.due_at, "left": stand.left})


def _change(session: Session, ids: Sequence[int], **values: Any) -> None:
    if ids:
        session.execute(update(Outbox).where(col(Outbox.id).in_(ids)).values(values))


def wait_after(attempts: int) -> int:
    """Milliseconds until the next try at the longest: doubled each time, at most two hours."""
    return min(FIRST_WAIT << min(attempts - 1, 20), LONGEST_WAIT)


def retry(desk: Desk, ids: Sequence[int]) -> list[int]:
    """Have alarms sent by the next delivery, with all their tries anew; senders that have sent one are not asked again.

    Raises NotFound or NotAllowed, and changes nothing, when one does not exist or is sent or overtaken already.
    """
    with desk.store.write() as session:
        states = view.states_of(driver(session), ids)
        for id in ids:
            if id not in states:
                raise NotFound(_("There is no alarm {id}; `helpdesk outbox list` shows those there are.").format(id=id))
            if states[id] == "sent":
                raise NotAllowed(_("Alarm {id} is sent; there is nothing to try again.").format(id=id))
            if states[id] == "overtaken":
                raise NotAllowed(
                    _("What alarm {id} warned of has ended since; there is nothing to tell.").format(id=id)
                )
        _revive(desk, session, list(states))
    return list(dict.fromkeys(ids))


def retry_dead(desk: Desk) -> list[int]:
    """Have every alarm that was given up sent by the next delivery; their ids."""
    with desk.store.write() as session:
        ids = view.dead(driver(session))
        _revive(desk, session, ids)
    return ids


def _revive(desk: Desk, session: Session, ids: Sequence[int]) -> None:
    _change(session, ids, dead_at=None, attempts=0, not_before=desk.moment(), lease=None, leased_until=None)


class Tried(NamedTuple):
    """What became of a test message; `error` is the sender's sentence, None when it was sent."""

    sender: str
    error: str | None


def try_out(name: str | None = None) -> list[Tried]:
    """Send a test message to every sender, or those called `name`; nothing of it is stored."""
    senders = settings.senders()
    if not senders:
        raise NotFound(
            _("No sender is set up; describe one in {path} (see docs/alarms.md).").format(path=settings.path())
        )
    chosen = [one for one in senders if name is None or one.name == name or one.name.startswith(f"{name}/")]
    if not chosen:
        raise NotFound(
            _("There is no sender {name!r}. Known: {known}").format(
                name=name, known=_(", ").join(one.name for one in senders)
            )
        )
    return [_tried(sender) for sender in chosen]


def _tried(sender: Sender) -> Tried:
    try:
        sender.send([test_notification()])
    except NotSent as error:
        return Tried(sender.name, str(error))
    return Tried(sender.name, None)
