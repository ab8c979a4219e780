"""A new ticket: a chat or a mail is pasted, and while it is typed the verdict and the articles appear beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from textual.containers import Container, Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from helpdesk import clock, words
from helpdesk.i18n import N_, _, _n
from helpdesk.text import one_line, safe
from helpdesk.tui import actions
from helpdesk.tui.columns import BAND_SIGNS, MOOD_SIGNS, PRIORITY_SIGNS
from helpdesk.tui.drafting import Drafting
from helpdesk.tui.drawing import plain
from helpdesk.tui.messages import Done, Failed, TextJudged
from helpdesk.tui.text_field import TextField
from helpdesk.tui.text_view import Line, TextView
from helpdesk.views import counts
from helpdesk.views.orders import known_orders_of

if TYPE_CHECKING:
    from helpdesk.desk import Desk
    from helpdesk.desk.filing import Filed
    from helpdesk.desk.judge import Judged
    from helpdesk.intake.pasted import Pasted
    from helpdesk.views.drafts import TextDraft

PAUSE = 0.25
"""Seconds between the last letter typed and the judging."""

MOST_MATCHES = 5

KINDS = {"chat": N_("a chat"), "mail": N_("a mail"), "text": N_("a customer's text")}
"""What a pasted text was read as."""


class VerdictView(TextView):
    """What the text was read as and judged to be, and the articles that answer it."""

    def show(self, found: TextJudged) -> None:
        """Draw a verdict."""
        if found.judged is None or found.pasted is None:
            hint = _("What it is about, and what answers it, appears here while you type.")
            self.put([Line.of(hint, "text--dim")])
        else:
            self.put([*_read(found.pasted), *_judged(found.judged)])


def _fact(label: str, value: str, style: str = "", beside: str = "") -> Line:
    return Line(
        (f"{label}  ", "text--label"),
        (one_line(plain(value), 200), style),
        (f"  {beside}" if beside else "", "text--dim"),
        indent=cell_len(label) + 2,
    )


def _read(pasted: Pasted) -> Iterator[Line]:
    row = pasted.row
    yield _fact(_("Read as"), _(KINDS[pasted.kind]))
    who = " ".join(dict.fromkeys(filter(None, (row.get("name"), row.get("customer")))))
    if who:
        yield _fact(_("Customer"), who)
    if row.get("subject"):
        yield _fact(_("Subject"), row["subject"])
    said = row.get("messages", ())
    if said:
        told = _n("{count} message", "{count} messages", len(said) + 1).format(count=len(said) + 1)
        ours = sum(one["author"] != "customer" for one in said)
        yield _fact(_("Said"), told, "", _("{count} of the shop").format(count=ours) if ours else "")
    yield Line()


def _judged(judged: Judged) -> Iterator[Line]:
    verdict = judged.verdict
    yield _fact(
        _("Category"), words.word(verdict.category.category), "text--accent", f"{verdict.category.confidence:.0%}"
    )
    priority, mood = verdict.priority.priority, verdict.mood.mood
    yield _fact(
        _("Priority"),
        f"{words.word(priority)} {PRIORITY_SIGNS[priority].strip()}",
        {"urgent": "text--error", "high": "text--warning"}.get(priority, ""),
        f"{verdict.priority.urgency:g}",
    )
    feeling = "text--warning" if mood == "negative" else ""
    yield _fact(_("Mood"), f"{words.word(mood)} {MOOD_SIGNS[mood].strip()}", feeling)
    yield _fact(_("Language"), verdict.language)
    for one in verdict.identifiers[:6]:
        yield _fact(_("Names"), f"{one.kind} {one.value}", "", f"{one.confidence:.0%}")
    yield Line()
    yield from _matches(judged)


def _matches(judged: Judged) -> Iterator[Line]:
    style = {"answer": "text--success", "suggest": "text--accent"}.get(judged.band, "text--dim")
    yield _fact(_("Match"), f"{words.word(judged.band)} {BAND_SIGNS[judged.band]}".strip(), style)
    if not judged.matches.found:
        yield Line.of(_("No article fits."), "text--dim")
    for match in judged.matches.found[:MOST_MATCHES]:
        yield Line(
            (f"{match.probability:4.0%}  ", "text--accent"),
            (one_line(plain(match.question), 200), ""),
            (f"  {one_line(plain(match.article), 60)}", "text--dim"),
            indent=6,
        )
    if judged.problems:
        yield Line()
        yield Line.of(_("Several matters in one:"), "text--label")
    for problem in judged.problems:
        question = one_line(plain(problem.match.question), 100)
        yield Line.of(f"「{one_line(plain(problem.text), 40)}」→ {question}")


class NewTicketScreen(Drafting):
    """The text left, the verdict right."""

    place = "new"
    draft_for = "new"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("new")

    def __init__(self) -> None:
        super().__init__()
        self._timer: Any = None
        self._filing = False

    def body(self) -> Iterable[Widget]:
        """Text, customer, order; verdict."""
        with Container(id="work"):
            with Vertical(id="middle"):
                yield TextField(id="pasted", soft_wrap=True, tab_behavior="focus", compact=True)
                with Horizontal(classes="field"):
                    yield Static(_("Customer"), classes="label", markup=False)
                    yield Input(id="customer", classes="line-input", select_on_focus=False, compact=True)
                with Horizontal(classes="field"):
                    yield Static(_("Order"), classes="label", markup=False)
                    yield Input(id="order", classes="line-input", select_on_focus=False, compact=True)
            yield VerdictView(id="reading")

    def on_mount(self) -> None:
        """Ready to paste."""
        self.query_one("#pasted", TextArea).placeholder = _(
            "Paste a chat or a mail here, or type what the customer said."
        )
        self.query_one("#customer", Input).placeholder = _("mail, QQ:123, WeChat or phone; else as read from the text")
        self.query_one("#order", Input).placeholder = _("else as read from the text")
        self.head(_("New ticket"), self.helpdesk.office.store.path.name)
        self._begin()
        self.begin_draft()

    def _begin(self) -> None:
        self.query_one("#pasted", TextArea).text = ""
        for field in ("#customer", "#order"):
            self.query_one(field, Input).value = ""
        self.query_one(VerdictView).show(TextJudged(""))
        self._warned = self._filing = False
        self.query_one("#pasted").focus()

    def written(self) -> tuple[str, dict[str, Any]]:
        """The text, the customer, the order."""
        return self.typed, {field: self.query_one(f"#{field}", Input).value for field in ("customer", "order")}

    def fill_in(self, draft: TextDraft) -> None:
        """Go on with a text."""
        self.query_one("#pasted", TextArea).text = safe(draft.body)
        for field in ("customer", "order"):
            self.query_one(f"#{field}", Input).value = one_line(str(draft.detail.get(field, "")))

    @property
    def typed(self) -> str:
        """The text as it stands."""
        return self.query_one("#pasted", TextArea).text

    @property
    def holds_text(self) -> bool:
        """Whether a text stands here that is not filed."""
        return bool(self.typed.strip())

    # judging while typing

    def on_text_area_changed(self) -> None:
        """Judge once the typing rests."""
        self._warned = False
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self._judge)

    def _judge(self) -> None:
        typed, actor = self.typed, self.helpdesk.office.desk.actor
        now = clock.to_millis(clock.now())

        def ask(connection: Any) -> TextJudged:
            from helpdesk.desk import judge
            from helpdesk.intake import pasted

            if not typed.strip():
                return TextJudged(typed)
            found = pasted.read(typed, _shop_names(connection, actor))
            text = found.draft().text
            return TextJudged(typed, found, judge.from_store(connection).judge(text, now, known_orders_of(connection)))

        self.read("verdict", ask)

    def on_text_judged(self, message: TextJudged) -> None:
        """Draw the verdict, unless more was typed meanwhile."""
        if message.typed == self.typed:
            self.query_one(VerdictView).show(message)

    # filing

    def action_file(self) -> None:
        """File it and leave."""
        self._file("file")

    def action_another(self) -> None:
        """File it and begin another."""
        self._file("another")

    def _file(self, subject: str) -> None:
        typed = self.typed
        if not typed.strip():
            self.tell(_("There is nothing to file yet; paste or type what the customer said."), error=True)
            return
        if self._filing:
            return
        self._filing = True
        customer, order = (self.query_one(field, Input).value for field in ("#customer", "#order"))

        def deed(desk: Desk) -> Filed:
            from helpdesk.desk import filing
            from helpdesk.errors import UsageProblem
            from helpdesk.intake import pasted
            from helpdesk.intake.drafts import Rejected

            with desk.store.read() as connection:
                shop = _shop_names(connection, desk.actor)
            try:
                draft = pasted.read(typed, shop).draft(customer, order)
            except Rejected as reason:
                raise UsageProblem(_("The ticket cannot be filed: {reason}.").format(reason=reason)) from reason
            return filing.file(desk, draft)[0]

        self._stopped = True
        self.act(subject, deed, lambda filed: _("Filed ticket {number}.").format(number=filed.number))

    def on_done(self, message: Done) -> None:
        """Say the number; go on, or open it."""
        if message.subject in ("draft", "forget"):
            return
        self.tell(message.sentence)
        self.drop_draft()
        if message.subject == "another":
            self._begin()
            self.begin_anew()
        else:
            self.dismiss()
            self.helpdesk.open_ticket(message.result.number)

    def failed(self, message: Failed) -> None:
        """The text stays."""
        self._filing = self._stopped = False
        super().failed(message)

    def not_done(self) -> str:
        """What is told to who leaves with a text not filed."""
        return _("Not filed. Esc again throws the text away, ^S files it.")


def _shop_names(connection: Any, actor: str) -> list[str]:
    """The names the shop itself writes under in a chat."""
    return list(filter(None, (actor, counts.setting(connection, "shop.name"))))
