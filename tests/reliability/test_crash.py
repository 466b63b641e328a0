"""kill -9 at random moments: nothing acknowledged is lost, nothing half done is left, the file is sound."""

import random
from pathlib import Path

import pytest
from crash_harness import kill_once
from import_crash import ImportCrash

KILLS = 12
IMPORT_KILLS = 6


@pytest.mark.parametrize("seed", range(3))
def test_nothing_acknowledged_is_lost_and_nothing_half_done_is_left(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    verdicts = [kill_once(str(tmp_path / "crm.db"), draw) for _ in range(KILLS // 3)]
    assert [fault for verdict in verdicts for fault in verdict.faults] == []


@pytest.mark.parametrize("seed", range(2))
def test_an_import_that_is_killed_is_there_whole_or_not_at_all(tmp_path: Path, seed: int) -> None:
    crash = ImportCrash(tmp_path, random.Random(seed))
    assert [fault for _ in range(IMPORT_KILLS // 2) for fault in crash.kill_once().faults] == []
