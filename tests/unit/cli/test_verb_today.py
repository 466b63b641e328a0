"""today, and the acts on tasks that belong to it."""

from datetime import datetime, timedelta

from calling import Run


def days(count: int) -> str:
    return (datetime.now() + timedelta(days=count)).date().isoformat()


def test_the_day_in_words_and_as_a_document(two: Run) -> None:
    assert two("today").code == 1
    two("task", "1", "--due", days(-2), "send samples")
    two("task", "1", "--due", days(3), "--owner", "bob", "ring back")
    two("edit", "1", f"birthday=1980-{days(0)[5:]}") if days(0)[5:] != "02-29" else None
    for ago in (67, 56, 45, 34):
        two("log", "1", "--at", f"{days(-ago)} 9:00", "hello")
    ran = two("today")
    assert ran.code == 0
    for text in (
        "Overdue (1)",
        "send samples",
        "Next 7 days (1)",
        "Gone quiet (1)",
        "usually every 11 days, now 34",
        "张伟",
    ):
        assert text in ran.out, text
    document = two("today", "--json").json
    assert document["overdue"]["rows"][0]["name"] == "张伟"
    assert (document["quiet"]["total"], document["quiet"]["more"]) == (1, False)
    assert two("today", "--mine", "--json").json["due_soon"]["total"] == 0
    assert two("today", "--owner", "bob", "--json").json["due_soon"]["total"] == 1
    assert two("today", "--owner", "bob", "--mine").code == 2


def test_a_task_is_snoozed_and_comes_back(two: Run) -> None:
    two("task", "1", "--due", days(-2), "send samples")
    assert two("task", "--snooze", "1").code == 2
    assert two("task", "--snooze", "1", "--due", days(2)).code == 0
    document = two("today", "--json").json
    assert (document["overdue"]["total"], document["due_soon"]["rows"][0]["comes_up"]) == (0, days(2))
    two("undo")
    assert two("today", "--json").json["overdue"]["total"] == 1
