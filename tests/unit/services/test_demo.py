"""The sample database: the same for a seed and a day, right in its derived values, believable, and all or nothing."""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from crmtui.domain.folding import fold
from crmtui.domain.money import format_money
from crmtui.errors import StorageError
from crmtui.services import demo
from crmtui.services.demo import make_demo
from crmtui.services.sample import mass, names, places, talk
from crmtui.services.sample.calendar import Calendar
from crmtui.services.sample.filling import DUPLICATE_SHARE, Sample
from crmtui.storage import activities
from crmtui.storage.customers import read_customer
from crmtui.storage.database import Database
from crmtui.storage.derived import refresh_customers
from crmtui.storage.driver import Connection
from crmtui.storage.history import read_operation
from crmtui.storage.undo import redo, undo

MONDAY = date(2026, 11, 23)
CUSTOMERS = 1000
TABLES = names.words(
    "customers contact_points addresses tags customer_tags external_ids relations interactions interaction_customers"
    " transactions deals deal_stage_changes tasks views field_definitions"
)


@pytest.fixture(scope="module")
def sample_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    make_demo(str(path), customers=CUSTOMERS, today=MONDAY)
    return path


@pytest.fixture
def reader(sample_path: Path) -> Iterator[Connection]:
    with Database.open(str(sample_path), readonly=True) as database:
        yield database.reader()


