"""Pictures of the real program for the README and the docs: SVG by the app itself, PNG by headless Chromium.

    python scripts/make_screenshots.py [NAME …]      # into screenshots/; all scenes, or those named

Textual squeezes Chinese text in its SVG (it counts characters, not cells): each text is given its true width here.
"""

import asyncio
import html
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.cells import cell_len

from crmtui.config import Settings
from crmtui.i18n import set_language
from crmtui.services.demo import make_demo
from crmtui.services.workspace import open_workspace
from crmtui.tui.app import CrmApp

FOLDER = Path(__file__).parent.parent / "screenshots"
CELL_WIDTH = 12.2
_TEXT = re.compile(r"<text ([^>]*)>([^<]*)</text>")
_RUNS = re.compile("[\x20-\x7e\xa0]+|(?:[\u2500-\u257f])+|.", re.DOTALL)
_FONTS = "'Fira Code', 'Noto Sans Mono CJK SC', 'Noto Sans CJK SC', monospace"


class Scene(NamedTuple):
    """One picture: the keys to press from the first screen, the size in cells, the language, the theme."""

    name: str
    keys: Sequence[str]
    size: tuple[int, int] = (120, 36)
    language: str = "en"
    theme: str = "dark"


LIST_KEYS = ("slash", "z", "w", "enter")
TOUR: tuple[Scene, ...] = (
    Scene("customers", (*"ssssss", "g")),
    Scene("search", LIST_KEYS[:-1]),
    Scene("customer", (*LIST_KEYS, "enter")),
    Scene("form", (*LIST_KEYS, "e")),
    Scene(
        "call", (*LIST_KEYS, "enter", "c", *"8m price agreed, samples on Friday".replace(" ", "␣").replace(",", "‚"))
    ),
    Scene("history", ("7",)),
    Scene("help", ("question_mark",)),
    Scene("palette", ("colon", "t", "a")),
)
SCENES: tuple[Scene, ...] = (
    *TOUR,
    *(scene._replace(name=f"{scene.name}-zh", language="zh_CN") for scene in TOUR),
    *(scene._replace(name=f"{scene.name}-80x24", size=(80, 24)) for scene in TOUR[:4]),
    *(scene._replace(name=f"{scene.name}-80x24-zh", size=(80, 24), language="zh_CN") for scene in TOUR[:4]),
    Scene("customers-light", (*"ssssss", "g"), theme="light"),
)
_KEY_NAMES = {"␣": "space", "‚": "comma"}


async def take(scene: Scene, database: str) -> str:
    """Play a scene and return its SVG."""
    set_language(scene.language)
    region, currency = ("CN", "CNY") if scene.language == "zh_CN" else ("US", "USD")
    with open_workspace(database, actor="me", region=region, currency=currency) as workspace:
        app = CrmApp(workspace, Settings(theme=scene.theme))
        async with app.run_test(size=scene.size) as pilot:
            await pilot.pause(0.4)
            for key in scene.keys:
                await pilot.press(_KEY_NAMES.get(key, key))
            await pilot.pause(0.5)
            return true_widths(app.export_screenshot(title="crmtui"))


def true_widths(svg: str) -> str:
    """Put every character where its cell is, in fonts that have it; drop what would be fetched from the net.

    A run of ASCII stays one text; any other character becomes a text of its own at the place of its cell, for browsers
    would spread the difference between its glyph and its cells over the whole line.
    """
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    svg = re.sub(r"font-family:\s*Fira Code,\s*monospace", f"font-family: {_FONTS}", svg)
    return _TEXT.sub(_place, svg)


def _place(match: re.Match[str]) -> str:
    attributes, text = match.groups()
    if "textLength" not in attributes:
        return match[0]  # the title of the window
    x = float(re.search(r'x="([\d.]+)"', attributes).group(1))  # type: ignore[union-attr]  # Rich always writes it
    rest = " " + re.sub(r'\b(x|textLength)="[\d.]+"', "", attributes).strip()
    pieces = []
    for run in _RUNS.findall(html.unescape(text)):
        cells = cell_len(run)
        if cells and run.strip("\xa0 "):
            fit = (
                ""
                if cells == 2 and len(run) == 1
                else f' textLength="{cells * CELL_WIDTH:g}" lengthAdjust="{_adjust(run)}"'
            )
            shift = (CELL_WIDTH * 2 - 20) / 2 if cells == 2 and len(run) == 1 else 0
            pieces.append(f'<text x="{x + shift:g}"{fit}{rest}>{html.escape(run, quote=False)}</text>')
        x += cells * CELL_WIDTH
    return "".join(pieces)


def _adjust(run: str) -> str:
    """ASCII is spaced; a sign or a rule, whose glyph may come from any font, is stretched to its cells."""
    return "spacing" if run.isascii() or "\xa0" in run else "spacingAndGlyphs"


def to_png(svg: Path, png: Path) -> None:
    """Render with headless Chromium, which has glyphs for everything and obeys ``textLength``."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("PNG needs Chromium on the path")
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text(encoding="utf-8")).groups()  # type: ignore[union-attr]
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                chromium,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                "--default-background-color=00000000",
                f"--window-size={int(float(width)) + 1},{int(float(height)) + 1}",
                f"--screenshot={png}",
                svg.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


def main(names: Sequence[str]) -> None:
    """Take the scenes."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for language in ("en", "zh_CN"):
            make_demo(f"{folder}/work-{language}.db", customers=5000, language=language)
        for scene in SCENES:
            if names and scene.name not in names:
                continue
            svg = FOLDER / f"{scene.name}.svg"
            svg.write_text(asyncio.run(take(scene, f"{folder}/work-{scene.language}.db")), encoding="utf-8")
            to_png(svg, svg.with_suffix(".png"))
            print(svg.name)


if __name__ == "__main__":
    main(sys.argv[1:])
