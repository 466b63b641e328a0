"""Measured figures beside their bars and peers, and the tables of RESULTS.md made from them."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

AREAS = {
    "tui": "In the terminal, 120×40",
    "link": "Over a poor line: 56 kbit/s, 200 ms",
    "search": "Search",
    "find": "A look-up from the shell",
    "edit": "Saving an edit",
    "import": "Import",
    "undo": "Undo of a mass import",
    "peers": "The same keys in other programs",
}
"""What is measured, in the order of the report."""


class Figure(NamedTuple):
    """One measured number. Met when it is at most ``bar`` and at most ``most`` times the peer's, where these are given."""

    what: str
    ours: float
    unit: str
    bar: float | None = None
    peer: str = ""
    theirs: float | None = None
    most: float | None = None
    detail: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours as a share of the peer's."""
        return self.ours / self.theirs if self.theirs else None

    @property
    def verdict(self) -> str:
        """``met``, ``not met``, or "" when there is no bar."""
        judged = [] if self.bar is None else [self.ours <= self.bar]
        if self.most is not None and self.ratio is not None:
            judged.append(self.ratio <= self.most)
        return "" if not judged else "met" if all(judged) else "**not met**"


class Area(NamedTuple):
    """The figures of one verb, and the circumstances."""

    name: str
    figures: list[Figure]
    notes: list[str]
    load: str
    """Load average over a minute before and after."""
    day: str


def number(value: float | None, unit: str = "") -> str:
    """A number as the tables show it."""
    if value is None:
        return ""
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{text} {unit}".strip()


def table(figures: Sequence[Figure]) -> list[str]:
    """A Markdown table."""
    lines = ["| figure | bar | crmtui | peer | ratio | verdict |", "|---|---|---|---|---|---|"]
    for figure in figures:
        bars = [f"≤ {number(figure.bar, figure.unit)}"] if figure.bar is not None else []
        if figure.most is not None:
            bars.append(f"≤ {figure.most:g}×")
        peer = f"{figure.peer} {number(figure.theirs, figure.unit)}" if figure.theirs is not None else ""
        ratio = f"{figure.ratio:.2f}×" if figure.ratio is not None else ""
        what = f"{figure.what} ({figure.detail})" if figure.detail else figure.what
        cells = (what, " and ".join(bars), number(figure.ours, figure.unit), peer, ratio, figure.verdict)
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def load_now() -> str:
    """The load average over the last minute."""
    return f"{os.getloadavg()[0]:.2f}"


def save(folder: Path, area: Area) -> None:
    """Keep the figures of an area for the report."""
    document: dict[str, Any] = area._asdict()
    document["figures"] = [figure._asdict() for figure in area.figures]
    (folder / f"result-{area.name}.json").write_text(json.dumps(document, ensure_ascii=False, indent=1))


def load(folder: Path, name: str) -> Area | None:
    """The figures kept last, or None."""
    path = folder / f"result-{name}.json"
    if not path.exists():
        return None
    document = json.loads(path.read_text())
    document["figures"] = [Figure(**figure) for figure in document["figures"]]
    return Area(**document)


def report(folder: Path, customers: int, versions: Sequence[str]) -> str:
    """RESULTS.md from the figures that were kept."""
    lines = [
        "# Measured figures",
        "",
        "Written by `benchmarks/run.py`; each table comes from one run, peers and crmtui side by side in it. Times of keys are",
        "taken outside the program, on a pseudo-terminal: from the key to the last byte of the frame that shows the answer.",
        "The file is in the cache of the system.",
        f"The customer file holds {customers:,} customers with five interactions each, unless a line says otherwise.",
        "",
        "Machine: " + "; ".join(machine()) + ".",
        "Versions: " + "; ".join(versions) + ".",
        "",
    ]
    for name, title in AREAS.items():
        area = load(folder, name)
        lines += [f"## {title}", ""]
        if area is None:
            lines += [f"Not measured yet: `benchmarks/run.py {name}`.", ""]
            continue
        lines += [*table(area.figures), ""]
        for note in area.notes:
            lines += [note, ""]
        lines += [f"Measured {area.day}; load average over the run {area.load}.", ""]
    missed = [
        figure for name in AREAS if (area := load(folder, name)) for figure in area.figures if "not" in figure.verdict
    ]
    lines += ["## What is not met", ""]
    lines += [f"- {figure.what}: {number(figure.ours, figure.unit)}" for figure in missed] or [
        "Nothing of what was measured."
    ]
    return "\n".join(lines) + "\n"


def machine() -> list[str]:
    """Processor, cores, memory, kernel."""
    facts = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in facts if line.startswith("model name")), platform.machine()
    )
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return [
        f"{os.cpu_count()} cores of {model}",
        f"{int(memory.split()[1]) / 2**20:.0f} GiB memory",
        f"{platform.system()} {platform.release()}",
    ]


def versions(peers_python: Path) -> list[str]:
    """Python, SQLite and the packages that matter."""
    from crmtui import __version__
    from crmtui.storage.driver import CIPHER, SQLITE_VERSION

    found = [
        f"crmtui {__version__}",
        f"Python {platform.python_version()}",
        f"SQLite {'.'.join(map(str, SQLITE_VERSION))}{' (SQLCipher build)' if CIPHER else ''}",
    ]
    for package in ("textual", "rich"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    ask = "import importlib.metadata as m; print(*(f'{p} {m.version(p)}' for p in ('visidata', 'sqlite-utils')), sep='; ')"
    if peers_python.exists():
        found.append(subprocess.run([peers_python, "-c", ask], capture_output=True, text=True).stdout.strip())
    return [entry for entry in found if entry]


def today() -> str:
    """The day, for the report."""
    return time.strftime("%Y-%m-%d")
