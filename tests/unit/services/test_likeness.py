"""Who looks like the customer that is being typed."""

import pytest

from crmtui.domain.intake import new_customer
from crmtui.services.duplicates.scan import scan
from crmtui.services.likeness import look_alikes
from crmtui.services.record import add_customer, archive, edit_customer
from crmtui.services.workspace import Workspace


def alike(workspace: Workspace, **values: str) -> list[tuple[int, str]]:
    return [tuple(each) for each in look_alikes(workspace.database.reader(), new_customer(values, region="CN"))]  # type: ignore[misc]


@pytest.fixture
def known(workspace: Workspace) -> dict[str, int]:
    people = {
        "wei": {"name": "张伟", "phones": "13800138000", "company": "恒达贸易有限公司", "city": "上海"},
        "fang": {"name": "王芳", "phones": "13800138000"},
        "ana": {"name": "Ana García", "emails": "ana.garcia@example.org", "street": "High Street 5", "city": "Leeds"},
        "firm": {"name": "Acme Foods Ltd", "kind": "company", "urls": "https://acme.example.com"},
    }
    return {key: add_customer(workspace, values).customers[0] for key, values in people.items()}


@pytest.mark.parametrize("scanned", [False, True])
def test_points_and_names_are_known_before_and_after_a_scan(
    workspace: Workspace, known: dict[str, int], scanned: bool
) -> None:
    if scanned:
        scan(workspace)
    assert alike(workspace, name="Someone", emails="ANA.GARCIA@example.org") == [(known["ana"], "email")]
    assert alike(workspace, name="张伟")[0] == (known["wei"], "name")
    assert alike(workspace, name="Nobody Atall", phones="+44 20 7946 0000") == []


def test_of_those_behind_one_phone_the_likelier_comes_first(workspace: Workspace, known: dict[str, int]) -> None:
    assert alike(workspace, name="Zhang Wei", phones="138 0013 8000") == [
        (known["wei"], "phone"),
        (known["fang"], "phone"),
    ]


def test_after_a_scan_the_alike_are_found_without_anything_exact(workspace: Workspace, known: dict[str, int]) -> None:
    scan(workspace)
    typed = {"name": "Anna Garcia", "street": "High St. 5", "city": "Leeds"}
    assert alike(workspace, **typed) == [(known["ana"], "alike")]
    assert alike(workspace, name="ACME Foods Limited", kind="company")[0][0] == known["firm"]


def test_what_was_changed_or_archived_since_the_scan_is_seen(workspace: Workspace, known: dict[str, int]) -> None:
    scan(workspace)
    edit_customer(workspace, known["ana"], {"emails": "new@example.org"})
    archive(workspace, [known["wei"]])
    assert alike(workspace, name="Ana Garcia", emails="new@example.org") == [(known["ana"], "email")]
    assert alike(workspace, name="张伟", phones="13800138000") == [(known["fang"], "phone")]
