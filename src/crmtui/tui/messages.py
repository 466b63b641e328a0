"""Messages that cross screens; all others are nested in the widget that posts them."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class DataChanged(Message):
    """Customers were changed, by this session or (``ids`` empty) by another one."""

    ids: tuple[int, ...] = ()


@dataclass
class LanguageChanged(Message):
    """The texts on the screen are to be written again."""
