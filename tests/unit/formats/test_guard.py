"""The guard: what comes back from the child, and that no fate of the child harms the parent."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from pickle import UnpicklingError

import guard_children as children
import pytest

from crmtui.errors import Conflict, FormatError
from crmtui.formats.guard import run_guarded
from crmtui.formats.table import Note
from crmtui.i18n import set_language


def running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_batches_arrive_whole_and_in_order() -> None:
    assert list(run_guarded(children.batches, 30)) == list(children.batches(30))


def test_our_classes_and_the_language_pass() -> None:
    set_language("zh_CN")
    try:
        note, language, process = run_guarded(children.own_values)
    finally:
        set_language("en")
    assert note == Note("code", "text", 3, 1)
    assert language == "zh_CN"
    assert process != os.getpid()


def test_a_foreign_object_is_not_unpickled() -> None:
    with pytest.raises(UnpicklingError, match="system"):
        list(run_guarded(children.foreign_value))


def test_crm_errors_arrive_as_themselves() -> None:
    items = run_guarded(children.refuses)
    assert next(items) == 1
    with pytest.raises(FormatError) as caught:
        next(items)
    assert (caught.value.message, caught.value.where, caught.value.hint) == ("bad row", "a.csv, row 7", "mend it")
    with pytest.raises(Conflict) as conflict:
        list(run_guarded(children.conflicts))
    assert conflict.value.theirs == {"a": 2}


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(RuntimeError, match="KeyError: 'missing'"):
        list(run_guarded(children.mistaken))


@pytest.mark.parametrize(
    ("function", "limits", "reason"),
    [
        (children.greedy, {"memory_mb": 512}, "512 MB of memory"),
        (children.dies, {}, "signal 11"),
        (children.silent, {"seconds": 0.3}, "longer than"),
    ],
)
def test_limits_and_death_are_a_refused_file(
    function: Callable[[], Iterator[int]], limits: dict[str, int], reason: str
) -> None:
    with pytest.raises(FormatError, match="the file is refused") as caught:
        list(run_guarded(function, **limits))  # type: ignore[arg-type]
    assert reason in caught.value.message


def test_a_child_that_only_computes_is_stopped() -> None:
    with pytest.raises(FormatError, match="longer than"):
        list(run_guarded(children.spins, seconds=0.3))


def test_the_child_writes_no_file_and_its_prints_go_nowhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert list(run_guarded(children.chatty, tmp_path / "made.txt")) == ["OSError"]
    assert capfd.readouterr() == ("", "")


def test_closing_kills_the_child_at_once() -> None:
    items = run_guarded(children.stays, 60.0)
    process = next(items)
    assert running(process)
    items.close()
    assert not running(process)


def test_an_endless_child_is_held_back_by_the_pipe() -> None:
    items = run_guarded(children.endless, memory_mb=256)
    assert sum(len(next(items)) for _ in range(50)) == 5_000_000
    items.close()


def test_it_works_while_other_threads_run() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    results: list[int] = []
    try:
        workers = [
            threading.Thread(target=lambda: results.append(len(list(run_guarded(children.batches, 5)))))
            for _ in range(3)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        stop.set()
        thread.join()
    assert results == [5, 5, 5]


@pytest.mark.parametrize("ending", ["raise KeyboardInterrupt", "import os; os._exit(1)"])
def test_no_child_outlives_a_parent_that_ends(ending: str) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import guard_children as c\nfrom crmtui.formats.guard import run_guarded\n"
        f"items = run_guarded(c.stays, 60.0)\nprint(next(items), flush=True)\n{ending}\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    process = int(done.stdout)
    for _ in range(200):
        if not running(process):
            return
        threading.Event().wait(0.01)
    pytest.fail("the child still runs")
