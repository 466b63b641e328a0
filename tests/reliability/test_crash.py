"""kill -9 at random moments: nothing acknowledged is lost, nothing half done is left, the file is sound."""

import random
from pathlib import Path

import pytest
from crash_harness import kill_once

KILLS = 12


@pytest.mark.parametrize("seed", range(3))
def test_nothing_acknowledged_is_lost_and_nothing_half_done_is_left(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    verdicts = [kill_once(str(tmp_path / "crm.db"), draw) for _ in range(KILLS // 3)]
    assert [fault for verdict in verdicts for fault in verdict.faults] == []
