"""How many promises were kept: rounds of clocks that ended, or became late, since a moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from helpdesk.clock import Millis
from helpdesk.views import search
from helpdesk.views.query import Query
from helpdesk.views.report import CLOCKS

BY = ("clock", "category", "assignee", "team")


class Tally(NamedTuple):
    """Rounds, by what they came to. `running_late` is how many of the `late` have not ended; a `void` round was closed
    unanswered before it was late and is no part of the percentage.
    """

    met: int = 0
    late: int = 0
    running_late: int = 0
    void: int = 0

    @property
    def percent(self) -> float | None:
        """The share of promises kept; None where there was none to keep."""
        judged = self.met + self.late
        return round(100 * self.met / judged, 1) if judged else None

    def plus(self, other: Tally, times: int = 1) -> Tally:
        """Both together, the other as often as told."""
        return Tally(*(mine + theirs * times for mine, theirs in zip(self, other, strict=True)))


def compliance(
    connection: sqlite3.Connection, query: Query, now: Millis, since: Millis, by: str = "clock"
) -> list[dict[str, Any]]:
    """A row for each clock, or for each value of the field `by` and each clock, by name; what has none comes last.

    `since` is inclusive. The field is the ticket's present one.
    """
    search.register(connection)
    tallies: dict[tuple[str | None, str], Tally] = {}
    for name, clock, tally in (*_kept(connection, query, since, by), *_not_kept_yet(connection, query, now, since, by)):
        key = (clock if by == "clock" else name, clock)
        tallies[key] = tallies.get(key, Tally()).plus(tally)
    return [
        {"by": by, "name": name, "clock": clock, **tally._asdict(), "percent": tally.percent}
        for (name, clock), tally in sorted(tallies.items(), key=lambda item: _place(by, *item[0]))
        if any(tally)
    ]


def _place(by: str, name: str | None, clock: str) -> tuple[bool, str, int]:
    return name is None, "" if by == "clock" else name or "", CLOCKS.index(clock)


# A million tickets have three million outcomes. Sorting those by field takes ten seconds; so the outcomes of a ticket,
# which lie together, are first added up into one number, with some bits for each clock and result.
_BITS = {"first_response": 2, "resolution": 2, "next_response": 11}
"""At most 2047 questions of a ticket."""
_PLACES = {"first_response": 0, "resolution": 8, "next_response": 16}
_RESULTS = (Tally(met=1), Tally(late=1), Tally(late=1, running_late=1), Tally(void=1))


def _case(of: dict[str, int]) -> str:
    return "CASE clock" + "".join(f" WHEN '{clock}' THEN {value}" for clock, value in of.items()) + " END"


_SUM = (
    f"sum(1 << ({_case(_PLACES)} + {_case(_BITS)}"
    " * CASE result WHEN 'met' THEN 0 WHEN 'late' THEN 1 + (ended_at IS NULL) ELSE 3 END))"
)


def _taken_apart(found: int) -> Iterator[tuple[str, Tally]]:
    """What one ticket's number holds, by clock."""
    for clock, bits in _BITS.items():
        tally = Tally()
        for place, result in enumerate(_RESULTS):
            tally = tally.plus(result, found >> _PLACES[clock] + place * bits & (1 << bits) - 1)
        yield clock, tally


def _kept(
    connection: sqlite3.Connection, query: Query, since: Millis, by: str
) -> Iterator[tuple[str | None, str, Tally]]:
    """What is kept of rounds: (value of the field, clock, tally)."""
    rows = connection.execute(
        f"SELECT {_field(by)}, o.found, count(*) FROM (SELECT ticket_number, {_SUM} AS found FROM outcome NOT INDEXED"
        " WHERE ended_at >= ? OR (ended_at IS NULL AND due_at >= ?) GROUP BY ticket_number) o"
        f" CROSS JOIN ticket t ON t.number = o.ticket_number WHERE {query.where()} GROUP BY 1, 2",
        [since, since, *query.parameters()],
    )
    for name, found, tickets in rows:
        for clock, tally in _taken_apart(found):
            yield name, clock, Tally().plus(tally, tickets)


def _not_kept_yet(
    connection: sqlite3.Connection, query: Query, now: Millis, since: Millis, by: str
) -> Iterator[tuple[str | None, str, Tally]]:
    """The clocks that have become late since anything was last written of their ticket."""
    for clock in CLOCKS:
        rows = connection.execute(
            f"SELECT {_field(by)}, count(*) FROM ticket t"
            f" WHERE t.due_{clock} IS NOT NULL AND t.due_{clock} < ? AND t.due_{clock} >= ?"
            " AND NOT EXISTS (SELECT 1 FROM outcome o WHERE o.ticket_number = t.number AND o.clock = ?"
            f" AND o.ended_at IS NULL) AND {query.where()} GROUP BY 1",
            [now, since, clock, *query.parameters()],
        )
        for name, count in rows:
            yield name, clock, Tally(late=count, running_late=count)


def _field(by: str) -> str:
    return "NULL" if by == "clock" else f"t.{by}"
