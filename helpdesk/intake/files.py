"""Rows of a file: JSON lines or CSV in the encodings spreadsheets write, one at a time, with the line they stand on."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from helpdesk.i18n import _

LONGEST_LINE = 4_000_000
_CELL_LINES = 2000

CHINESE_HEADERS = {
    "主题": "subject", "标题": "subject", "内容": "body", "正文": "body", "问题": "body", "客户": "customer",
    "顾客": "customer", "买家": "customer", "姓名": "name", "渠道": "channel", "时间": "created_at", "分类": "category",
    "优先级": "priority", "标签": "tags", "订单号": "order_no", "平台": "platform", "商品": "product",
    "商品名称": "product",
    "数量": "quantity", "金额": "amount", "币种": "currency", "状态": "status", "订单状态": "status",
    "下单时间": "created_at", "支付时间": "paid_at", "联系方式": "contact",
}  # fmt: skip
"""What sellers' spreadsheets call the fields; the order columns are those of an acg-faka export."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its line in the file, its fields (or None), what it looked like, and why it could not be read."""

    number: int
    row: dict[str, Any] | None
    raw: str
    problem: str | None = None


def lines(file: IO[bytes], form: str) -> Iterator[Line]:
    """The rows of `file`, which is `jsonl` or `csv`."""
    return csv_lines(file) if form == "csv" else json_lines(file)


def json_lines(file: IO[bytes]) -> Iterator[Line]:
    """The rows of a JSON-lines file in UTF-8; a line that is no JSON object becomes a problem, not an exception."""
    for number, raw in enumerate(file, start=1):
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if raw.isspace() or not raw:
            continue
        try:
            row = json.loads(raw) if len(raw) <= LONGEST_LINE else None
        except (ValueError, RecursionError) as error:
            reason = _("not JSON: {reason}").format(reason=_reason(error))
            yield Line(number, None, raw[:2000].decode("utf-8", "replace"), reason)
            continue
        if isinstance(row, dict):
            yield Line(number, row, "")
        else:
            problem = _("not a JSON object, or a line over {limit} bytes").format(limit=LONGEST_LINE)
            yield Line(number, None, raw[:2000].decode("utf-8", "replace"), problem)


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return _("column {column}: {reason}").format(column=error.colno, reason=error.msg)
    return _("the text is not UTF-8") if isinstance(error, UnicodeDecodeError) else _("nested too deeply")


def csv_lines(file: IO[bytes]) -> Iterator[Line]:
    """The rows of a CSV file: UTF-8 with or without mark, UTF-16 with TABs, or GB18030."""
    head = file.read(1 << 16)
    encoding = _encoding(head)
    stream = io.TextIOWrapper(io.BufferedReader(_Rejoined(head, file)), encoding=encoding, errors="replace", newline="")
    first = stream.readline()
    reader = csv.DictReader(stream, fieldnames=_header(first), delimiter=_delimiter(first), restkey="", strict=True)
    while True:
        begun = reader.line_num + 2
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(begun, None, "", _("not CSV: {reason}").format(reason=error))
            continue
        yield _csv_line(row, begun, reader.line_num + 1)


def _csv_line(row: dict[str, Any], begun: int, ended: int) -> Line:
    if row.get(""):
        return Line(begun, None, json.dumps(row, ensure_ascii=False), _("more cells than the header has"))
    if ended - begun > _CELL_LINES:
        return Line(
            begun, None, "", _("a cell runs over {count} lines: a quote is not closed").format(count=ended - begun)
        )
    row.pop("", None)
    return Line(begun, {key: (value or "").strip("\t") for key, value in row.items()}, "")


def _header(first: str) -> list[str]:
    names = [name.strip().lower() for name in next(csv.reader([first], delimiter=_delimiter(first)), [])]
    return [CHINESE_HEADERS.get(name, name) for name in names]


def _delimiter(first: str) -> str:
    return max(",\t;", key=first.count)


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # the head may end inside a character of up to four bytes
    return "utf-8-sig" if any(_decodes(head[: len(head) - cut]) for cut in range(4)) else "gb18030"


def _decodes(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Rejoined(io.RawIOBase):
    """A stream whose head was already read."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)
