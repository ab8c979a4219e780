"""Draws the screens for the README: `python docs/pictures.py [NAME…]` writes docs/pictures/NAME.svg.

Each picture is the real program on the sample shop, at a moment that stands still, after some keys were pressed.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
NOW = "2026-11-20T08:00:00Z"


class Picture(NamedTuple):
    """One picture: its language, its size, the keys pressed before it is taken; `"…"` is typed as it stands."""

    language: str
    size: tuple[int, int]
    keys: tuple[str, ...]
    theme: str = "dusk"
    simple: bool = False


PASTED = "小明(12345678) 2026/11/20 10:23:11\n付了款没发货，订单号A7K2M9QX4ZP1LW8D\n再不处理我要投诉了"

PICTURES_OF: dict[str, Picture] = {
    "queue": Picture("en", (120, 34), ("down", "down")),
    "queue-zh": Picture("zh", (120, 34), ("down", "down")),
    "knowledge": Picture("en", (120, 34), ("K", "down", "down", "down")),
    "gaps": Picture("zh", (120, 28), ("K", "g")),
    "article": Picture("zh", (120, 28), ("K", "down", "down", "enter")),
    "today": Picture("en", (120, 34), ("D",)),
    "new-ticket": Picture("zh", (120, 30), ("N", f'"{PASTED}')),
    "simple": Picture("zh", (90, 26), ("1",), simple=True),
    "simple-home": Picture("zh", (90, 24), (), simple=True),
    "contrast": Picture("zh", (120, 30), ("down",), theme="contrast"),
}


async def draw(name: str, picture: Picture, store: Path) -> Path:
    """Draw one picture; its file."""
    from helpdesk import i18n
    from helpdesk.store import Store
    from helpdesk.tui.app import HelpdeskApp

    i18n.speak(picture.language)
    app = HelpdeskApp(Store(store), "mei", simple=picture.simple)
    async with app.run_test(size=picture.size) as pilot:
        app.theme = picture.theme
        await settle(pilot)
        for key in picture.keys:
            if key.startswith('"'):
                await pilot.press(*({"\n": "enter"}.get(letter, letter) for letter in key[1:]))
            else:
                await pilot.press(key)
            await settle(pilot)
        path = PICTURES / f"{name}.svg"
        path.write_text(plain_fonts(app.export_screenshot(title="helpdesk", simplify=True)), encoding="utf-8")
    app.office.close()
    return path


async def settle(pilot) -> None:
    """Wait until everything that was asked for is drawn."""
    for _turn in range(4):
        await pilot.pause(0.15)
        await pilot.app.workers.wait_for_complete()
    await pilot.pause(0.3)


def plain_fonts(svg: str) -> str:
    """The picture without fonts that would be fetched from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("font-family: Fira Code, monospace", "font-family: Sarasa Mono SC, Fira Code, monospace")


def main() -> None:
    """Draw the pictures named, or all."""
    sys.path.insert(0, str(ROOT))
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "HELPDESK_NOW": NOW, "HELPDESK_ZONE": "Asia/Shanghai", "HELPDESK_CONFIG": f"{folder}/config",
            "XDG_STATE_HOME": f"{folder}/state", "COLORTERM": "truecolor",
        }  # fmt: skip
        from helpdesk.desk import Desk, demo
        from helpdesk.store import Store

        store = Path(folder) / "demo.db"
        demo.run(Desk(Store(store), "mei"))
        for name in sys.argv[1:] or PICTURES_OF:
            path = asyncio.run(draw(name, PICTURES_OF[name], store))
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
