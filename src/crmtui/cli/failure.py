"""How failures are told: known ones in words, unknown ones in one sentence and a report file without customer data."""

import os
import sys
from collections.abc import Mapping, Sequence

from crmtui import paths
from crmtui.domain.text import display_text
from crmtui.errors import Conflict, CrmError, ExitCode
from crmtui.i18n import _


def tell(error: CrmError) -> int:
    """Tell a failure on stderr: what happened, where, what is safe, what to do next; returns its exit code."""
    where = f"{display_text(error.where)}: " if error.where else ""
    lines = [f"crmtui: {where}{display_text(error.message)}"]
    if isinstance(error, Conflict):
        for name, value in error.theirs.items():
            text = _("{field}: yours “{yours}”, now “{theirs}”").format(
                field=name, yours=_as_text(error.base.get(name)), theirs=_as_text(value)
            )
            lines.append(f"  {display_text(text)}")
    lines += [f"  {display_text(line)}" for line in (error.kept, error.hint) if line]
    _write(lines)
    return int(error.exit_code)


def tell_interrupted() -> int:
    """Say that the person stopped the work."""
    _write(["", "crmtui: " + _("stopped. What was saved before is safe; nothing half done stays.")])
    return ExitCode.INTERRUPTED


def tell_unwritten(error: OSError) -> int:
    """Say that what was asked for could not be written where it was to go (a full disk, most often)."""
    _write(
        [
            "crmtui: " + _("the output cannot be written: {reason}").format(reason=error.strerror or str(error)),
            "  " + _("The customer file is as it was last saved."),
            "  " + _("Check the free space where the output goes"),
        ]
    )
    return ExitCode.DATA


def report_crash(error: Exception, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Leave a crash report and say where it is.

    The report holds versions, the verb and option names, and where in the program the failure happened; no value, no
    message of the failure, no local variable: nothing that could be a customer's.
    """
    lines = ["crmtui: " + _("something went wrong inside the program; the customer file is as it was last saved.")]
    try:
        file = _write_report(error, arguments, environment)
    except OSError as problem:
        lines.append("  " + _("The report could not be written: {reason}").format(reason=problem.strerror))
    else:
        lines.append("  " + _("A report without customer data is in {file}").format(file=display_text(file)))
    _write(lines)
    return ExitCode.INTERNAL


def _write_report(error: Exception, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    import platform
    from datetime import UTC, datetime

    from crmtui import __version__

    moment = datetime.now(UTC)
    report = [
        f"crmtui {__version__}",
        f"python {platform.python_version()} on {platform.platform()}",
        f"at {moment:%Y-%m-%dT%H:%M:%SZ}",
        f"command: crmtui {' '.join(_without_values(arguments))}",
        "",
    ]
    seen: BaseException | None = error
    while seen is not None:
        report += [*_frames(seen), type(seen).__name__, ""]
        seen = seen.__cause__ or seen.__context__
    folder = paths.make_private(paths.crash_folder(environment))
    file = os.path.join(folder, f"crash-{moment:%Y%m%dT%H%M%SZ}-{os.getpid()}.txt")
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.write("\n".join(report))
    return file


def _without_values(arguments: Sequence[str]) -> list[str]:
    """The verb and the option names; everything else of the line may be about a customer and becomes ``…``."""
    from crmtui.cli.command import GLOBAL_OPTIONS
    from crmtui.cli.verbs import MODULES

    verb = next((word for word in arguments if word in MODULES), "")
    module = sys.modules.get(f"crmtui.cli.{MODULES.get(verb)}")  # loading could be what went wrong
    options = [*GLOBAL_OPTIONS, *(each for command in getattr(module, "COMMANDS", ()) for each in command.options)]
    known = {name for option in options for name in (option.name, option.short) if name}
    return [word if word == verb or word in known else "…" for word in (each.partition("=")[0] for each in arguments)]


def _frames(error: BaseException) -> list[str]:
    """Where the error went through: file, line and function, innermost last. Source lines would add nothing a release lacks."""
    found = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        place = code.co_filename.replace("\\", "/").rpartition("/site-packages/")[2].rpartition("/src/")[2]
        name = place if not place.startswith("/") else place.rpartition("/")[2]
        found.append(f"  {name}:{trace.tb_lineno} in {code.co_name}")
        trace = trace.tb_next
    return found


def _as_text(value: object) -> str:
    if isinstance(value, (list, dict)):
        from json import dumps

        return dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _write(lines: Sequence[str]) -> None:
    try:
        sys.stderr.write("\n".join(lines) + "\n")
    except OSError:
        return  # nobody listens on stderr any more, or it is a file on a full disk; the exit code still tells
