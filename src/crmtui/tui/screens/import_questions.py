"""What a person may say about a file that is being brought in: encoding, delimiter, sheet, header row, fields, country, mode."""

import re
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

from crmtui.domain.text import display_text
from crmtui.errors import InvalidValue
from crmtui.i18n import _
from crmtui.services import bring_in
from crmtui.services.importing.plan import MODES, ImportPlan, Mode
from crmtui.services.workspace import Workspace
from crmtui.storage.definitions import custom_fields
from crmtui.tui import import_views as views
from crmtui.tui.import_opening import ENCODINGS
from crmtui.tui.screens.base import CrmScreen
from crmtui.tui.screens.pick import Choice, PickScreen
from crmtui.tui.work_aside import run_told

ENCODING_ACTIONS = ("import.encoding_1", "import.encoding_2", "import.encoding_3")
_DELIMITERS = (",", ";", "\t", "|")
_REGION = re.compile(r"[A-Za-z]{2}")


class ImportQuestions(CrmScreen):
    """The questions of the steps. Each answer makes another plan; ``plan_changed`` is told then."""

    plan: ImportPlan
    encodings: tuple[tuple[str, float], ...]
    """The encodings the file may have, with how sure each is; the likely one first."""
    chosen: dict[str, str]
    """The fields a person has chosen, by column."""

    def plan_changed(self) -> None:
        """The plan is another one: what was rehearsed with the old one counts no more."""

    def column_under_cursor(self) -> int:
        """The index of the column of the file that is meant."""
        return 0

    def step_actions(self) -> Sequence[str]:
        """The actions that only some steps know and that work now."""
        return ()

    def _begin_if_due(self, action_id: str, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin what an action of a step asks; the palette offers it in every step."""
        if action_id in self.step_actions():
            self.crm.begin(act())
        else:
            self.tell(_("not in this step"))

    # The keys that ask

    def action_import_encoding_1(self) -> None:
        """Read the file in the likeliest encoding."""
        self._take_encoding(0)

    def action_import_encoding_2(self) -> None:
        """Read the file in the second."""
        self._take_encoding(1)

    def action_import_encoding_3(self) -> None:
        """Read the file in the third."""
        self._take_encoding(2)

    def _take_encoding(self, index: int) -> None:
        async def take() -> None:
            self._detect_again(encoding=self.encodings[index][0])

        self._begin_if_due(ENCODING_ACTIONS[index], take)

    def action_import_encoding(self) -> None:
        """Choose the encoding."""
        self._begin_if_due("import.encoding", self._choose_encoding)

    def action_import_delimiter(self) -> None:
        """Choose the delimiter."""
        self._begin_if_due("import.delimiter", self._choose_delimiter)

    def action_import_sheet(self) -> None:
        """Choose the sheet."""
        self._begin_if_due("import.sheet", self._choose_sheet)

    def action_import_header(self) -> None:
        """Ask for the header row."""
        self._begin_if_due("import.header", self._choose_header)

    def action_import_region(self) -> None:
        """Ask for the country of phones."""
        self._begin_if_due("import.region", self._choose_region)

    def action_import_mode(self) -> None:
        """Choose what becomes of known customers."""
        self._begin_if_due("import.mode", self._choose_mode)

    def action_import_change(self) -> None:
        """Choose another field for the column under the cursor."""
        self._begin_if_due("import.change", self._choose_field)

    def _detect_again(self, **said: Any) -> None:
        """Look at the file again with what the person has said; what was found before stays if that fails."""

        async def work() -> None:
            options = replace(self.plan.options, mapping={}, **said)
            path, chosen = self.plan.path, self.chosen

            def detect(_workspace: Workspace) -> ImportPlan:
                plan = bring_in.detect(path, options)
                kept = {column: field for column, field in chosen.items() if column in plan.detection.columns}
                return bring_in.map_columns(plan, kept)

            self.plan = await run_told(self, detect, lambda: _("looking again …"))
            self.plan_changed()

        self.crm.begin(work())

    async def _pick(self, title: str, choices: Sequence[Choice]) -> str | None:
        answer: str | None = await self.crm.push_screen_and_wait(PickScreen(title, choices))
        return answer

    async def _choose_encoding(self) -> None:
        names = dict.fromkeys([name for name, _sure in self.encodings] + list(ENCODINGS))
        encoding = await self._pick(_("Encoding"), [Choice(name, name.upper()) for name in names])
        if encoding:
            self._detect_again(encoding=encoding)

    async def _choose_delimiter(self) -> None:
        choices = [Choice(sign, views.delimiter_words(sign)) for sign in _DELIMITERS]
        delimiter = await self._pick(_("Delimiter"), choices)
        if delimiter:
            self._detect_again(delimiter=delimiter)

    async def _choose_sheet(self) -> None:
        choices = [
            Choice(sheet.name, display_text(sheet.name, limit=60), detail=_("hidden") if sheet.hidden else "")
            for sheet in self.plan.detection.sheets
        ]
        sheet = await self._pick(_("Sheet"), choices)
        if sheet:
            self._detect_again(sheet=sheet, header_row=None)

    async def _choose_header(self) -> None:
        text = await self.prompt.ask(
            f" {_('header row')} › ", value=str(self.plan.detection.header_row), placeholder=_("0: there is none")
        )
        if text is None or not text.strip():
            return
        if not text.strip().isdecimal():
            raise InvalidValue(_("{text} is no number of a row").format(text=text), field="header_row")
        self._detect_again(header_row=int(text))

    # Map

    async def _choose_field(self) -> None:
        index = self.column_under_cursor()
        column = self.plan.mapping[index].column
        customs = [field.key.removeprefix("custom.") for field in custom_fields(self.crm.gateway.page())]
        choices = [Choice(*entry) for entry in views.target_choices(column, customs)]
        field = await self._pick(f"{display_text(column, limit=40)} →", choices)
        if field:
            self._map_again({**self.chosen, column: field})

    async def _choose_region(self) -> None:
        text = await self.prompt.ask(f" {_('country of phones')} › ", value=self.plan.region, placeholder="CN US DE GB")
        if text is None or not text.strip():
            return
        if not _REGION.fullmatch(text.strip()):
            raise InvalidValue(_("a country is two letters, such as CN or US"), field="region")
        region = text.strip().upper()
        self.plan = replace(self.plan, region=region, options=replace(self.plan.options, region=region))
        self._map_again(self.chosen)

    def _map_again(self, chosen: dict[str, str]) -> None:
        async def work() -> None:
            plan = self.plan
            self.plan = await run_told(
                self, lambda _workspace: bring_in.map_columns(plan, chosen), lambda: _("one moment …")
            )
            self.chosen = chosen
            self.plan_changed()

        self.crm.begin(work())

    async def _choose_mode(self) -> None:
        answer = await self._pick(
            _("What becomes of known customers?"), [Choice(key, _(views.MODE_LABELS[key]), key) for key in MODES]
        )
        mode: Mode | None = next((mode for mode in MODES if mode == answer), None)
        if mode and mode != self.plan.options.mode:
            self.plan = replace(self.plan, options=replace(self.plan.options, mode=mode))
            self.plan_changed()
