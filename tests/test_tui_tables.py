"""The tables behind the interface: every action can be found, has a key of its own, and a command beside it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from conftest import Run
from screens import Stage, perform

import helpdesk.tui
from helpdesk import cli, config
from helpdesk.errors import UsageProblem
from helpdesk.tui import actions, keys, saved_views
from helpdesk.tui.actions import ACTIONS, EVERYWHERE, Action
from helpdesk.tui.answer import AnswerScreen
from helpdesk.tui.app import HelpdeskApp
from helpdesk.tui.article_editor import ArticleEditor
from helpdesk.tui.dashboard import DashboardScreen
from helpdesk.tui.gaps import GapsScreen
from helpdesk.tui.knowledge import KnowledgeScreen
from helpdesk.tui.line_list import LineList
from helpdesk.tui.new_ticket import NewTicketScreen
from helpdesk.tui.palette import ActionList, Palette
from helpdesk.tui.queue import QueueScreen
from helpdesk.tui.simple_customer import SimpleCustomer
from helpdesk.tui.simple_home import SimpleHome
from helpdesk.tui.simple_questions import SimpleRace, SimpleUnanswered
from helpdesk.tui.ticket import TicketScreen
from helpdesk.views.query import Scope, parse

OWNERS = {
    "queue": QueueScreen,
    "ticket": TicketScreen,
    "editor": AnswerScreen,
    "list": LineList,
    "knowledge": KnowledgeScreen,
    "article": ArticleEditor,
    "gaps": GapsScreen,
    "dashboard": DashboardScreen,
    "new": NewTicketScreen,
    "home": SimpleHome,
    "customer": SimpleCustomer,
    "race": SimpleRace,
    "unanswered": SimpleUnanswered,
    EVERYWHERE: HelpdeskApp,
}
MOVES_ABOUT = {
    "app.help", "app.palette", "app.command", "app.jump", "app.read_on", "app.read_back", "app.theme", "app.quit",
    "queue.mark", "queue.mark_to", "queue.mark_all", "queue.unmark", "queue.views", "queue.quit",
    "list.down", "list.up", "list.page_down", "list.page_up", "list.top", "list.bottom",
    "ticket.pane", "ticket.back", "editor.discard", "editor.back",
    "knowledge.back", "article.back", "gaps.back", "dashboard.charts", "dashboard.back", "new.field", "new.back",
    "article.field", "article.field_before", "new.field_before",
    "home.leave", "home.quit", "home.before", "home.after", "customer.back", "customer.before", "customer.after",
    "race.theirs", "race.before", "race.after", "unanswered.leave", "unanswered.before", "unanswered.after",
}  # fmt: skip
"""The actions that only move about on the screen: no command does the same."""

WITHOUT_LIST = (*actions.WRITING, "home", "customer", "race", "unanswered")
"""The places where no list stands."""

TUI = Path(helpdesk.tui.__file__).parent


def shipped_sets():
    return config.tables("keys.toml")["sets"]


def test_no_two_actions_have_one_id():
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_an_action_does_something_where_it_belongs(action):
    owner = next(owner for place, owner in OWNERS.items() if place == action.place)
    name = action.does.partition("(")[0]
    if name.startswith("app."):
        owner, name = HelpdeskApp, name.removeprefix("app.")
    assert callable(getattr(owner, f"action_{name}")), action.does


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_an_action_has_a_command_that_does_the_same_or_only_moves_about(action):
    verbs = set(cli.verbs())
    assert (action.verb in verbs) != (action.id in MOVES_ABOUT)


@pytest.mark.parametrize("name", ["plain", "vim"])
@pytest.mark.parametrize("place", [place for place in OWNERS if place not in (EVERYWHERE, "list")])
def test_no_key_means_two_things_in_one_place(place, name):
    remapped = shipped_sets()[name]
    taken = {}
    lists = [] if place in WITHOUT_LIST else actions.of("list")
    for action in [*actions.of(place), *lists, *actions.of(EVERYWHERE)]:
        for key in remapped.get(action.id, action.keys).split(","):
            assert key not in taken or place == "editor", (key, action.id, taken[key])
            taken[key] = action.id


@pytest.mark.parametrize("name", ["plain", "vim"])
def test_a_shipped_set_names_only_actions_there_are(name):
    assert set(shipped_sets()[name]) <= {action.id for action in ACTIONS}


@pytest.mark.parametrize(
    ("text", "named"),
    [('set = "emacs"', "emacs"), ('[keys]\n"queue.fly" = "x"', "queue.fly"), ("[keys", "keys.toml")],
)
def test_keys_nobody_understands_are_a_sentence(tmp_path, monkeypatch, text, named):
    monkeypatch.setenv("HELPDESK_CONFIG", str(tmp_path))
    (tmp_path / "keys.toml").write_text(text, encoding="utf-8")
    config.tables.cache_clear()
    try:
        with pytest.raises(UsageProblem, match=re.escape(named)):
            keys.chosen()
    finally:
        config.tables.cache_clear()


OPENED = (
    ("", "queue"), ("enter", "ticket"), ("r", "editor"), ("escape escape K", "knowledge"), ("e", "article"),
    ("escape g", "gaps"), ("D", "dashboard"), ("N", "new"), ("escape f12", "home"), ("1", "customer"),
)  # fmt: skip
"""The keys that lead from each place to the next."""


def test_the_help_of_each_screen_offers_its_actions_and_the_palette_all(shop: Run) -> None:
    async def offered(stage: Stage, key: str) -> list[Action]:
        await stage.press(key)
        palette = stage.app.screen
        assert isinstance(palette, Palette)
        found = list(palette.query_one("#actions", ActionList).actions)
        await stage.press("escape")
        return found

    async def play(stage: Stage) -> None:
        for opening, place in OPENED:
            await stage.press(*opening.split())
            lists = ["list"] if stage.app.screen.query(LineList) else []
            here = [action for action in ACTIONS if action.place in (place, *lists, EVERYWHERE)]
            if place not in actions.WRITING:
                assert set(await offered(stage, "f1")) == set(here)
            everything = await offered(stage, "ctrl+p")
            assert set(everything[: len(here)]) == set(here)
            assert sorted(everything) == sorted(ACTIONS)

    perform(shop.store, play)


def test_every_view_is_a_query_that_can_be_read():
    scope = Scope(0, "mei", ("delivery", "other"))
    for view in saved_views.all_views(scope.categories):
        parse(view.query, scope)


READS_MARKUP = {"Static", "Label", "Button", "Collapsible", "RadioButton", "Checkbox", "Option", "Digits", "Tab"}
"""Widgets that take a str for markup."""


def calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node, (node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", ""))


@pytest.mark.parametrize("path", sorted(TUI.glob("*.py")), ids=lambda path: path.stem)
def test_no_text_is_read_as_markup(path):
    """A widget that reads markup gets `markup=False`, a Text, or nothing; `notify` always `markup=False`."""
    wrong = []
    for call, name in calls(path):
        without = any(word.arg == "markup" and getattr(word.value, "value", None) is False for word in call.keywords)
        if name == "notify":
            wrong += [call.lineno] if not without else []
        elif name in READS_MARKUP and not without:
            first = call.args[0] if call.args else None
            is_text = isinstance(first, ast.Call) and getattr(first.func, "id", "") == "Text"
            wrong += [call.lineno] if first is not None and not is_text else []
    assert wrong == [], f"{path.name}: {wrong}"


@pytest.mark.parametrize("path", sorted(TUI.glob("*.py")), ids=lambda path: path.stem)
def test_no_markup_is_made_of_text(path):
    assert not [call.lineno for call, name in calls(path) if name in ("from_markup", "from_ansi", "render_markup")]


@pytest.mark.parametrize("path", sorted(TUI.glob("*.py")), ids=lambda path: path.stem)
def test_no_widget_that_parses_documents_is_used(path):
    words = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(Markdown|MarkdownViewer|RichLog|Log|Pretty|DirectoryTree)\b\(", words)
