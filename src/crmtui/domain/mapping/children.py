"""The cells of a row that tell what happened with a customer: an interaction, a transaction, a deal or a task."""

import json
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from crmtui.domain.dates import Order, parse_date
from crmtui.domain.intake import Child, Issue, clean_value
from crmtui.domain.mapping.moments import parse_stamp, to_utc
from crmtui.domain.money import MINOR_DIGITS, parse_money, plain_amount
from crmtui.domain.values import parse_bool

_NOTE_OF = {"interaction": "body", "transaction": "note", "deal": "note", "task": "text"}
_TEXTS = frozenset(("body", "note", "text"))
_DURATION = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})", re.ASCII)
_SPOKEN = re.compile(
    r"(?:(\d+) ?(?:h|hrs?|hours?|小时|std)\.?)? ?(?:(\d+) ?(?:m|mins?|minutes?|分钟?))?(?: ?\d+ ?(?:s|secs?|seconds?|秒))?"
)


class Told(NamedTuple):
    """What one column tells: the key within its record, what follows the dot, the text, and how a date in it is written."""

    key: str
    detail: str
    text: str
    order: Order


def _words(*groups: tuple[str, str]) -> dict[str, str]:
    return {word: meaning for meaning, words in groups for word in (meaning, *words.split(";"))}


_KINDS = {
    "interaction": _words(
        (
            "call",
            "phone;phone call;telephone;telefon;anruf;calls;logged call;电话;通话;致电;去电;来电;呼出;呼入;電話;电话拜访;电话沟通",
        ),
        ("email", "e-mail;mail;emails;logged email;邮件;电子邮件;郵件"),
        ("meeting", "meetings;termin;besprechung;appointment;event;demo;conference;会议;会面;面谈;会谈;洽谈;約會"),
        ("visit", "besuch;site visit;on-site;拜访;上门;上门拜访;客户拜访;走访;到访;来访;拜訪"),
        (
            "message",
            "sms;text;text message;whatsapp;wechat;chat;im;linkedin message;nachricht;微信;短信;消息;企业微信;qq;钉钉;聊天;微信沟通",
        ),
        ("note", "notes;notiz;comment;remark;备注;笔记;记录;跟进记录;跟进;其他;other"),
    ),
    "transaction": _words(
        ("order", "orders;sale;sales;invoice;purchase;bestellung;rechnung;订单;销售;购买;下单;消费;发票;訂單"),
        ("payment", "payments;paid;zahlung;receipt;deposit;charge;付款;支付;收款;回款;充值;到账"),
        ("refund", "refunds;refunded;credit note;return;chargeback;gutschrift;erstattung;退款;退货;退单"),
    ),
}
_DIRECTIONS = _words(
    ("in", "inbound;incoming;received;eingehend;呼入;来电;接听;收到;收;incoming_email;incoming call"),
    ("out", "outbound;outgoing;sent;ausgehend;呼出;去电;拨打;发出;发;email;outgoing call"),
)
_STATUS = _words(
    ("open", "pending;unpaid;on hold;processing;new;offen;未付款;待付款;待支付;未支付;未付;处理中;待处理"),
    ("paid", "bezahlt;captured;authorized;已付款;已支付;已付;付款成功;支付成功"),
    ("shipped", "fulfilled;sent;versandt;已发货;待收货;发货"),
    ("delivered", "zugestellt;geliefert;已送达;已签收;签收"),
    ("received", "已收货;已收款"),
    ("done", "completed;complete;closed;success;succeeded;abgeschlossen;完成;已完成;交易成功;交易完成;已结束"),
    ("cancelled", "canceled;void;voided;failed;expired;storniert;取消;已取消;交易关闭;已关闭;关闭"),
)
_STAGES = _words(
    ("new", "open;lead in;prospecting;appointmentscheduled;appointment scheduled;新建;初步接洽;初步接触;线索;新商机"),
    ("qualified", "qualification;qualifiedtobuy;qualified to buy;needs analysis;需求确认;需求分析;确认需求;有意向"),
    (
        "proposal",
        "proposal made;presentationscheduled;presentation scheduled;value proposition;proposal/price quote;方案报价;报价;方案;方案制定",
    ),
    (
        "negotiation",
        "negotiations started;negotiation/review;decisionmakerboughtin;contractsent;contract sent;谈判;商务谈判;合同签订;谈判审核",
    ),
    ("won", "closed won;closedwon;gewonnen;赢单;成交;已成交;成功;签约;已签约;结单成功"),
    ("lost", "closed lost;closedlost;verloren;输单;丢单;失败;流失;已丢单;战败"),
)


