"""``demo``: a believable sample database, made anew, and the app on it."""

import os

from crmtui import paths
from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Command, Option
from crmtui.cli.output import put, put_json
from crmtui.cli.progress import Progress
from crmtui.cli.session import Session
from crmtui.errors import ExitCode, StorageBusy, StorageError, UsageError
from crmtui.i18n import N_, _, current_language

try:
    import fcntl
except ImportError:  # no flock on this platform: two samples at a time are then not kept apart
    fcntl = None  # type: ignore[assignment]

_CUSTOMERS = 5000
_MOST_AT_A_TIME = 9


def _demo(session: Session, arguments: Arguments) -> int:
    stay = arguments.flag("--no-open")
    if not stay:
        from crmtui.cli.screen import need_terminal

        need_terminal()
    given = arguments.number("--customers")
    customers = _CUSTOMERS if given is None else given
    if not 1 <= customers <= 10_000_000:
        raise UsageError(_("--customers goes from 1 to 10,000,000"))
    seed = arguments.number("--seed")
    path = arguments.text("--path") or session.chosen_path
    held = -1
    if path is None:
        path, held = _own_place(session)
    try:
        _make(session, path, customers, 1 if seed is None else seed)
        if stay:
            if session.form == "text":
                put(path)
            else:
                put_json({"path": path, "customers": customers})
            return ExitCode.OK
        from crmtui.cli.screen import run_app

        session.chosen_path = path
        return run_app(session, session.open(), "")
    finally:
        if held >= 0:
            os.close(held)


def _make(session: Session, path: str, customers: int, seed: int) -> None:
    from crmtui.services.demo import make_demo

    with Progress(session, N_("sample"), N_("customers")) as progress:
        make_demo(path, customers=customers, seed=seed, language=current_language(), progress=progress.tell)
    session.say(_("made a sample of {count:,} customers: {path}").format(count=customers, path=path))


def _own_place(session: Session) -> tuple[str, int]:
    """demo.db in the data folder, emptied, or demo-2.db … while other demos run; and the lock that keeps it ours.

    A file that another session has open must not be replaced: SQLite would mix its journal with the new one's.
    """
    folder = paths.data_folder(session.environment)
    try:
        paths.make_private(folder)
        for number in range(1, _MOST_AT_A_TIME + 1):
            path = os.path.join(folder, "demo.db" if number == 1 else f"demo-{number}.db")
            held = _lock(f"{path}.lock")
            if held >= 0:
                for ending in ("", "-wal", "-shm"):
                    if os.path.exists(path + ending):
                        os.unlink(path + ending)
                return path, held
    except OSError as error:
        raise StorageError(
            _("the sample cannot be made: {reason}").format(reason=error.strerror),
            where=folder,
            hint=_("Name another place: --path FILE"),
        ) from error
    raise StorageBusy(_("too many demos are open"), where=folder, hint=_("Close one, or name a place: --path FILE"))


def _lock(path: str) -> int:
    """Hold the lock file; -1 when another demo holds it. The lock ends with the process, however it ends."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    if fcntl is None:
        return descriptor
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return -1
    return descriptor


COMMANDS = (
    Command(
        "demo",
        N_("the app on a fresh sample of some 5,000 customers; your own file is not touched"),
        _demo,
        (),
        (
            Option("--customers", "N", N_("so many customers (5000)"), number=True),
            Option("--seed", "N", N_("another sample for another number (1)"), number=True),
            Option("--path", "FILE", N_("make it there and keep it; the file must not exist yet")),
            Option("--no-open", "", N_("only make it, print its path")),
        ),
        details=N_("Without --path it is demo.db in the data folder, made anew each time."),
        examples=(
            ("crmtui demo", N_("look around without any risk")),
            ("crmtui demo --customers 1000000 --path big.db --no-open", N_("a million customers, for a test")),
        ),
    ),
)
