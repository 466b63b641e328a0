"""``dupes``: scan for duplicates, list them, explain a pair, decide about one."""

from typing import TYPE_CHECKING

from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.session import Session, put_document
from crmtui.cli.show import customer_ids
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _

if TYPE_CHECKING:
    from crmtui.services.duplicates.listing import Explanation

_CSV = ("id_a", "id_b", "score", "level", "reasons")
_FEW = 20


def _dupes(session: Session, arguments: Arguments) -> int:
    verb, *words = arguments.words
    try:
        run = _VERBS[verb]
    except KeyError:
        raise UsageError(
            _("there is no command “{word}”").format(word=f"dupes {verb}"),
            hint=_("It can be: {choices}").format(choices=", ".join(f"dupes {name}" for name in _VERBS)),
        ) from None
    return run(session, arguments, words)


def _scan(session: Session, arguments: Arguments, words: list[str]) -> int:
    _no_words(words)
    workspace = session.open()
    from crmtui.cli.progress import Progress
    from crmtui.i18n.show import show_number
    from crmtui.services.duplicates.scan import scan

    phases = {"first": N_("first look"), "profiles": N_("reading"), "keys": N_("sorting"), "pairs": N_("comparing")}
    with Progress(session, N_("scan"), N_("customers")) as progress:
        result = scan(
            workspace,
            full=arguments.flag("--full"),
            progress=lambda phase, done, total: progress.tell(done, total, phases[phase]),
        )
    if session.form != "text":
        put_document(
            session,
            {
                "scanned": result.scanned,
                "full": result.full,
                "pairs": {level: result.counts.get(level, 0) for level in ("certain", "likely", "possible")},
                "capped": result.capped,
                "seconds": round(result.seconds, 3),
            },
        )
        return ExitCode.OK
    counts = {level: show_number(result.counts.get(level, 0)) for level in ("certain", "likely", "possible")}
    session.say(
        _("{certain} certain, {likely} likely, {possible} possible pairs").format(**counts)
        + " · "
        + _("looked at {count} customers").format(count=show_number(result.scanned))
    )
    for kind, count in result.capped.items():
        session.say(
            _("{count} groups with the same {kind} were too large to compare").format(
                count=show_number(count), kind=_(kind)
            )
        )
    return ExitCode.OK


def _list(session: Session, arguments: Arguments, words: list[str]) -> int:
    workspace = session.open()
    from crmtui.domain.matching.levels import ORDER
    from crmtui.services.duplicates.listing import found

    levels = arguments.all("--level")
    limit = arguments.number("--limit")
    csv = arguments.flag("--csv")
    if limit is None and session.form == "text" and not csv:
        limit = _FEW
    pairs = found(workspace, levels=levels or ORDER, limit=limit, customers=customer_ids(words) if words else ())
    if csv:
        from crmtui.cli.output import put_csv

        put_csv(_CSV, ((each.a_id, each.b_id, each.score, each.level, "; ".join(each.reasons)) for each in pairs))
        return ExitCode.OK
    if session.form != "text":
        from crmtui.cli.output import put_json_list, put_jsonl

        rows = ({**dict(zip(_CSV, each, strict=False)), "reasons": each.reasons, "group": each.group} for each in pairs)
        (put_jsonl if session.form == "jsonl" else put_json_list)(rows)
        return ExitCode.OK
    listed = list(pairs)
    if not listed:
        session.say(_("no duplicates to decide about"))
        session.say(_("crmtui dupes scan looks for them"))
        return ExitCode.NOTHING_FOUND
    from crmtui.cli.output import Column, put_table
    from crmtui.domain.matching.levels import LABELS
    from crmtui.storage.customers import names_of

    names = names_of(workspace.database.thread_reader(), {each for pair in listed for each in (pair.a_id, pair.b_id)})
    put_table(
        [
            Column(_("Level")),
            Column("%", right=True),
            Column("#", right=True),
            Column(_("Name"), gives=True),
            Column("#", right=True),
            Column(_("Name"), gives=True),
            Column(_("Reasons"), gives=True),
        ],
        [
            [
                _(LABELS[each.level]),
                f"{each.score:.1f}",
                str(each.a_id),
                names.get(each.a_id, ""),
                str(each.b_id),
                names.get(each.b_id, ""),
                "; ".join(each.reasons),
            ]
            for each in listed
        ],
    )
    return ExitCode.OK