def read_child(entity: str, told: Iterable[Told], currency: str, issues: list[Issue]) -> Child:
    """What the columns of one record tell, by column of its table. ``currency`` is that of amounts without one.

    What cannot be read becomes an issue and a line of the note; nothing is dropped. A moment that a task was done at without
    being told is an empty text.
    """
    values: dict[str, object] = {}
    lines: list[str] = []
    external: list[tuple[str, str]] = []
    amount: Told | None = None
    for each in told:
        text = clean_value(each.key, each.text, issues)
        if not text:
            continue
        if each.key == "more":
            lines.append(f"{each.detail}: {text}")
        elif each.key == "external_ids":
            external.append((each.detail or "import", text))
        elif each.key == "amount":
            amount = each
        elif each.key == "currency":
            values["currency"] = _currency(text)
        elif each.key in _READERS:
            found = _READERS[each.key](text, each.order)
            if found is None:
                issues.append(Issue(f"{entity}:{each.key}", _CODES.get(each.key, "not_a_number"), text))
                lines.append(f"{each.key}: {text}")
            else:
                values |= found
        elif each.key in _WORDED:
            meaning = _worded(entity, each.key).get(text.casefold())
            if each.key == "stage" and values.get("stage") in _ENDED and meaning not in _ENDED:
                continue  # a deal that is won or lost has ended, whatever the column of its stage says
            values[each.key] = meaning or (text if each.key in ("status", "stage") else None)
            if meaning is None and each.key in ("kind", "direction"):
                lines.append(f"{each.key}: {text}")
        elif each.key == "items":
            values["items"] = add_items(str(values.get("items") or ""), text)
        elif each.key in _TEXTS and values.get(each.key):
            values[each.key] = f"{values[each.key]}\n{text}"
        else:
            values[each.key] = text
    if amount is not None:
        _read_amount(entity, amount.text.strip(), values, currency, issues, lines)
    if "amount" not in values:
        values.pop("currency", None)
    if entity != "interaction":
        values.pop("utc_offset", None)
    if lines:
        note = _NOTE_OF[entity]
        values[note] = "\n".join(filter(None, (str(values.get(note) or ""), *lines)))
    return Child(entity, {key: value for key, value in values.items() if value is not None}, tuple(external))


def add_items(items: str, text: str) -> str:
    """``items`` (a JSON list of things with a ``name``) and those of ``text``: a JSON list as well, or lines of names."""
    found = _items(items) if items else []
    for each in _items(text):
        if each not in found:
            found.append(each)
    return json.dumps(found, ensure_ascii=False)


def _items(text: str) -> list[object]:
    if text[:1] == "[":
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list):
            return found
    return [{"name": name} for line in text.splitlines() if (name := line.strip())]


def _read_amount(
    entity: str, text: str, values: dict[str, object], currency: str, issues: list[Issue], lines: list[str]
) -> None:
    money = parse_money(text, str(values.get("currency") or currency))
    if money is None:
        issues.append(Issue(f"{entity}:amount", "not_a_number", text))
        lines.append(f"amount: {text}")
        return
    values["amount"], values["currency"] = money.minor, money.currency


def _currency(text: str) -> str | None:
    code = text.strip().upper()
    if code in MINOR_DIGITS:
        return code
    found = parse_money(f"1 {text}", "XXX")
    return found.currency if found is not None and found.currency != "XXX" else None


def _moment(key: str) -> Callable[[str, Order], dict[str, object] | None]:
    def read(text: str, order: Order) -> dict[str, object] | None:
        stamp = parse_stamp(text, order=order)
        found = to_utc(stamp) if stamp is not None else None
        return None if found is None else {key: found[0]}

    return read


def _at(text: str, order: Order) -> dict[str, object] | None:
    stamp = parse_stamp(text, order=order)
    found = to_utc(stamp) if stamp is not None else None
    return None if found is None else {"at": found[0], "utc_offset": found[1]}


def _due(text: str, order: Order) -> dict[str, object] | None:
    stamp = parse_stamp(text, order=order)
    if stamp is None or "T" not in stamp:
        return None if stamp is None else {"due_at": stamp}
    found = to_utc(stamp)
    return None if found is None else {"due_at": found[0]}


def _done(text: str, order: Order) -> dict[str, object] | None:
    answer = _DONE.get(text.casefold(), parse_bool(text, yes_column=True))
    if answer is not None:
        return {"done_at": ""} if answer else {}
    return _moment("done_at")(text, order)


def _expected(text: str, order: Order) -> dict[str, object] | None:
    stamp = parse_stamp(text, order=order)
    day = stamp[:10] if stamp is not None else parse_date(text, order=order, serial=True)
    return None if day is None else {"expected_close": day}


def _minutes(text: str, _order: Order) -> dict[str, object] | None:
    if match := _DURATION.fullmatch(text):
        return {"minutes": int(match[1] or 0) * 60 + int(match[2]) + (1 if int(match[3]) >= 30 else 0)}
    if (match := _SPOKEN.fullmatch(text.casefold())) and (match[1] or match[2]):
        return {"minutes": int(match[1] or 0) * 60 + int(match[2] or 0)}
    number = plain_amount(text, "us")
    return None if number is None or number[1] else {"minutes": max(0, min(round(float(number[0])), 100_000))}


def _probability(text: str, _order: Order) -> dict[str, object] | None:
    number = plain_amount(text, "us")
    if number is None or number[1]:
        return None
    value = float(number[0])
    if 0 < value < 1 or (value == 1 and "." in text):
        value *= 100
    return {"probability": round(value)} if 0 <= value <= 100 else None


_DONE = {
    "completed": True,
    "done": True,
    "closed": True,
    "已完成": True,
    "完成": True,
    "erledigt": True,
} | dict.fromkeys(
    ("open", "not started", "in progress", "pending", "waiting", "未完成", "进行中", "offen", "deferred"), False
)
_READERS: dict[str, Callable[[str, Order], dict[str, object] | None]] = {
    "at": _at,
    "created_at": _moment("created_at"),
    "closed_at": _moment("closed_at"),
    "due_at": _due,
    "done_at": _done,
    "expected_close": _expected,
    "minutes": _minutes,
    "probability": _probability,
}
_ENDED = frozenset(("won", "lost"))
_CODES = dict.fromkeys(("at", "created_at", "closed_at", "due_at", "done_at", "expected_close"), "not_a_date")
_WORDED = frozenset(("kind", "direction", "status", "stage"))


def _worded(entity: str, key: str) -> dict[str, str]:
    if key == "kind":
        return _KINDS[entity]
    return {"direction": _DIRECTIONS, "status": _STATUS, "stage": _STAGES}[key]
