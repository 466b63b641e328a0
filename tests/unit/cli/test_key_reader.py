"""Keys out of bytes: whole, in pieces, pasted, unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.cli.key_reader import Key, KeyReader


@pytest.mark.parametrize(
    ("arrived", "keys"),
    [
        (b"ab", [Key("text", "ab")]),
        ("确认".encode(), [Key("text", "确认")]),
        (b"\r\n\t", [Key("enter"), Key("enter"), Key("tab")]),
        (b"\x7f\x08", [Key("backspace"), Key("backspace")]),
        (b"\x14\x03", [Key("ctrl+t"), Key("ctrl+c")]),
        (b"\x1b[D\x1bOC", [Key("left"), Key("right")]),
        (b"\x1b[1;5D", [Key("left")]),
        (b"\x1b[3~\x1b[1~\x1b[4~", [Key("delete"), Key("home"), Key("end")]),
        (b"\x1b[Z", [Key("backtab")]),
        (b"\x1b[200~a\r\x1b[A\nb\x1b[201~c", [Key("paste", "a\r\x1b[A\nb"), Key("text", "c")]),
        (b"\x1bx\x1b[99;99;99uy", [Key("text", "y")]),
        (b"\x1b\x1b[A", [Key("esc"), Key("up")]),
        (b"\x00a", [Key("text", "a")]),
    ],
)
def test_keys(arrived: bytes, keys: list[Key]) -> None:
    assert KeyReader().feed(arrived) == keys
    reader = KeyReader()
    apart = [key for byte in arrived for key in reader.feed(bytes([byte]))]
    joined: list[Key] = []
    for key in apart:
        if key.name == "text" and joined and joined[-1].name == "text":
            joined[-1] = Key("text", joined[-1].text + key.text)
        else:
            joined.append(key)
    assert joined == keys


def test_an_escape_alone_is_the_escape_key_when_nothing_follows() -> None:
    reader = KeyReader()
    assert reader.feed(b"a\x1b") == [Key("text", "a")]
    assert reader.waiting
    assert reader.give_up() == [Key("esc")]
    assert not reader.waiting
    assert reader.feed(b"\xe7\xa1") == []
    assert not reader.waiting and reader.give_up() == []
    assert reader.feed(b"\xae") == [Key("text", "确")]


@given(st.binary(max_size=80))
def test_no_bytes_fail(arrived: bytes) -> None:
    reader = KeyReader()
    for key in [*reader.feed(arrived), *reader.give_up()]:
        assert key.name