def _explain(session: Session, arguments: Arguments, words: list[str]) -> int:
    first, second = _two(words)
    workspace = session.open()
    from crmtui.services.duplicates.listing import explain

    told = explain(workspace, first, second)
    if session.form != "text":
        put_document(
            session,
            {
                "id_a": told.a_id,
                "id_b": told.b_id,
                "score": told.score,
                "level": told.level or "none",
                "rival": told.rival,
                "decision": told.decision,
                "verdict": told.verdict,
                "reasons": [each._asdict() for each in told.reasons],
            },
        )
        return ExitCode.OK
    _put_explanation(told)
    return ExitCode.OK


def _put_explanation(told: "Explanation") -> None:
    from crmtui.cli.output import Column, put, put_table, put_title
    from crmtui.domain.matching.levels import LABELS

    level = _(LABELS[told.level]) if told.level else _("no duplicate")
    put_title(f"#{told.a_id} · #{told.b_id}  {level}  {told.score:.1f} %")
    put(told.verdict)
    if told.decision:
        put(_("you decided: the same") if told.decision == "same" else _("you decided: different"))
    if told.reasons:
        put_table(
            [
                Column(_("Compared")),
                Column(f"#{told.a_id}", gives=True),
                Column(f"#{told.b_id}", gives=True),
                Column(_("Agreement"), gives=True),
                Column(_("Bits"), right=True),
                Column(_("Weight"), gives=True),
            ],
            [
                [each.label, each.first, each.second, each.agreement, f"{each.bits:+.1f}", each.strength]
                for each in told.reasons
            ],
        )


def _decide(session: Session, arguments: Arguments, words: list[str]) -> int:
    if len(words) != 3:
        raise UsageError(_("dupes decide needs two ids and “same” or “different”"))
    first, second = _two(words[:2])
    workspace = session.open()
    from crmtui.services.duplicates.deciding import decide, forget

    operation = forget(workspace, first, second) if words[2] == "forget" else decide(workspace, first, second, words[2])
    if session.form != "text":
        put_document(session, {"operation": operation, "id_a": first, "id_b": second, "decision": words[2]})
    if operation:
        session.say(_("noted · operation {id}, crmtui undo takes it back").format(id=operation))
    else:
        session.say(_("nothing to change: it is so already"))
    return ExitCode.OK


def _decisions(session: Session, arguments: Arguments, words: list[str]) -> int:
    _no_words(words)
    workspace = session.open()
    from crmtui.storage.duplicates import decisions

    rows = [each._asdict() for each in decisions(workspace.database.thread_reader())]
    if session.form != "text":
        from crmtui.cli.output import put_json_list, put_jsonl

        (put_jsonl if session.form == "jsonl" else put_json_list)(rows)
        return ExitCode.OK
    from crmtui.cli.output import Column, put_table

    put_table(
        [Column("#", right=True), Column("#", right=True), Column(_("Decision")), Column(_("Who")), Column(_("When"))],
        [
            [
                str(row["a_id"]),
                str(row["b_id"]),
                _("same") if row["decision"] == "same" else _("different"),
                str(row["actor"] or ""),
                str(row["at"] or ""),
            ]
            for row in rows
        ],
    )
    return ExitCode.OK


def _no_words(words: list[str]) -> None:
    if words:
        raise UsageError(_("“{word}” is too much here").format(word=words[0]))


def _two(words: list[str]) -> tuple[int, int]:
    if len(words) != 2:
        raise UsageError(_("this needs the ids of two customers"))
    ids = customer_ids(words)
    return ids[0], ids[-1]


_VERBS = {"scan": _scan, "list": _list, "explain": _explain, "decide": _decide, "decisions": _decisions}

COMMANDS = (
    Command(
        "dupes",
        N_("duplicates: scan, list, explain a pair, decide about one"),
        _dupes,
        (Argument("scan | list | explain A B | decide A B same|different", N_("what to do"), 1, 0),),
        (
            Option("--full", "", N_("scan: look at everybody again and learn the weights anew")),
            Option(
                "--level", "LEVEL", N_("list: only pairs of this level"), ("certain", "likely", "possible"), many=True
            ),
            Option(
                "--limit", "N", N_("list: at most so many; 20 for people, all of them in machine formats"), number=True
            ),
            Option("--csv", "", N_("list: CSV with a header line")),
        ),
        details=N_(
            "scan looks only at what changed since the last one. “different” is remembered for good; dupes decisions lists what"
            " was decided, dupes decide A B forget takes it back. merge joins the records of one customer."
        ),
        examples=(
            ("crmtui dupes scan", N_("look for customers that are recorded twice")),
            ("crmtui dupes list --level certain --csv > certain.csv", N_("the sure ones, as a file")),
            ("crmtui dupes explain 12 345", N_("every signal, both values, and what it says")),
            ("crmtui dupes decide 12 345 different", N_("never propose these two again")),
        ),
    ),
)
