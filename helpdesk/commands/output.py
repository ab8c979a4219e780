"""How results are printed: JSON for scripts, TAB-separated rows for pipes, tables for people."""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from helpdesk.commands.front import Front
from helpdesk.text import json_safe, one_line, safe

if TYPE_CHECKING:
    from rich.console import Console

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection."""
_MARKDOWN = re.compile(r"([\\\\`*_{}\[\]<>#|~!&:@]|(?<=www)\.)")
_NARROWEST = 16
_GAP = 3  # between two columns: the padding of each and the divider


class Column(NamedTuple):
    """A column of a table: its heading, whether it may be cut to fit, and how it is aligned."""

    title: str
    flexible: bool = False
    right: bool = False


class Cell(NamedTuple):
    """A cell as people see it: text and the style of its meaning."""

    text: str
    style: str = ""


def print_json(value: Any) -> None:
    """One JSON document on stdout: indented on a terminal, on one line elsewhere."""
    document = json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None)
    sys.stdout.write(json_safe(document) + "\n")


def print_jsonl(values: Iterable[Any]) -> None:
    """A JSON document a line."""
    for value in values:
        sys.stdout.write(json_line(value))


def json_line(value: Any) -> str:
    """A JSON document on a line of its own."""
    return json_safe(json.dumps(value, ensure_ascii=False)) + "\n"


def print_objects(front: Front, values: Sequence[Any]) -> bool:
    """Print a list as `--json` or `--jsonl` asks; False when neither was asked."""
    if front.jsonl:
        print_jsonl(values)
    elif front.json:
        print_json(values)
    return front.json or front.jsonl


def print_rows(rows: Iterable[Sequence[object]]) -> None:
    """One row a line, cells separated by TABs, nothing cut: for pipes."""
    for row in rows:
        sys.stdout.write("\t".join(map(_field, row)) + "\n")


def _field(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    value = safe(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    # a spreadsheet would run it; the quote is its own mark for "this is text"
    return f"'{value}" if value.startswith(_FORMULA) else value


def print_csv(rows: Iterable[Sequence[object]]) -> None:
    """Rows as CSV (RFC 4180, but a line ends with a newline alone); no text can be a spreadsheet's formula."""
    import csv

    csv.writer(sys.stdout, lineterminator="\n").writerows([_csv_cell(cell) for cell in row] for row in rows)


def _csv_cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    value = safe(value)
    return f"'{value}" if value.lstrip().startswith(_FORMULA) else value


def print_markdown_table(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """A table as GitHub's Markdown has them; no text can be markup: https://github.github.com/gfm/#tables-extension-."""
    lines = [[column.title for column in columns], ["---:" if column.right else "---" for column in columns]]
    lines += [[markdown(str("" if cell is None else cell)) for cell in row] for row in rows]
    sys.stdout.write("".join(f"| {' | '.join(line)} |\n" for line in lines))


def markdown(text: str) -> str:
    """A text as Markdown that shows it as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", one_line(text))


def console() -> "Console":
    """The terminal as rich sees it; NO_COLOR and the width are its business."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=False)


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[Cell | str]]) -> None:
    """A table for people, Chinese aligned: the flexible column takes what the others leave of the terminal's width."""
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    screen, table = console(), Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    lines = [[Text(one_line(cell.text, 200), style=cell.style) for cell in row] for row in cells]
    widths = [
        max([cell_len(column.title), *(line[place].cell_len for line in lines)]) for place, column in enumerate(columns)
    ]
    taken = sum(width for width, column in zip(widths, columns, strict=True) if not column.flexible)
    left = max(screen.width - taken - _GAP * (len(columns) - 1), _NARROWEST)
    for column, width in zip(columns, widths, strict=True):
        table.add_column(
            Text(column.title),
            justify="right" if column.right else "left",
            no_wrap=True,
            overflow="ellipsis",
            width=min(width, left) if column.flexible else width,
        )
    for line in lines:
        table.add_row(*line)
    screen.print(table)


def print_line(text: str, style: str = "") -> None:
    """A line for people, made harmless and cut to the terminal's width."""
    from rich.text import Text

    console().print(Text(one_line(text, 400), style=style), no_wrap=True, overflow="ellipsis")


def print_text(text: str, style: str = "") -> None:
    """A paragraph, made harmless: wrapped between words on a terminal, as it is in a pipe."""
    if sys.stdout.isatty():
        from rich.text import Text

        console().print(Text(safe(text), style=style))
    else:
        sys.stdout.write(safe(text) + "\n")
