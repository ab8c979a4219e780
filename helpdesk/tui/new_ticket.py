"""A new ticket: a chat or a mail is pasted, and while it is typed the verdict and the articles appear beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from helpdesk import clock, words
from helpdesk.i18n import N_, _, _n
from helpdesk.text import one_line
from helpdesk.tui import actions
from helpdesk.tui.columns import BAND_SIGNS, MOOD_SIGNS, PRIORITY_SIGNS
from helpdesk.tui.drawing import plain
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.messages import Done, Failed, TextJudged
from helpdesk.views import counts
from helpdesk.views.orders import known_orders_of

if TYPE_CHECKING:
    from helpdesk.desk import Desk
    from helpdesk.desk.filing import Filed
    from helpdesk.desk.judge import Judged
    from helpdesk.intake.pasted import Pasted

PAUSE = 0.25
"""Seconds between the last letter typed and the judging."""

MOST_MATCHES = 5

KINDS = {"chat": N_("a chat"), "mail": N_("a mail"), "text": N_("a customer's text")}
"""What a pasted text was read as."""


class VerdictView(VerticalScroll):
    """What the text was read as and judged to be, and the articles that answer it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "card--subject", "card--dim", "card--label", "card--accent", "card--success", "card--warning", "card--error",
        "card--customer", "card--agent",
    }  # fmt: skip

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.shown: TextJudged | None = None
        self._text = Static(markup=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def show(self, found: TextJudged) -> None:
        """Draw a verdict."""
        self.shown = found
        self._draw()

    def notify_style_update(self) -> None:
        """Other colours."""
        super().notify_style_update()
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        if self.shown is None or self.shown.judged is None or self.shown.pasted is None:
            hint = _(
                "Paste a chat or a mail, or type what the customer said.\nWhat it is about appears here meanwhile."
            )
            self._text.update(Text(hint, style=self._style("card--dim")))
        else:
            lines = [*self._read(self.shown.pasted), *self._judged(self.shown.judged)]
            self._text.update(Text("\n").join(lines))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def _fact(self, label: str, value: str, style: str = "", beside: str = "") -> Text:
        return Text.assemble(
            (f"{label} ", self._style("card--label")),
            (one_line(plain(value), 200), self._style(style) if style else ""),
            (f"  {beside}" if beside else "", self._style("card--dim")),
        )

    def _read(self, pasted: Pasted) -> Iterator[Text]:
        row = pasted.row
        yield self._fact(_("Read as"), _(KINDS[pasted.kind]))
        who = " ".join(dict.fromkeys(filter(None, (row.get("name"), row.get("customer")))))
        if who:
            yield self._fact(_("Customer"), who)
        if row.get("subject"):
            yield self._fact(_("Subject"), row["subject"])
        said = row.get("messages", ())
        if said:
            count = len(said) + 1
            told = _n("{count} message", "{count} messages", count).format(count=count)
            ours = sum(one["author"] != "customer" for one in said)
            yield self._fact(_("Said"), told, "", _("{count} of the shop").format(count=ours) if ours else "")
        yield Text("")

    def _judged(self, judged: Judged) -> Iterator[Text]:
        verdict = judged.verdict
        category = verdict.category
        yield self._fact(_("Category"), words.word(category.category), "card--accent", f"{category.confidence:.0%}")
        priority = verdict.priority.priority
        sign = PRIORITY_SIGNS[priority].strip()
        style = {"urgent": "card--error", "high": "card--warning"}.get(priority, "")
        yield self._fact(_("Priority"), f"{words.word(priority)} {sign}", style, f"{verdict.priority.urgency:g}")
        mood = verdict.mood.mood
        yield self._fact(
            _("Mood"), f"{words.word(mood)} {MOOD_SIGNS[mood].strip()}", "card--warning" if mood == "negative" else ""
        )
        yield self._fact(_("Language"), verdict.language)
        for one in verdict.identifiers[:6]:
            yield self._fact(_("Holds"), f"{one.kind} {one.value}", "", f"{one.confidence:.0%}")
        yield Text("")
        band = judged.band
        style = {"answer": "card--success", "suggest": "card--accent"}.get(band, "card--dim")
        yield self._fact(_("Match"), f"{words.word(band)} {BAND_SIGNS[band]}".strip(), style)
        if not judged.matches.found:
            yield Text(_("No article fits."), style=self._style("card--dim"))
        for match in judged.matches.found[:MOST_MATCHES]:
            yield Text.assemble(
                (f"{match.probability:4.0%}  ", self._style("card--accent")),
                one_line(plain(match.question), 200),
                (f"  {one_line(plain(match.article), 60)}", self._style("card--dim")),
            )
        if judged.problems:
            yield Text("")
            yield Text(_("Several matters in one:"), style=self._style("card--label"))
        for problem in judged.problems:
            yield Text(f"「{one_line(plain(problem.text), 40)}」→ {one_line(plain(problem.match.question), 100)}")


class NewTicketScreen(DeskScreen):
    """The text left, the verdict right."""

    place = "new"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("new")

    def __init__(self) -> None:
        super().__init__()
        self._timer: Any = None
        self._warned = False
        self._filing = False

    def body(self) -> Iterable[Widget]:
        """Text, customer, order; verdict."""
        with Container(id="work"):
            with Vertical(id="middle"):
                yield TextArea(id="pasted", soft_wrap=True, tab_behavior="focus", compact=True)
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

    def _begin(self) -> None:
        self.query_one("#pasted", TextArea).text = ""
        for field in ("#customer", "#order"):
            self.query_one(field, Input).value = ""
        self.query_one(VerdictView).show(TextJudged(""))
        self._warned = self._filing = False
        self.query_one("#pasted").focus()

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

        self.act(subject, deed, lambda filed: _("Filed ticket {number}.").format(number=filed.number))

    def on_done(self, message: Done) -> None:
        """Say the number; go on, or open it."""
        self.tell(message.sentence)
        if message.subject == "another":
            self._begin()
        else:
            self.dismiss()
            self.helpdesk.open_ticket(message.result.number)

    def on_failed(self, message: Failed) -> None:
        """The text stays."""
        self._filing = False
        super().on_failed(message)

    def action_field(self) -> None:
        """The next field."""
        self.focus_next()

    def action_back(self) -> None:
        """Leave; when there is a text, only on the second time."""
        if not self.holds_text or self._warned:
            self.dismiss()
            return
        self._warned = True
        self.tell(_("Not filed. Esc again throws the text away, ^S files it."), error=True)


def _shop_names(connection: Any, actor: str) -> list[str]:
    """The names the shop itself writes under in a chat."""
    return list(filter(None, (actor, counts.setting(connection, "shop.name"))))
