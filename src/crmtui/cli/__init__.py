"""The command line: one verb, one module; data on stdout, talk on stderr, exit codes that scripts can rely on.

Nothing is imported here that a look-up does not need: a verb's module is imported when the verb is called, and what that
verb needs when it runs.
"""

import os
import sys

from crmtui.errors import CrmError, ExitCode


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
