from collections.abc import Iterable

import pytest
from textual.app import App
from textual.color import Color
from textual.theme import Theme

from crmtui.tui.themes import ANSI, DARK, LIGHT, THEMES, choose_appearance, register_themes, theme_names


def pairs(theme: Theme) -> Iterable[tuple[str, str, str, float]]:
    variables, background = theme.variables, str(theme.background)
    yield "text", str(theme.foreground), background, 7
    for name in ("text-muted", "text-accent", "text-success", "text-warning", "text-error"):
        yield name, variables[name], background, 4.5
    for name in ("block-cursor", "block-cursor-blurred", "input-cursor"):
        yield name, variables[f"{name}-foreground"], variables[f"{name}-background"], 4.5


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_can_be_read(theme: Theme) -> None:
    for name, foreground, background, least in pairs(theme):
        ratio = contrast(Color.parse(foreground), Color.parse(background))
        assert ratio >= least, f"{theme.name}: {name} has contrast {ratio:.1f}"


def contrast(one: Color, other: Color) -> float:
    """Contrast as WCAG 2 defines it."""

    def luminance(color: Color) -> float:
        parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_no_color_means_the_terminals_own_colours() -> None:
    assert choose_appearance(DARK, {"NO_COLOR": "1"}) == (ANSI, True)


def test_empty_no_color_means_nothing_and_is_kept_from_textual() -> None:
    environment = {"NO_COLOR": ""}
    assert choose_appearance(LIGHT, environment) == (LIGHT, None)
    assert environment == {}


def test_an_unknown_theme_gives_the_dark_one() -> None:
    assert choose_appearance("no-such-theme", {}).theme == DARK


def test_every_offered_name_is_a_theme() -> None:
    app: App[None] = App()
    register_themes(app)
    assert set(theme_names()) <= set(app.available_themes)
