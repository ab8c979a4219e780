"""Every action of the interface, once: bindings, footer, help, palette and jump labels are made from this table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from textual.binding import Binding

from helpdesk.i18n import N_, _

EVERYWHERE = "app"
"""The place of the actions that work on every screen."""


EDITOR = "editor"


WRITING = ("editor", "article", "new")
"""The places where the keyboard types."""

HUBS = ("queue", "knowledge", "gaps", "dashboard")
"""The places one goes elsewhere from."""

PLACES = {
    "queue": N_("Queue"),
    "list": N_("A list"),
    "ticket": N_("Ticket"),
    "editor": N_("Answer"),
    "knowledge": N_("Knowledge"),
    "article": N_("Article"),
    "gaps": N_("Gaps"),
    "dashboard": N_("Today"),
    "new": N_("New ticket"),
    "home": N_("Simple mode"),
    "customer": N_("Simple mode"),
    "race": N_("Simple mode"),
    "unanswered": N_("Simple mode"),
}
"""What the screens are called."""

GONE_TO = {place: place for place in ("queue", "knowledge", "gaps", "dashboard", "new")} | {"home": "simple"}
"""The places that can be gone to from everywhere, as `go` calls them; the others need a ticket or an article."""

ON_ARRIVAL = frozenset((
    "queue.next", "queue.query", "queue.undo", "queue.sort", "queue.refresh", "queue.views", "queue.quit",
    "knowledge.search", "knowledge.add", "knowledge.gaps", "knowledge.state", "knowledge.refresh",
    "dashboard.refresh", "dashboard.charts", "home.customer", "home.new", "home.leave", "home.quit",
))  # fmt: skip
"""What can be done to a screen just gone to; the rest is for what its cursor is on, which nobody has looked at yet."""


class Action(NamedTuple):
    """One thing the user can do."""

    id: str
    """What `keys.toml` calls it: the place, a dot, a name."""
    keys: str
    """The keys it begins with, separated by commas."""
    words: str
    """What the footer and the palette call it."""
    tooltip: str
    """One sentence of what it does."""
    does: str
    """The Textual action behind it, such as `close` for `action_close`."""
    verb: str | None = None
    """The command that does the same; None where it only moves about on the screen."""
    footer: bool = False
    """Whether it is one of the few keys of the footer."""

    @property
    def place(self) -> str:
        """The screen it belongs to, or EVERYWHERE."""
        return self.id.partition(".")[0]


ACTIONS: tuple[Action, ...] = (
    # everywhere
    Action("app.help", "question_mark,f1", N_("Help"), N_("Show every key; type to filter, Enter to do it."), "help", footer=True),
    Action("app.palette", "ctrl+p", N_("All actions"), N_("Find any action by its words and do it."), "palette"),
    Action("app.command", "colon", N_("Run a command"), N_("Run any helpdesk command and see what it prints."), "command"),
    Action("app.jump", "semicolon", N_("Jump"), N_("Put a letter on everything that can be gone to."), "jump"),
    Action("app.read_on", "shift+down,ctrl+down", N_("Read on"), N_("Scroll the text beside the list, or above what you write."), "read_on(3)"),
    Action("app.read_back", "shift+up,ctrl+up", N_("Read back"), N_("Scroll it the other way."), "read_on(-3)"),
    Action("app.theme", "f9", N_("Theme"), N_("Change the colours; one theme has high contrast."), "next_theme"),
    Action("app.new", "N", N_("New ticket"), N_("Paste a chat or a mail and file it."), "go('new')", "new", True),
    Action("app.knowledge", "K", N_("Knowledge"), N_("Browse, search and write articles."), "go('knowledge')", "kb list", True),
    Action("app.dashboard", "D", N_("Today"), N_("What came, what was answered, what waits."), "go('dashboard')", "stats", True),
    Action("app.simple", "f12", N_("Simple mode"), N_("Large and calm: one customer, a few buttons."), "go('simple')", "next"),
    Action("app.quit", "ctrl+q", N_("Quit"), N_("Leave the program; drafts are kept."), "quit_desk"),
    # the queue
    Action("queue.next", "n", N_("Next"), N_("Take the ticket that comes first, answer, close, go on."), "flow", "next", True),
    Action("queue.open", "enter,right", N_("Open it"), N_("Open the ticket under the cursor."), "open", "show", True),
    Action("queue.query", "slash", N_("Query"), N_("Narrow the list with a query."), "query", "list", True),
    Action("queue.answer", "a", N_("Answer it"), N_("Answer the ticket under the cursor with its best article."), "write('answer')", "answer", True),
    Action("queue.reply", "r", N_("Reply"), N_("Answer the ticket under the cursor in your own words."), "write('reply')", "reply"),
    Action("queue.mark", "space", N_("Mark"), N_("Mark the ticket, to act on many at once."), "mark", footer=True),
    Action("queue.mark_to", "v", N_("Mark to here"), N_("Mark everything from the last mark to the cursor."), "mark_to"),
    Action("queue.mark_all", "ctrl+a", N_("Mark all"), N_("Mark every ticket of the list."), "mark_all"),
    Action("queue.unmark", "escape", N_("Back"), N_("Take the marks away, then the query."), "back"),
    Action("queue.close", "c", N_("Close"), N_("Close the marked tickets, or the one under the cursor."), "move('close')", "close", True),
    Action("queue.resolve", "d", N_("Resolve"), N_("Mark as resolved."), "move('resolve')", "resolve"),
    Action("queue.hold", "h", N_("Put on hold"), N_("Wait for a third party."), "move('hold')", "hold"),
    Action("queue.snooze", "z", N_("Snooze"), N_("Put away until a time."), "snooze", "snooze"),
    Action("queue.reopen", "o", N_("Reopen"), N_("Open again."), "move('reopen')", "reopen"),
    Action("queue.spam", "s", N_("Spam"), N_("Mark as spam."), "move('spam')", "spam"),
    Action("queue.assign", "m", N_("Take it"), N_("Take it: you are the assignee."), "assign", "set"),
    Action("queue.set", "equals_sign", N_("Set fields"), N_("Set category, priority, mood, assignee, team, tags."), "set", "set"),
    Action("queue.undo", "u", N_("Undo"), N_("Take back what you did last; it is shown first."), "undo", "undo"),
    Action("queue.why", "w", N_("Why?"), N_("Say why the ticket was judged as it was."), "why", "explain"),
    Action("queue.sort", "t", N_("Order by"), N_("Change the order: urgency, due, newest, last changed."), "sort", "list"),
    Action("queue.refresh", "f5", N_("Read again"), N_("Read the list and the counts again."), "refresh", "list"),
    Action("queue.views", "tab,left", N_("Views"), N_("Go between the views and the list."), "views"),
    Action("queue.quit", "q", N_("Quit"), N_("Leave the program."), "app.quit_desk"),
    # a list, wherever one stands
    Action("list.down", "down", N_("Down"), N_("One line down."), "down"),
    Action("list.up", "up", N_("Up"), N_("One line up."), "up"),
    Action("list.page_down", "pagedown", N_("Page down"), N_("One page down."), "page_down"),
    Action("list.page_up", "pageup", N_("Page up"), N_("One page up."), "page_up"),
    Action("list.top", "home", N_("First"), N_("To the first line."), "top"),
    Action("list.bottom", "end", N_("Last"), N_("To the last line."), "bottom"),
    # a ticket
    Action("ticket.answer", "a", N_("Answer it"), N_("Fill the best article's answer into the editor."), "answer(0)", "answer", True),
    Action("ticket.first", "1", N_("1st article"), N_("Fill in the first article."), "answer(0)", "answer"),
    Action("ticket.second", "2", N_("2nd article"), N_("Fill in the second article."), "answer(1)", "answer"),
    Action("ticket.third", "3", N_("3rd article"), N_("Fill in the third article."), "answer(2)", "answer"),
    Action("ticket.reply", "r", N_("Reply"), N_("Answer in your own words."), "reply", "reply", True),
    Action("ticket.note", "i", N_("Add a note"), N_("Add a remark the customer never sees."), "note", "note"),
    Action("ticket.receive", "p", N_("Customer wrote"), N_("Add a further message of the customer."), "receive", "receive"),
    Action("ticket.close", "c", N_("Close"), N_("Close the ticket; in flow mode the next one comes."), "move('close')", "close", True),
    Action("ticket.resolve", "d", N_("Resolve"), N_("Mark as resolved."), "move('resolve')", "resolve"),
    Action("ticket.hold", "h", N_("Put on hold"), N_("Wait for a third party."), "move('hold')", "hold"),
    Action("ticket.snooze", "z", N_("Snooze"), N_("Put away until a time."), "snooze", "snooze"),
    Action("ticket.reopen", "o", N_("Reopen"), N_("Open again."), "move('reopen')", "reopen"),
    Action("ticket.spam", "s", N_("Spam"), N_("Mark as spam."), "move('spam')", "spam"),
    Action("ticket.assign", "m", N_("Take it"), N_("Take it: you are the assignee."), "assign", "set"),
    Action("ticket.external", "e", N_("$EDITOR"), N_("Write the answer in your own editor."), "external", "reply"),
    Action("ticket.set", "equals_sign", N_("Set fields"), N_("Set category, priority, mood, assignee, team, tags."), "set", "set"),
    Action("ticket.undo", "u", N_("Undo"), N_("Take back what you did last; it is shown first."), "undo", "undo"),
    Action("ticket.why", "w", N_("Why?"), N_("Say why the ticket was judged as it was."), "why", "explain", True),
    Action("ticket.pane", "tab", N_("Other half"), N_("Between the conversation and the facts; the arrows scroll the one gone to."), "pane"),
    Action("ticket.events", "g", N_("Events"), N_("Show what happened to the ticket, or hide it."), "events", "show"),
    Action("ticket.suggest", "f5", N_("Judge anew"), N_("Look for articles anew, for what the customer still waits for."), "suggest", "suggest"),
    Action("ticket.next", "n", N_("Next"), N_("Leave this one and take the next."), "next", "next", True),
    Action("ticket.back", "escape,q,left", N_("Back"), N_("Back to the queue."), "back", footer=True),
    # the editor
    Action("editor.send", "ctrl+s", N_("Send"), N_("Send the answer."), "send", "reply", True),
    Action("editor.copy", "ctrl+y", N_("Copy"), N_("Copy the answer, to paste it into a chat window."), "copy", "suggest", True),
    Action("editor.external", "ctrl+o", N_("$EDITOR"), N_("Write on in your own editor."), "external", "reply", True),
    Action("editor.first", "f2", N_("1st article"), N_("Fill in the first article."), "article(0)", "answer"),
    Action("editor.second", "f3", N_("2nd article"), N_("Fill in the second article."), "article(1)", "answer"),
    Action("editor.third", "f4", N_("3rd article"), N_("Fill in the third article."), "article(2)", "answer"),
    Action("editor.discard", "f8", N_("Discard"), N_("Throw this text away."), "discard"),
    Action("editor.back", "escape", N_("Keep for later"), N_("Back; the text is kept as a draft."), "back", footer=True),
    # the knowledge base
    Action("knowledge.search", "slash", N_("Search"), N_("Find articles by words or by what they mean."), "search", "kb search", True),
    Action("knowledge.edit", "enter,e", N_("Edit"), N_("Change the article under the cursor."), "edit", "kb edit", True),
    Action("knowledge.add", "a,n", N_("Add"), N_("Write a new article."), "add", "kb add", True),
    Action("knowledge.publish", "p", N_("Publish"), N_("Let the article be sent."), "publish", "kb publish", True),
    Action("knowledge.archive", "x", N_("Archive"), N_("Take the article out of use."), "archive", "kb archive", True),
    Action("knowledge.gaps", "g", N_("Gaps"), N_("What customers ask and no article answers."), "gaps", "kb gaps", True),
    Action("knowledge.state", "t", N_("State"), N_("Show all, only published, drafts, or archived articles."), "state", "kb list"),
    Action("knowledge.tickets", "tab", N_("Tickets"), N_("To the tickets the article answered, and back."), "tickets", "list"),
    Action("knowledge.refresh", "f5", N_("Read again"), N_("Read the articles again."), "refresh", "kb list"),
    Action("knowledge.back", "escape,q,left", N_("Back"), N_("Take the search away, then leave."), "back", footer=True),
    # an article being written
    Action("article.save", "ctrl+s", N_("Save"), N_("Keep the article as it is written here."), "save", "kb edit", True),
    Action("article.publish", "f5", N_("Save and publish"), N_("Keep it and let it be sent."), "publish", "kb publish", True),
    Action("article.language", "f6", N_("Language"), N_("Write the next translation."), "language", "kb edit", True),
    Action("article.field", "tab", N_("Next field"), N_("To the question, the category, the answer, the other phrasings."), "field"),
    Action("article.field_before", "shift+tab", N_("Field before"), N_("To the field before this one."), "field_before"),
    Action("article.back", "escape", N_("Back"), N_("Leave; what is not saved is asked about."), "back", footer=True),
    # the gaps of the knowledge base
    Action("gaps.accept", "enter,a", N_("Keep as draft"), N_("Make a draft article of it."), "accept", "kb gaps", True),
    Action("gaps.edit", "e", N_("Keep and edit"), N_("Make a draft article of it and write on."), "edit", "kb edit", True),
    Action("gaps.back", "escape,q,left", N_("Back"), N_("Back to the articles."), "back", footer=True),
    # today
    Action("dashboard.open", "enter", N_("Open"), N_("Open the waiting ticket under the cursor."), "open", "show", True),
    Action("dashboard.charts", "tab", N_("Charts"), N_("Between the charts and the tickets."), "charts"),
    Action("dashboard.refresh", "f5", N_("Read again"), N_("Read the figures again."), "refresh", "stats", True),
    Action("dashboard.back", "escape,q,left", N_("Back"), N_("Back to the queue."), "back", footer=True),
    # a new ticket
    Action("new.file", "ctrl+s", N_("File"), N_("File the ticket."), "file", "new", True),
    Action("new.another", "ctrl+n", N_("File, then another"), N_("File the ticket and begin the next."), "another", "new", True),
    Action("new.field", "tab", N_("Next field"), N_("To the text, the customer, the order."), "field"),
    Action("new.field_before", "shift+tab", N_("Field before"), N_("To the field before this one."), "field_before"),
    Action("new.back", "escape", N_("Back"), N_("Leave; a text that is not filed is asked about."), "back", footer=True),
    # simple mode: where it begins; the footer's actions are its buttons
    Action("home.customer", "1", N_("Next customer"), N_("Take the customer who comes first."), "customer", "next", True),
    Action("home.new", "2", N_("New customer"), N_("Paste what a customer said and file it."), "app.go('new')", "new", True),
    Action("home.leave", "3", N_("All functions"), N_("Leave simple mode."), "leave", footer=True),
    Action("home.quit", "4,q", N_("Quit"), N_("Leave the program."), "app.quit_desk", footer=True),
    Action("home.before", "up,left", N_("Up"), N_("The button before."), "before"),
    Action("home.after", "down,right", N_("Down"), N_("The button after."), "after"),
    # simple mode: one customer
    Action("customer.send", "1,ctrl+s", N_("Send it"), N_("Send what stands in the answer."), "send", "answer", True),
    Action("customer.other", "2", N_("Another answer"), N_("Show the next answer that may fit."), "other", "suggest", True),
    Action("customer.write", "3", N_("Write it myself"), N_("Change the answer, or write another."), "write", "reply", True),
    Action("customer.solved", "4", N_("Solved: close"), N_("Close it; the next customer comes."), "solved", "close", True),
    Action("customer.skip", "5", N_("Next customer"), N_("This one waits; take the next."), "skip", "next", True),
    Action("customer.back", "6,escape", N_("Back"), N_("Back to the beginning."), "back", footer=True),
    Action("customer.before", "up,left", N_("Up"), N_("The button before."), "before"),
    Action("customer.after", "down,right", N_("Down"), N_("The button after."), "after"),
    # simple mode: somebody was faster
    Action("race.theirs", "1,escape", N_("Let me look first"), N_("Nothing of yours is done; what is new is shown."), "theirs", None, True),
    Action("race.mine", "2", N_("Do it anyway"), N_("Send your answer, or close it, all the same."), "mine", "reply", True),
    Action("race.before", "up,left", N_("Up"), N_("The button before."), "before"),
    Action("race.after", "down,right", N_("Down"), N_("The button after."), "after"),
    # simple mode: nobody answered the one that is to be closed
    Action("unanswered.leave", "1,escape", N_("No, leave it open"), N_("The customer can still be answered."), "leave", footer=True),
    Action("unanswered.close", "2", N_("Yes, close it"), N_("Close it without an answer; the next customer comes."), "close", "close", True),
    Action("unanswered.before", "up,left", N_("Up"), N_("The button before."), "before"),
    Action("unanswered.after", "down,right", N_("Down"), N_("The button after."), "after"),
)  # fmt: skip


def of(place: str) -> list[Action]:
    """The actions of a place, in the order of the table."""
    return [action for action in ACTIONS if action.place == place]


def bindings(*places: str) -> list[Binding]:
    """The bindings of some places; the user's keys replace the keys by the actions' ids."""
    return [
        Binding(
            action.keys,
            action.does,
            action.words,
            show=action.footer,
            id=action.id,
            tooltip=action.tooltip,
            # a text area has keys of its own for these
            priority=place in WRITING,
        )
        for place in places
        for action in of(place)
    ]


def find(actions: Sequence[Action], typed: str) -> Iterator[Action]:
    """The actions that hold everything typed: where the words they are called by begin with it, they come first."""
    wanted = typed.casefold().split()
    ranked = []
    for action in actions:
        places = [_place(action, word) for word in wanted]
        if all(place is not None for place in places):
            ranked.append((sum(filter(None, places)), action))
    yield from (action for _place_, action in sorted(ranked, key=lambda one: one[0]))


def _place(action: Action, word: str) -> int | None:
    """Where an action holds a word, the best place first; None where nowhere."""
    own, sentence = f" {_(action.words)} {action.words}".casefold(), f" {_(action.tooltip)}".casefold()
    holds = (
        own.startswith(f" {word}"),
        f" {word}" in own,
        word in own,
        word in f"{action.id} {action.verb or ''}",
        f" {word}" in sentence,
        word in sentence,
    )
    return holds.index(True) if True in holds else None
