"""Texts with control characters in the form: each has its own stand-in, and every byte comes back."""

import json
from pathlib import Path

from crm_pilot import running
from hypothesis import given
from hypothesis import strategies as st

from crmtui.services.record import add_customer
from crmtui.tui.app import CrmApp
from crmtui.tui.form_model import FormModel
from crmtui.tui.form_values import editable

BIG_LIST = json.loads((Path(__file__).parents[1] / "data" / "blns.json").read_text("utf-8"))
ODD = (
    "␛ alone and \x1b too",
    "↵\n",
    "a\r\nb\nc\rd\x85e\u2028f\u2029",
    "".join(map(chr, range(0xA0))),
    "".join(map(chr, [*range(0xA0), *range(0x2400, 0x2424), 0x21B5, *range(0x2460, 0x2500)])),
)
CONTROLS = st.text(alphabet=st.sampled_from("\x00\t\n\r\x1b\x7f\x85\u2028\u2029␀␛␡↵⏎①ab"), max_size=12)


@given(st.one_of(CONTROLS, st.text(), st.sampled_from([*BIG_LIST, *ODD])))
def test_what_stands_in_a_field_reads_back_as_it_was(text: str) -> None:
    entry = editable(text)
    assert entry.read_back(entry.text) == text
    assert entry.read_back(f"x{entry.text}y") == f"x{text}y"
    assert not any(sign < " " or sign in "\x7f\x85\u2028\u2029" for sign in entry.text)


async def test_an_edit_of_another_field_and_of_the_field_itself_keeps_every_byte(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, _pilot):
        for text in ODD:
            customer = await _stored(app, text)
            model = FormModel(customer, [], "CN")
            notes, title = model.entry("notes"), model.entry("job_title")
            model.set_value(title, "boss")
            assert model.values() == {"job_title": "boss"}
            model.set_value(notes, notes.value + "!")
            assert model.values() == {"job_title": "boss", "notes": f"{customer['notes']}!"}


async def _stored(app: CrmApp, text: str):  # type: ignore[no-untyped-def]
    saved = await app.gateway.write(lambda workspace: add_customer(workspace, {"name": "x", "notes": f"<{text}>"}))
    from crmtui.storage.customers import read_customer

    record = read_customer(app.gateway.page(), saved.customers[0])
    assert record is not None and record["notes"] == f"<{text}>"
    return record
