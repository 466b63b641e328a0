"""Measure crmtui beside its peers: ``.venv/bin/python benchmarks/run.py VERB``.

data makes what is missing; the other verbs measure one area each; all measures everything and writes RESULTS.md;
report writes it from what was measured last.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import commands
import mass
import peers
import searching
import terminal
from figures import AREAS, Area, Figure, load_now, report, save, table, today, versions
from setting import Setting, make_data, warm

MEASURE: dict[str, Callable[[Setting], tuple[list[Figure], list[str]]]] = {
    "tui": terminal.measure,
    "link": terminal.measure_link,
    "search": searching.measure,
    "find": commands.measure,
    "edit": mass.measure_edit,
    "import": mass.measure_import,
    "undo": mass.measure_undo,
    "peers": peers.measure,
}
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "verbs",
        nargs="+",
        choices=["data", *AREAS, "all", "report"],
        metavar="VERB",
        help=" ".join(["data", *AREAS, "all report"]),
    )
    parser.add_argument(
        "--data", type=Path, default=Path(__file__).with_name("data"), help="folder of the data (benchmarks/data)"
    )
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, for a trial")
    options = parser.parse_args()
    setting = Setting(options.data.resolve(), options.customers, options.quick)
    make_data(setting)
    verbs = [*AREAS, "report"] if "all" in options.verbs else options.verbs
    for verb in verbs:
        if verb in MEASURE:
            _measure(setting, verb)
        elif verb == "report":
            RESULTS.write_text(
                report(setting.folder, setting.customers, versions(setting.peers / "python")), encoding="utf-8"
            )
            print(f"written: {RESULTS}")
    return 0


def _measure(setting: Setting, verb: str) -> None:
    warm(setting.database)
    before = load_now()
    figures, notes = MEASURE[verb](setting)
    area = Area(verb, figures, notes, f"{before} before, {load_now()} after", today())
    save(setting.folder, area)
    print(f"## {AREAS[verb]}\n", *table(figures), "", *notes, f"load average {area.load}\n", sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
