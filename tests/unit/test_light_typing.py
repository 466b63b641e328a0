"""The light NamedTuple against the one of ``typing``."""

import pickle
import typing

import pytest

from crmtui import light_typing


class Light(light_typing.NamedTuple):
    """A record."""

    name: str
    count: int = 0  # type: ignore[assignment]
    tags: tuple[str, ...] = ()

    @property
    def loud(self) -> str:
        """The name in capitals."""
        return self.name.upper()


class Usual(typing.NamedTuple):
    """A record."""

    name: str
    count: int = 0  # type: ignore[assignment]
    tags: tuple[str, ...] = ()

    @property
    def loud(self) -> str:
        """The name in capitals."""
        return self.name.upper()


def test_it_is_made_and_read_alike() -> None:
    for made, usual in (
        (Light("a"), Usual("a")),
        (Light("a", 1), Usual("a", 1)),
        (Light("a", 1, ("x",)), Usual("a", 1, ("x",))),
        (Light(tags=("y",), name="b"), Usual(tags=("y",), name="b")),
        (Light._make(["c", 2, ()]), Usual._make(["c", 2, ()])),
        (Light("a")._replace(count=3), Usual("a")._replace(count=3)),
    ):
        assert made == usual
        assert isinstance(made, tuple)
        assert (made.name, made.count, made.tags, made.loud) == (usual.name, usual.count, usual.tags, usual.loud)
        assert made._asdict() == usual._asdict()
        assert repr(made) == repr(usual).replace("Usual", "Light")
        assert hash(made) == hash(usual)


def test_it_says_of_itself_what_the_other_says() -> None:
    for name in ("_fields", "_field_defaults", "__match_args__", "__annotations__", "__doc__"):
        assert getattr(Light, name) == getattr(Usual, name)


@pytest.mark.parametrize("kind", [Light, Usual])
def test_wrong_values_are_refused(kind: type) -> None:
    for values, named in (((), {}), (("a", 1, (), 4), {}), (("a",), {"name": "b"}), (("a",), {"other": 1})):
        with pytest.raises(TypeError):
            kind(*values, **named)
    with pytest.raises(TypeError):
        kind._make(["a"])
    with pytest.raises((TypeError, ValueError)):
        kind("a")._replace(other=1)


@pytest.mark.parametrize("kind", [Light, Usual])
def test_it_cannot_be_changed_and_holds_nothing_else(kind: type) -> None:
    made = kind("a")
    with pytest.raises(AttributeError):
        made.name = "b"
    with pytest.raises(AttributeError):
        made.other = 1


def test_it_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(Light("a", 5))) == Light("a", 5)
    assert type(pickle.loads(pickle.dumps(Light("a", 5)))) is Light


def test_it_matches_by_position() -> None:
    match Light("a", 5):
        case Light(name, count):
            assert (name, count) == ("a", 5)