def content(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {table: connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in TABLES}


def numbers(connection: Connection, sql: str) -> dict[object, int]:
    return dict(connection.execute(sql).fetchall())


def derived(connection: Connection, ids: list[int]) -> tuple[object, object]:
    """Rows and index terms of these customers, by a writer."""
    marks = ",".join(map(str, ids))
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab('main', 'search', 'instance')")
    return (
        connection.execute(f"SELECT * FROM customers WHERE id IN ({marks}) ORDER BY id").fetchall(),
        sorted(set(connection.execute(f"SELECT doc, term FROM terms WHERE doc IN ({marks})"))),
    )


def test_same_seed_and_day_give_the_same_sample(sample_path: Path, tmp_path: Path, reader: Connection) -> None:
    make_demo(str(tmp_path / "again.db"), customers=CUSTOMERS, today=MONDAY)
    make_demo(str(tmp_path / "other.db"), customers=CUSTOMERS, today=MONDAY, seed=2)
    with Database.open(str(tmp_path / "again.db")) as again, Database.open(str(tmp_path / "other.db")) as other:
        mine, same, different = content(reader), content(again.reader()), content(other.reader())
    assert same.keys() == mine.keys()
    for table in mine:
        if table in ("tags", "customer_tags"):  # tags are numbered as they come
            assert len(same[table]) == len(mine[table])
        else:
            assert same[table] == mine[table], table
    assert different["customers"] != mine["customers"]


def test_another_day_moves_everything_with_it(reader: Connection, tmp_path: Path) -> None:
    later = MONDAY + timedelta(days=28)
    make_demo(str(tmp_path / "later.db"), customers=CUSTOMERS, today=later)
    with Database.open(str(tmp_path / "later.db")) as database:
        moved = database.reader().execute("SELECT at FROM interactions ORDER BY id").fetchall()
    before = reader.execute("SELECT at FROM interactions ORDER BY id").fetchall()
    days = [
        (date.fromisoformat(new[:10]) - date.fromisoformat(old[:10])).days
        for (old,), (new,) in zip(before, moved, strict=True)
    ]
    assert set(days) == {28}


def test_derived_values_are_what_storage_computes(sample_path: Path) -> None:
    with Database.open(str(sample_path)) as database:
        connection = database.writer
        ids = sorted(Random(3).sample(range(1, CUSTOMERS + 1), 200))
        before = derived(connection, ids)
        connection.execute("BEGIN")
        refresh_customers(connection, ids)
        after = derived(connection, ids)
        connection.execute("ROLLBACK")
    assert before == after


def test_it_is_one_operation_that_undo_takes_back_and_redo_brings_again(tmp_path: Path) -> None:
    path = str(tmp_path / "demo.db")
    make_demo(path, customers=80, today=MONDAY)
    with Database.open(path) as database:
        before = content(database.reader())
        operation = read_operation(database.reader(), 1)
        assert operation is not None
        assert (operation.kind, operation.count, operation.state) == ("demo", 80, "done")
        assert database.reader().execute("SELECT count(*) FROM operations").fetchone() == (1,)
        reversal = undo(database, 1, actor="demo")
        assert (reversal.kept, reversal.failed) == ([], [])
        assert all(not rows for table, rows in content(database.reader()).items() if table != "tags")
        assert redo(database, reversal.operation_id, actor="demo").failed == []
        after = content(database.reader())
    version = 20
    for table, rows in before.items():
        if table == "customers":  # undo and redo count as changes of the row
            rows, after[table] = ([row[:version] + row[version + 1 :] for row in part] for part in (rows, after[table]))
        assert after[table] == rows, table


def test_zhang_wei_is_as_the_tour_shows_him(reader: Connection) -> None:
    record = read_customer(reader, 1)
    assert record is not None
    assert (record["name"], record["job_title"], record["company"]) == ("张伟", "采购经理", "上海启明电子有限公司")
    assert record["tags"] == ["VIP"]
    assert [(phone["value"], phone["e164"]) for phone in record["phones"]] == [
        ("138 1234 5678", "+8613812345678"),
        ("021-5555 0101", "+862155550101"),
    ]
    assert record["messaging"] == [{"kind": "wechat", "value": "zw_88"}]
    assert record["emails"][0]["value"] == "zhangwei@qiming.example"
    figures = activities.card_figures(reader, 1)
    assert [(total.ordered, total.orders, total.balance) for total in figures.totals] == [(12_840_000, 9, 0)]
    assert figures.open_deals == 2 and figures.open_deal_amounts == [("CNY", 6_000_000)]
    assert figures.last_order is not None and figures.last_order.number == "SO-10233"
    assert format_money(figures.last_order.amount or 0, "CNY", "zh") == "¥18,200"
    assert figures.last_order.at.startswith("2026-11-11")
    assert figures.next_task is not None and figures.next_task.text == "送样品"
    assert figures.rhythm_days == 11
    last = activities.interactions(reader, 1, 1)[0]
    assert (last.kind, last.minutes, last.body, last.at[:10]) == (
        "call",
        8,
        "价格可以,等总监批,周五送样品",
        "2026-11-21",
    )


@pytest.mark.parametrize("days", range(7))
def test_his_sample_is_due_on_the_coming_friday(days: int) -> None:
    calendar = Calendar(MONDAY + timedelta(days=days))
    due = Sample(20, 1, calendar).drafts[0].tasks[0].due
    assert calendar.weekday(due) == 4 and -7 < due <= 0


def test_lily_zhang_is_there_and_works_for_her_company(reader: Connection) -> None:
    row = reader.execute(
        "SELECT person.name, company.name, person.phone FROM customers person JOIN customers company ON company.id = person.company_id"
        " WHERE person.name = 'Lily Zhang'"
    ).fetchone()
    assert row[:2] == ("Lily Zhang", "Beacon Mill Textiles LLC")


def test_half_are_chinese_and_a_sixth_are_companies(reader: Connection) -> None:
    phones = [row[0] for row in reader.execute("SELECT normalised FROM contact_points WHERE kind = 'phone'")]
    chinese = sum(phone is not None and phone.startswith("+86") for phone in phones)
    assert 0.42 < chinese / len(phones) < 0.58
    english = sum(phone is not None and phone.startswith(("+1", "+44")) for phone in phones)
    assert 0.18 < english / len(phones) < 0.34
    kinds = numbers(reader, "SELECT kind, count(*) FROM customers GROUP BY kind")
    assert 0.11 < kinds["company"] / CUSTOMERS < 0.21
    (linked,) = reader.execute("SELECT count(*) FROM customers WHERE company_id IS NOT NULL").fetchone()
    assert linked > CUSTOMERS / 2
    (wrong,) = reader.execute(
        "SELECT count(*) FROM customers p JOIN customers c ON c.id = p.company_id WHERE c.name <> p.company OR c.kind <> 'company'"
    ).fetchone()
    assert wrong == 0


def test_nothing_has_happened_after_the_day(reader: Connection) -> None:
    for table, column in (
        ("interactions", "at"),
        ("transactions", "at"),
        ("customers", "created_at"),
        ("customers", "updated_at"),
        ("tasks", "done_at"),
        ("tasks", "created_at"),
        ("deals", "created_at"),
        ("deal_stage_changes", "at"),
    ):
        (latest,) = reader.execute(f"SELECT max({column}) FROM {table}").fetchone()
        assert latest <= "2026-11-23T06", (table, column)


def test_nobody_is_known_before_the_first_contact(reader: Connection) -> None:
    (early,) = reader.execute(
        "SELECT count(*) FROM customers c JOIN interactions i ON i.customer_id = c.id WHERE i.at < substr(c.created_at, 1, 10)"
    ).fetchone()
    assert early == 0


def test_tasks_make_today_alive(reader: Connection) -> None:
    due = [row[0][:10] for row in reader.execute("SELECT due_at FROM tasks WHERE done_at IS NULL")]
    assert any(day < "2026-11-23" for day in due)
    assert any("2026-11-23" < day <= "2026-11-29" for day in due)
    assert any(day > "2026-11-29" for day in due)


def test_timelines_are_of_every_length_and_in_the_customers_language(reader: Connection) -> None:
    lengths = [
        row[0]
        for row in reader.execute(
            "SELECT count(i.id) FROM customers c LEFT JOIN interactions i ON i.customer_id = c.id GROUP BY c.id"
        )
    ]
    assert min(lengths) == 0 and 25 < max(lengths) <= 60
    bodies = " ".join(row[0] for row in reader.execute("SELECT body FROM interactions"))
    assert "{" not in bodies and "SO-" in bodies
    for words in ("报价", "lead time", "Lieferzeit", "échantillons"):
        assert words in bodies or words.capitalize() in bodies


def test_orders_named_in_texts_exist(reader: Connection) -> None:
    known = {row[0] for row in reader.execute("SELECT number FROM transactions WHERE kind = 'order'")}
    named = [row[0] for row in reader.execute("SELECT body FROM interactions WHERE body LIKE '%SO-%'")]
    assert named
    assert all(text[text.index("SO-") :][:8] in known for text in named)
    (twice,) = reader.execute(
        "SELECT count(*) FROM (SELECT number FROM transactions WHERE kind = 'order' GROUP BY number HAVING count(*) > 1)"
    ).fetchone()
    assert twice == 0


def test_no_balance_is_negative(reader: Connection) -> None:
    for (customer,) in reader.execute("SELECT DISTINCT customer_id FROM transactions").fetchall():
        for total in activities.card_figures(reader, customer).totals:
            assert total.balance >= 0 and total.ordered > 0


def test_deals_end_in_the_stage_of_their_history(reader: Connection) -> None:
    rows = reader.execute(
        "SELECT d.stage, (SELECT stage FROM deal_stage_changes WHERE deal_id = d.id ORDER BY at DESC, id DESC LIMIT 1),"
        " d.closed_at IS NOT NULL FROM deals d"
    ).fetchall()
    assert {row[0] for row in rows} == {"new", "qualified", "proposal", "negotiation", "won", "lost"}
    assert all(stage == last and closed == (stage in ("won", "lost")) for stage, last, closed in rows)


def test_duplicates_and_dirty_values_are_planted(reader: Connection) -> None:
    sample = Sample(CUSTOMERS, 1, Calendar(MONDAY))
    assert sample.duplicates == int(CUSTOMERS * DUPLICATE_SHARE)
    shared = reader.execute(
        "SELECT count(*) FROM (SELECT normalised FROM contact_points WHERE kind IN ('phone', 'email') AND normalised IS NOT NULL"
        " GROUP BY normalised HAVING count(DISTINCT customer_id) > 1)"
    ).fetchone()[0]
    assert shared >= sample.duplicates
    text = "\n".join(f"{name}\n{notes}" for name, notes in reader.execute("SELECT name, notes FROM customers"))
    for sign in ("[bold]", "\x1b", "  ", "👨\u200d👩\u200d👧"):
        assert sign in text
    streets = "".join(row[0] for row in reader.execute("SELECT street FROM addresses WHERE street IS NOT NULL"))
    postal = "".join(
        row[0] for row in reader.execute("SELECT postal_code FROM addresses WHERE postal_code IS NOT NULL")
    )
    assert any("０" <= character <= "９" for character in streets + postal)
    (unread,) = reader.execute(
        "SELECT count(*) FROM contact_points WHERE kind = 'phone' AND normalised IS NULL"
    ).fetchone()
    assert 0 < unread < CUSTOMERS * 0.02


def test_a_file_in_the_way_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    path.write_bytes(b"precious")
    with pytest.raises(StorageError):
        make_demo(str(path), customers=10)
    assert path.read_bytes() == b"precious" and os.listdir(tmp_path) == ["mine.db"]


def test_a_file_that_appears_meanwhile_is_kept_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    with pytest.raises(StorageError):
        make_demo(str(path), customers=10, progress=lambda _done, _total: path.write_bytes(b"precious") and None)
    assert path.read_bytes() == b"precious" and os.listdir(tmp_path) == ["mine.db"]


def stop(_done: int, _total: int) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("customers", [50, demo.BIG])
def test_an_interrupted_demo_leaves_nothing(tmp_path: Path, customers: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        make_demo(str(tmp_path / "demo.db"), customers=customers, progress=stop)
    assert os.listdir(tmp_path) == []


def test_what_a_killed_demo_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    pid = os.spawnlp(os.P_WAIT, "true", "true") or 2**22 - 7  # no process has this id
    for name in (f"demo.db.demo-{pid}", f"demo.db.demo-{pid}-wal", f"other.db.demo-{pid}", "demo.db.bak"):
        (tmp_path / name).write_bytes(b"x")
    make_demo(str(tmp_path / "demo.db"), customers=10, today=MONDAY)
    assert sorted(os.listdir(tmp_path)) == ["demo.db", "demo.db.bak", f"other.db.demo-{pid}"]


@pytest.mark.parametrize("customers", [1, 3, 7, 40])
def test_small_numbers_are_kept_to(tmp_path: Path, customers: int) -> None:
    told: list[tuple[int, int]] = []
    make_demo(str(tmp_path / "demo.db"), customers=customers, today=MONDAY, progress=lambda *step: told.append(step))
    with Database.open(str(tmp_path / "demo.db")) as database:
        assert database.reader().execute("SELECT count(*), min(id), max(id) FROM customers").fetchone() == (
            customers,
            1,
            customers,
        )
    assert told[-1] == (customers, customers)


def test_views_and_fields_are_in_the_chosen_language(tmp_path: Path) -> None:
    make_demo(str(tmp_path / "zh.db"), customers=10, today=MONDAY, language="zh")
    with Database.open(str(tmp_path / "zh.db")) as database:
        labels = [row[0] for row in database.reader().execute("SELECT label FROM field_definitions ORDER BY id")]
    assert labels[0] == "行业"


def test_the_big_sample_is_right_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "BIG", 1000)
    path = str(tmp_path / "big.db")
    customers = 2 * mass.BATCH + 6
    make_demo(path, customers=customers, today=MONDAY)
    with Database.open(path) as database:
        connection = database.writer
        rows = {table: len(content(connection)[table]) for table in ("customers", "interactions", "transactions")}
        assert rows["customers"] == customers
        assert rows["interactions"] >= 5 * 2 * mass.BATCH and rows["transactions"] >= 2 * mass.BATCH
        ids = [1, 2, 3, *sorted(Random(4).sample(range(7, customers + 1), 200))]
        before = derived(connection, ids)
        connection.execute("BEGIN")
        refresh_customers(connection, ids)
        after = derived(connection, ids)
        connection.execute("ROLLBACK")
        assert before == after
        wrong = connection.execute(
            "SELECT count(*) FROM customers p JOIN customers c ON c.id = p.company_id WHERE c.name <> p.company"
        ).fetchone()[0]
        assert wrong == 0
        assert connection.execute("SELECT max(at) FROM interactions").fetchone()[0] < "2026-11-23T06"


@pytest.mark.parametrize("country", places.COUNTRY_NAMES)
def test_phones_could_be_dialled(country: str) -> None:
    import phonenumbers

    rng = Random(country)
    for _each in range(100):
        place = places.place_in(rng, country)
        for number in (places.mobile(rng, place), places.landline(rng, place)):
            parsed = phonenumbers.parse(number, country.upper())
            assert phonenumbers.is_valid_number(parsed), number
            assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == places.international(
                number, country
            )


@pytest.mark.parametrize("language", talk.LANGUAGES)
def test_every_moment_has_sentences_in_every_language(language: str) -> None:
    words = dict.fromkeys(names.words("p q amt so boss rival fair pct pct2 n wd city who"), "x")
    for moment in talk.MOMENTS:
        options = talk.lines(language, moment)
        assert options
        for line in options:
            assert line.kind in ("call", "email", "meeting", "visit", "message", "note")
            assert line.direction in ("in", "out", None) and line.shortest <= line.longest
            assert "{" not in talk.fill(line.body, words, language)


def test_traditional_forms_fold_to_the_simplified() -> None:
    assert all(fold(there) == fold(here) for here, there in names.TRADITIONAL.items())


def test_tags_are_made_in_the_same_order_whatever_the_hashes(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from crmtui.services.demo import make_demo; from crmtui.storage.driver import connect;"
        "make_demo(sys.argv[1], customers=50);"
        "print([row[0] for row in connect(sys.argv[1]).execute('SELECT name FROM tags ORDER BY id')])"
    )
    told = set()
    for seed in ("1", "2", "3"):
        path = str(tmp_path / f"{seed}.db")
        ran = subprocess.run(
            [sys.executable, "-c", program, path],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        told.add(ran.stdout)
    assert len(told) == 1 and told != {"[]\n"}
