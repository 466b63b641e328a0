"""Where a reading or writing of a whole file stands, as lines."""

from crmtui.i18n import N_, _
from crmtui.i18n.show import show_number
from crmtui.services.importing.plan import Progress
from crmtui.tui.import_views import summary_words
from crmtui.tui.widgets.text_lines import Line, Span
from crmtui.tui.work_aside import time_left

_PHASES = {
    "read": N_("reading"),
    "order": N_("putting in order"),
    "index": N_("making it findable"),
    "done": N_("finishing"),
}
_BAR_MOST = 60


def progress_lines(progress: Progress | None, width: int) -> list[Line]:
    """The phase with a bar, how fast and how long still, and what became of the rows so far."""
    if progress is None:
        return [Line((Span(" " + _("opening the file …"), "muted"),)), Line(), Line()]
    cells = max(10, min(_BAR_MOST, width - 20))
    share = min(1.0, progress.done / progress.total) if progress.total else 0.0
    filled = round(cells * share)
    bar = (Span(" " + "━" * filled, "accent"), Span("─" * (cells - filled), "muted"), Span(f" {round(share * 100)} %"))
    phase = _(_PHASES.get(progress.phase, progress.phase))
    rows = _("{done} of about {total} rows").format(done=show_number(progress.done), total=show_number(progress.total))
    parts = [rows, _("{count} rows/s").format(count=show_number(round(progress.speed)))] if progress.total > 1 else []
    if progress.seconds_left >= 1:
        parts.append(time_left(round(progress.seconds_left)))
    words = Line((Span(f" {phase}  ", "strong"), Span(" · ".join(parts), "muted")))
    return [words, Line(bar), Line((Span(" " + summary_words(progress.counts), "muted"),))]
