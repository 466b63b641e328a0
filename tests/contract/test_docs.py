"""The generated pages of docs/ are current."""

import make_docs
import pytest

from crmtui.i18n import current_language, set_language


@pytest.mark.parametrize("page", make_docs.PAGES, ids=lambda page: page.path)
def test_generated_page_is_current(page: make_docs.Page) -> None:
    committed = (make_docs.ROOT / page.path).read_text("utf-8")
    assert committed == page.text(), "run scripts/make_docs.py write"


def test_pages_are_english_and_leave_the_language_alone() -> None:
    set_language("zh_CN")
    try:
        before = [page.text() for page in make_docs.PAGES]
        assert current_language() == "zh_CN"
    finally:
        set_language("en")
    assert [page.text() for page in make_docs.PAGES] == before


def test_check_tells_a_stale_page(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert make_docs.main(["check"]) == 0
    monkeypatch.setattr(make_docs, "PAGES", (make_docs.Page("docs/none.md", "crmtui.config:settings_page"),))
    assert make_docs.main(["check"]) == 1
    assert "docs/none.md: stale" in capsys.readouterr().out
