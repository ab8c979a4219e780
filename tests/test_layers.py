"""Imports go down only, and what only one room may do is done in no other (design §3)."""

import ast
import sys
from pathlib import Path

import pytest

import helpdesk

PACKAGE = Path(helpdesk.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
BOTTOM = ("text", "clock", "errors", "config", "i18n", "lexicon", "lookup")

# A room may import itself and every room of a lower floor; two rooms of one floor do not know each other.
FLOORS: tuple[tuple[str, ...], ...] = (
    BOTTOM,
    ("models",),
    ("store", "notify"),
    ("classify", "kb", "sla", "intake"),
    ("views",),
    ("desk",),
    ("words",),
    ("explanation",),
    ("commands", "tui"),
    ("cli",),
    ("__main__",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
JUDGEMENT = ("classify", "kb", "sla", "intake")
DATABASE_LIBRARIES = {"sqlalchemy", "sqlmodel"}


def name_of(path):
    """`helpdesk/desk/steps.py` → `desk.steps`; the package itself is the empty name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def room_of(path):
    return name_of(path).partition(".")[0]


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path):
    """Every module a file imports, at its top or inside a function, with its line: (`helpdesk.desk.steps`, 12)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            if node.module == "helpdesk":
                yield from ((f"helpdesk.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno


def own_imports(path):
    """The rooms of the program a file imports from, with the line."""
    for module, line in imported(path):
        top, _dot, below = module.partition(".")
        if top == "helpdesk" and below and not below.startswith("__"):
            yield below.partition(".")[0], line


def named(path):
    return pytest.param(path, id=name_of(path) or "helpdesk")


def in_rooms(*rooms):
    return [named(path) for path in MODULES if room_of(path) in rooms]


def calls(path):
    """The dotted names of everything a file calls, with the line: (`sqlite3.connect`, 12)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def texts(path):
    """Every string of a file that is not a docstring, the pieces of f-strings too."""
    tree = tree_of(path)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value, node.lineno


def test_every_module_lives_in_a_room_of_the_design():
    assert {room_of(path) for path in MODULES} - set(FLOOR_OF) == {""}


@pytest.mark.parametrize("path", [named(path) for path in MODULES if room_of(path)])
def test_a_room_imports_itself_and_the_floors_below(path):
    room = room_of(path)
    wrong = [
        f"{path.name}:{line} imports {other}"
        for other, line in own_imports(path)
        if other != room and room not in BOTTOM and FLOOR_OF[other] >= FLOOR_OF[room]
    ]
    assert not wrong


@pytest.mark.parametrize("path", in_rooms(*BOTTOM))
def test_the_bottom_imports_only_the_standard_library_and_itself(path):
    foreign = [
        f"{path.name}:{line} imports {module}"
        for module, line in imported(path)
        if module.partition(".")[0] not in sys.stdlib_module_names
        and module.split(".")[:2][-1] not in (*BOTTOM, "helpdesk")
    ]
    assert not foreign


def test_the_modules_of_the_bottom_do_not_import_each_other_in_a_circle():
    uses = {room_of(path): {other for other, _line in own_imports(path)} for path in MODULES if room_of(path) in BOTTOM}
    while uses:
        free = {module for module, needed in uses.items() if not needed & uses.keys()}
        assert free, f"a circle among {sorted(uses)}"
        uses = {module: needed for module, needed in uses.items() if module not in free}


@pytest.mark.parametrize("path", in_rooms(*JUDGEMENT))
def test_judgement_knows_neither_the_store_nor_a_clock_of_its_own(path):
    assert not {"store", "views", "desk"} & {room for room, _line in own_imports(path)}
    assert "sqlite3" not in {module for module, _line in imported(path)}
    own_time = {"clock.now", "now", "time.time", "datetime.now", "datetime.utcnow", "date.today"}
    assert not [f"{path.name}:{line} {name}" for name, line in calls(path) if name in own_time]


@pytest.mark.parametrize("path", in_rooms("notify"))
def test_what_sends_alarms_knows_nothing_of_tickets(path):
    assert {room for room, _line in own_imports(path)} <= {"notify", *BOTTOM}
    assert "sqlite3" not in {module for module, _line in imported(path)}


@pytest.mark.parametrize("path", [named(p) for p in MODULES if room_of(p) not in ("notify", "desk")])
def test_only_the_desk_sends_alarms(path):
    assert "notify" not in {room for room, _line in own_imports(path)}


@pytest.mark.parametrize("path", [named(p) for p in MODULES if room_of(p) not in ("store", "models", "desk")])
def test_only_store_models_and_desk_name_the_database_libraries(path):
    assert not DATABASE_LIBRARIES & {module.partition(".")[0] for module, _line in imported(path)}


@pytest.mark.parametrize("path", [named(path) for path in MODULES if room_of(path) != "store"])
def test_only_the_store_opens_connections_and_sessions_and_ends_transactions(path):
    doors = (
        "connect",
        "Session",
        "create_engine",
        "sessionmaker",
        "commit",
        "rollback",
        "begin_nested",
        "executescript",
    )
    opened = [f"{path.name}:{line} {name}(" for name, line in calls(path) if name.rpartition(".")[2] in doors]
    statements = [
        f"{path.name}:{line} {text!r}"
        for text, line in texts(path)
        if text.strip().upper().split(" ")[0] in ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "PRAGMA", "ATTACH")
        and text.strip() == text.strip().upper()
    ]
    assert not opened + statements


@pytest.mark.parametrize("path", in_rooms("commands", "tui", "cli", "models", *JUDGEMENT))
def test_no_sql_stands_outside_store_views_and_desk(path):
    words = ("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", " WHERE ", " FROM ticket")
    assert not [f"{path.name}:{line} {text!r}" for text, line in texts(path) if any(word in text for word in words)]


@pytest.mark.parametrize("path", [named(path) for path in MODULES if room_of(path) not in ("desk", "store")])
def test_only_the_desk_writes(path):
    assert not [f"{path.name}:{line}" for name, line in calls(path) if name.endswith("store.write")]


@pytest.mark.parametrize("path", in_rooms("views"))
def test_views_only_read(path):
    writing = ("INSERT ", "UPDATE ", "DELETE ", "CREATE ", "DROP ", "REPLACE INTO")
    assert not [f"{path.name}:{line}" for text, line in texts(path) if text.strip().startswith(writing)]
