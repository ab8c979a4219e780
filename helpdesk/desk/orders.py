"""Orders of the shop, as its platform exported them: the facts that decide what a number in a ticket is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, select

from helpdesk.desk.context import Desk
from helpdesk.intake.drafts import OrderDraft
from helpdesk.models.tables import Order
from helpdesk.views import filing as lookups


def keep(desk: Desk, drafts: Sequence[OrderDraft]) -> tuple[int, int]:
    """Keep a batch of orders by number in one transaction; returns how many were new or changed, and how many not."""
    now = desk.moment()
    by_number = {draft.order_no: asdict(draft) for draft in drafts}
    with desk.store.write() as session:
        known = {o.order_no: o for o in session.exec(select(Order).where(col(Order.order_no).in_(by_number)))}
        fresh = [row for number, row in by_number.items() if number not in known or not _same(known[number], row)]
        if fresh:
            statement = insert(Order)
            changes = {key: statement.excluded[key] for key in (*fresh[0], "imported_at") if key != "order_no"}
            session.execute(
                statement.on_conflict_do_update(index_elements=["order_no"], set_=changes),
                [row | {"imported_at": now} for row in fresh],
            )
    return len(fresh), len(drafts) - len(fresh)


def compare(desk: Desk, drafts: Sequence[OrderDraft]) -> tuple[int, int]:
    """What `keep` would find: how many are new or changed, and how many not; stores nothing."""
    by_number = {draft.order_no: asdict(draft) for draft in drafts}
    with desk.store.read() as connection:
        known = lookups.orders(connection, by_number)
    same = sum(known.get(number) == row for number, row in by_number.items())
    return len(by_number) - same, len(drafts) - len(by_number) + same


def _same(order: Order, row: dict[str, object]) -> bool:
    return all(getattr(order, key) == value for key, value in row.items())
