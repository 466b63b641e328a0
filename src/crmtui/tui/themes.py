"""Colours: two calm themes of our own with one accent, and what NO_COLOR asks for.

Meaning never hangs on colour alone, so every theme, the terminal's own sixteen colours (``ansi-dark``) and no colour
at all show the same things.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any, NamedTuple

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

DARK = "crmtui-dark"
LIGHT = "crmtui-light"
ANSI = "ansi-dark"

THEMES = (
    Theme(
        name=DARK,
        dark=True,
        primary="#5fb0b7",
        secondary="#8aa5b5",
        accent="#5fb0b7",
        foreground="#d3d9de",
        background="#14181b",
        surface="#191e22",
        panel="#20262b",
        boost="#20262b",
        success="#8dbb84",
        warning="#d8ac66",
        error="#e07f7f",
        variables={
            "text-muted": "#8b979f",
            "text-disabled": "#66727a",
            "text-accent": "#7cc6cc",
            "text-success": "#9fca96",
            "text-warning": "#e0b877",
            "text-error": "#ec9696",
            "block-cursor-background": "#1f4a50",
            "block-cursor-foreground": "#f2f6f7",
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": "#262d32",
            "block-cursor-blurred-foreground": "#d3d9de",
            "input-cursor-background": "#5fb0b7",
            "input-cursor-foreground": "#14181b",
            "input-cursor-text-style": "none",
            "input-selection-background": "#2b5a60",
            "border": "#5fb0b7",
            "border-blurred": "#343c42",
            "scrollbar": "#4a565d",
            "scrollbar-background": "#14181b",
            "footer-key-foreground": "#7cc6cc",
        },
    ),
    Theme(
        name=LIGHT,
        dark=False,
        primary="#0f6b74",
        secondary="#4d6370",
        accent="#0f6b74",
        foreground="#23292d",
        background="#fafaf8",
        surface="#f2f3f1",
        panel="#e9ebe9",
        boost="#e9ebe9",
        success="#2f6f3a",
        warning="#8a5a00",
        error="#a8323e",
        variables={
            "text-muted": "#5f6b72",
            "text-disabled": "#8c969b",
            "text-accent": "#0b5c64",
            "text-success": "#2a6434",
            "text-warning": "#7a5000",
            "text-error": "#9b2b37",
            "block-cursor-background": "#cfe6e8",
            "block-cursor-foreground": "#0e1416",
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": "#e6e9e8",
            "block-cursor-blurred-foreground": "#23292d",
            "input-cursor-background": "#0f6b74",
            "input-cursor-foreground": "#fafaf8",
            "input-cursor-text-style": "none",
            "input-selection-background": "#bcdcdf",
            "border": "#0f6b74",
            "border-blurred": "#cdd3d3",
            "scrollbar": "#a9b3b5",
            "scrollbar-background": "#fafaf8",
            "footer-key-foreground": "#0b5c64",
        },
    ),
)


class Appearance(NamedTuple):
    """How the program shall look: ``theme`` for ``App.theme``, ``ansi_color`` for ``App.__init__``."""

    theme: str
    ansi_color: bool | None


def choose_appearance(theme: str, environment: MutableMapping[str, str]) -> Appearance:
    """The appearance for a configured theme name; decide before the App is made.

    NO_COLOR means the terminal's own colours without any of ours, whatever theme is configured. An empty NO_COLOR means
    nothing by its convention, but not to Textual, so it is removed from ``environment``. An unknown name gives the dark
    theme: names are checked where the settings are read. ``auto`` is the dark theme, or the terminal's own colours where
    it has no more than sixteen: ours would be rounded to them.
    """
    if environment.get("NO_COLOR"):
        return Appearance(ANSI, True)
    environment.pop("NO_COLOR", None)
    if theme == "auto":
        return Appearance(ANSI if has_few_colours(environment) else DARK, None)
    return Appearance(theme if theme in theme_names() else DARK, None)


def has_few_colours(environment: Mapping[str, str]) -> bool:
    """Does the environment promise at most sixteen colours? Told as Textual will find it, from ``COLORTERM`` and ``TERM``."""
    told = environment.get("TEXTUAL_COLOR_SYSTEM", "auto")
    if told != "auto":
        return told == "standard"
    if environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return False
    return environment.get("TERM", "").strip().lower().rpartition("-")[2] not in ("256color", "kitty")


def theme_names() -> list[str]:
    """All names a setting may give: ours first."""
    ours = [theme.name for theme in THEMES]
    return [*ours, *(name for name in BUILTIN_THEMES if name not in ours)]


def register_themes(app: App[Any]) -> None:
    """Make our themes known to ``app``."""
    for theme in THEMES:
        app.register_theme(theme)
