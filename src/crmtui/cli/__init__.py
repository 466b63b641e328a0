"""The command line: one verb, one module; data on stdout, talk on stderr, exit codes that scripts can rely on.

Nothing is imported here that a look-up does not need: a verb's module is imported when the verb is called, and what that
verb needs when it runs.
"""

import os
import sys
from typing import NoReturn

from crmtui.errors import CrmError, ExitCode

_COLLECT_AFTER = 50_000  # new objects; with Python's 700, a look-up spends 2 of its 40 ms looking for garbage


def run() -> NoReturn:
    """The program: run the command line of this process, then leave at once.

    Taking the interpreter apart would cost each look-up 4 ms; what must be closed or written is so when ``main`` returns.
    """
    import gc

    gc.set_threshold(_COLLECT_AFTER)
    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or ExitCode.INTERNAL  # the disk is full, or nobody reads: the exit code is all that can tell
    os._exit(code)


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
        from crmtui.cli.failure import report_crash

        return report_crash(error, arguments, os.environ)
    return code
