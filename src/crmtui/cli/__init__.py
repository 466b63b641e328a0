"""The command line: one verb, one module; data on stdout, talk on stderr, exit codes that scripts can rely on.

Nothing is imported here that a look-up does not need: a verb's module is imported when the verb is called, and what that
verb needs when it runs.
"""

import os
import sys

from crmtui.errors import CrmError, ExitCode
from crmtui.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

_COLLECT_AFTER = 50_000  # new objects; with Python's 700, a look-up spends 2 of its 40 ms looking for garbage


def run() -> "NoReturn":
    """The program: run the command line of this process, then leave at once.

    Taking the interpreter apart would cost each look-up 4 ms; what must be closed or written is so when ``main`` returns.
    """
    import gc

    gc.set_threshold(_COLLECT_AFTER)
    _open_missing_streams()
    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or ExitCode.INTERNAL  # the disk is full, or nobody reads: the exit code is all that can tell
    os._exit(code)


def _open_missing_streams() -> None:
    """Give a process that was started with closed streams some that lead nowhere: a file must not get their numbers."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115


def main(argv: list[str] | None = None) -> int:
    """Run the command line ``argv`` (without the program's name; default: that of the process) and return the exit code.

    Raises nothing: every failure is told on stderr, an unknown one also in a crash report without customer data.
    """
    arguments = sys.argv[1:] if argv is None else argv
    try:
        from crmtui.cli.dispatch import dispatch

        code = dispatch(arguments, os.environ)
        sys.stdout.flush()
    except CrmError as error:
        from crmtui.cli.failure import tell

        return tell(error)
    except KeyboardInterrupt:
        from crmtui.cli.failure import tell_interrupted

        return tell_interrupted()
    except BrokenPipeError:
        # The reader of a pipe has enough: not a failure. What is still buffered must not be written when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitCode.OK
    except Exception as error:
        from crmtui.cli.failure import report_crash, tell_unwritten

        if isinstance(error, OSError) and error.filename is None:
            return tell_unwritten(error)
        return report_crash(error, arguments, os.environ)
    return code
