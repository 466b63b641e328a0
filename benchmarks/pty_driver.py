"""Drive a terminal program from outside: what it shows, and what each key costs in time, bytes, frames and CPU.

A library for the benchmarks and for the smoke test of the built wheel; needs pyte and Linux::

    with PtyProgram(["crmtui", "big.db"], columns=120, rows=40) as program:
        program.start("Customers")                      # ms from exec to the first frame with the text
        program.press("down", times=30, label="down in page")
        program.type_text("zhang", expect="find zhang")
        program.hold("down", times=60, per_second=30)
        print(program.idle(2), program.memory_mb(), program.row(-1))
        program.quit("q")
        print(program.summary())

The program believes in an xterm-256color with true colour; the driver answers its questions (mode 2026, device
attributes, cursor position). A frame inside a synchronised update counts when the update ends. Times are stamped by a
thread when bytes arrive, so the speed of pyte does not matter. ``Link`` puts a poor line in between: bits per second,
round trip, and a buffer that blocks the program's writes when it is full.
"""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import pyte

Expectation = str | Callable[["PtyProgram"], bool]

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "backspace": "\x7f",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "insert": "\x1b[2~",
    "delete": "\x1b[3~",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "shift+tab": "\x1b[Z",
    **{f"f{number}": f"\x1bO{letter}" for number, letter in zip(range(1, 5), "PQRS", strict=True)},
    **{
        f"f{number}": f"\x1b[{code}~"
        for number, code in zip(range(5, 13), (15, 17, 18, 19, 20, 21, 23, 24), strict=True)
    },
}
_QUESTION = re.compile("\x1b\\[(?:\\?(\\d+)\\$p|(>?)0?c|(6)n)")
_UNKNOWN_TO_PYTE = re.compile("\x1b\\[[<=>][0-9;:]*[a-zA-Z]|\x1b\\[\\?[0-9;]*\\$p|\x1b[P_^][^\x1b]*\x1b\\\\")
_INCOMPLETE = re.compile("\x1b(?:\\[[0-?]*[ -/]*|\\][^\x07\x1b]*\x1b?|[P_^X][^\x1b]*\x1b?)?$")
_PIECES = re.compile("(\x1b\\[\\?2026[hl])")


class Link(NamedTuple):
    """A line between program and terminal."""

    bits_per_second: float = 0
    """0 is unlimited."""
    round_trip_ms: float = 0
    buffer_bytes: int = 65536
    """What may be under way before the program's writes block."""


class Sample(NamedTuple):
    """What one key cost."""

    ms: float
    """From the key to the expected text, or to the last change before it was quiet."""
    first_ms: float
    """From the key to the first visible change."""
    bytes: int
    frames: int
    cpu_ms: float


class Idle(NamedTuple):
    """What it costs to leave the program alone."""

    bytes_per_second: float
    cpu_percent: float


class ProgramTimeout(AssertionError):
    """What was expected did not come; the message holds the screen."""


def encode_key(key: str) -> bytes:
    """The bytes a terminal sends for a key: a name of ``KEYS``, ``ctrl+x``, ``alt+x``, or the text itself."""
    if key in KEYS:
        return KEYS[key].encode()
    if key.startswith("ctrl+") and len(key) == 6:
        return bytes([ord(key[5].upper()) & 0x1F])
    if key.startswith("alt+"):
        return b"\x1b" + encode_key(key[4:])
    return key.encode()


class PtyProgram:
    """A program on a pseudo-terminal of its own. Use as a context manager: leaving it ends the program."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        environment: Mapping[str, str] | None = None,
        folder: str | None = None,
        link: Link | None = None,
        synchronised: bool = True,
        quiet_ms: float = 40,
        timeout: float = 30,
    ) -> None:
        """``synchronised``: the terminal knows mode 2026. ``quiet_ms``: silence that ends a key without expectation."""
        self.samples: dict[str, list[Sample]] = {}
        self.bytes = self.frames = 0
        self.exit_code: int | None = None
        self._link = link or Link()
        self._synchronised = synchronised
        self._quiet, self._timeout = quiet_ms / 1000, timeout
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest, self._in_update, self._changed = "", False, False
        self._arrived: deque[tuple[float, bytes]] = deque()
        self._arrival = threading.Condition()
        self._ended = False
        full = {
            name: value for name, value in os.environ.items() if name not in ("LINES", "COLUMNS", "NO_COLOR", "STY")
        }
        full.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8", LC_ALL="C.UTF-8")
        full.update(environment or {})
        self._started = time.perf_counter()
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            _become(command, full, folder, columns, rows)
        self._set_size(columns, rows)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "PtyProgram":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    # The screen

    def lines(self) -> list[str]:
        """The screen as text."""
        buffer, columns = self.screen.buffer, range(self.screen.columns)
        # not pyte's own ``display``: that fails on half of a wide character, which some programs leave behind
        return ["".join([buffer[y][x].data for x in columns]).rstrip() for y in range(self.screen.lines)]

    def text(self) -> str:
        """The screen as one string."""
        return "\n".join(self.lines())

    def row(self, number: int) -> str:
        """A line of the screen: 0 is the first, -1 the last."""
        return self.lines()[number]

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the terminal's cursor, from 0."""
        return self.screen.cursor.x, self.screen.cursor.y

    # What a person does

    def start(self, expect: Expectation, timeout: float | None = None) -> float:
        """Wait for the first frame with the text: ms since exec. Then let the program come to rest."""
        _, last = self._wait(self._started, expect, timeout)
        self._wait(time.perf_counter(), None, timeout)
        return (last - self._started) * 1000

    def wait_for(self, expect: Expectation, timeout: float | None = None) -> None:
        """Wait until the text is on the screen, or the function says so."""
        self._wait(time.perf_counter(), expect, timeout)

    def press(self, key: str, times: int = 1, *, expect: Expectation | None = None, label: str | None = None) -> Sample:
        """Press a key, each press measured by itself; the last sample."""
        for _ in range(times):
            sample = self._measure(label or key, partial(self._send, encode_key(key)), expect)
        return sample

    def type_text(self, text: str, *, expect: Expectation | None = None, label: str | None = None) -> None:
        """Type text, each character measured; the expectation is for the last."""
        for index, character in enumerate(text):
            wanted = expect if index == len(text) - 1 else None
            self._measure(label or "type", partial(self._send, character.encode()), wanted)

    def paste(self, text: str, *, expect: Expectation | None = None) -> Sample:
        """Paste text in brackets, as terminals do."""
        return self._measure("paste", lambda: self._send(f"\x1b[200~{text}\x1b[201~".encode()), expect)

    def hold(self, key: str, times: int, per_second: float, *, label: str | None = None) -> Sample:
        """Hold a key down. ``ms`` is how long the last frame came after the last key; the rest is per key."""
        before, frames, cpu = self.bytes, self.frames, self._cpu()
        due = time.perf_counter()
        for _ in range(times):
            self._pump(due)
            self._send(encode_key(key))
            due += 1 / per_second
        released = time.perf_counter()
        first, last = self._wait(released, None, None)
        sample = Sample(
            max(0.0, last - released) * 1000,
            max(0.0, first - released) * 1000,
            (self.bytes - before) // times,
            (self.frames - frames) // times,
            (self._cpu() - cpu) * 1000 / times,
        )
        self.samples.setdefault(label or f"hold {key}", []).append(sample)
        return sample

    def resize(self, columns: int, rows: int, *, expect: Expectation | None = None) -> Sample:
        """Give the terminal another size."""

        def change() -> None:
            self.screen.resize(rows, columns)
            self._set_size(columns, rows)

        return self._measure("resize", change, expect)

    def idle(self, seconds: float) -> Idle:
        """Leave it alone."""
        before, cpu = self.bytes, self._cpu()
        self._pump(time.perf_counter() + seconds)
        return Idle((self.bytes - before) / seconds, (self._cpu() - cpu) / seconds * 100)

    def memory_mb(self) -> float:
        """Resident memory now."""
        with open(f"/proc/{self._pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS:"))

    def quit(self, key: str | None = None, timeout: float | None = None) -> float:
        """Press a key and wait for the end of the program: ms. ``exit_code`` is set."""
        begun = time.perf_counter()
        if key:
            self._send(encode_key(key))
        while not self._reap():
            self._pump(time.perf_counter() + 0.002)
            if time.perf_counter() - begun > (timeout or self._timeout):
                raise ProgramTimeout("the program did not end\n" + self.text())
        return (time.perf_counter() - begun) * 1000

    def close(self) -> None:
        """End the program if it still runs. Only what this driver started is ended."""
        for sign in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            if self._reap():
                break
            os.kill(self._pid, sign)
            end = time.perf_counter() + 2
            while not self._reap() and time.perf_counter() < end:
                time.sleep(0.01)
        self._ended = True
        self._reader.join(2)
        os.close(self._fd)

    def summary(self) -> dict[str, dict[str, Any]]:
        """By label: number of keys, p50 and p95 of ms, p50 of the first change, bytes, frames and CPU ms."""
        result: dict[str, dict[str, Any]] = {}
        for label, samples in self.samples.items():
            result[label] = {
                "n": len(samples),
                "ms_p50": round(percentile([sample.ms for sample in samples], 50), 2),
                "ms_p95": round(percentile([sample.ms for sample in samples], 95), 2),
                "first_ms": round(percentile([sample.first_ms for sample in samples], 50), 2),
                "bytes": int(percentile([sample.bytes for sample in samples], 50)),
                "frames": int(percentile([sample.frames for sample in samples], 50)),
                "cpu_ms": round(percentile([sample.cpu_ms for sample in samples], 50), 2),
            }
        return result

    # Keys to the program

    def _send(self, data: bytes) -> None:
        if self._link.round_trip_ms:
            timer = threading.Timer(self._link.round_trip_ms / 2000, self._write, [data])
            timer.daemon = True
            timer.start()
        else:
            self._write(data)

    def _write(self, data: bytes) -> None:
        try:
            os.write(self._fd, data)
        except OSError:
            self._ended = True  # the program has closed its terminal: what follows notices by itself

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # Bytes from the program

    def _read(self) -> None:
        """The thread: stamp what comes, with the time at which it is through the link."""
        free_at = 0.0
        delay, rate = self._link.round_trip_ms / 2000, self._link.bits_per_second / 8
        while not self._ended:
            if rate and (free_at - time.perf_counter()) * rate > self._link.buffer_bytes:
                time.sleep(0.005)
                continue
            if not select.select([self._fd], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                break
            if not data:
                break
            now = time.perf_counter()
            with self._arrival:
                for at in range(0, len(data), 128) if rate else (0,):
                    piece = data[at : at + 128] if rate else data
                    free_at = max(now, free_at) + (len(piece) / rate if rate else 0.0)
                    self._arrived.append((free_at + delay, piece))
                self._arrival.notify()

    def _pump(self, until: float, stop_at_change: bool = False) -> float | None:
        """Show what has arrived, up to ``until``; with ``stop_at_change`` return the time of the first change."""
        while True:
            now = time.perf_counter()
            with self._arrival:
                if not self._arrived or self._arrived[0][0] > now:
                    if now >= until:
                        return None
                    due = min(until, self._arrived[0][0]) if self._arrived else until
                    self._arrival.wait(max(0.0, due - now))
                    continue
                when, data = self._arrived.popleft()
            if self._show(data) and stop_at_change:
                return when

    def _show(self, data: bytes) -> bool:
        """Feed the screen and answer questions; did a whole frame become visible?"""
        self.bytes += len(data)
        text = self._rest + self._decode(data)
        cut = _INCOMPLETE.search(text)
        self._rest = cut.group() if cut else ""
        text = text[: cut.start()] if cut else text
        visible, at = False, 0
        for question in _QUESTION.finditer(text):
            visible |= self._feed(text[at : question.start()])
            self._answer(question)
            at = question.end()
        return self._feed(text[at:]) or visible

    def _feed(self, text: str) -> bool:
        """Feed the screen with what holds no question; did a whole frame become visible?"""
        visible = False
        for piece in _PIECES.split(_UNKNOWN_TO_PYTE.sub("", text)):
            if piece == "\x1b[?2026h":
                self._in_update = self._synchronised
            elif piece == "\x1b[?2026l":
                visible |= self._changed
                self._in_update = False
            elif piece:
                self._stream.feed(piece)
                self._changed = True
                visible |= not self._in_update
            if visible and self._changed and not self._in_update:
                self._changed = False
                self.frames += 1
        return visible

    def _answer(self, question: re.Match[str]) -> None:
        mode, secondary, position = question.groups()
        if mode:
            self._send(f"\x1b[?{mode};{2 if mode == '2026' and self._synchronised else 0}$y".encode())
        elif position:
            self._send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R".encode())
        else:
            self._send(b"\x1b[>41;390;0c" if secondary else b"\x1b[?64;1;2;6;22c")

    # Measuring

    def _measure(self, label: str, act: Callable[[], None], expect: Expectation | None) -> Sample:
        self._pump(time.perf_counter())
        before, frames, cpu, begun = self.bytes, self.frames, self._cpu(), time.perf_counter()
        act()
        first, last = self._wait(begun, expect, None)
        if expect is not None:
            self._wait(time.perf_counter(), None, None)
        sample = Sample(
            (last - begun) * 1000,
            (first - begun) * 1000,
            self.bytes - before,
            self.frames - frames,
            (self._cpu() - cpu) * 1000,
        )
        self.samples.setdefault(label, []).append(sample)
        return sample

    def _wait(self, begun: float, expect: Expectation | None, timeout: float | None) -> tuple[float, float]:
        """Times of the first change and of the expected state, or of the last change before silence and no work."""
        limit = time.perf_counter() + (timeout or self._timeout)
        first = last = None
        silence = self._quiet + self._link.round_trip_ms / 1000
        cpu, deadline = self._cpu(), begun + silence
        while True:
            if expect is not None and self._met(expect):
                return first or begun, last or begun
            changed = self._pump(limit if expect is not None else min(deadline, limit), stop_at_change=True)
            now = time.perf_counter()
            if changed is not None:
                first, last = first or changed, changed
                deadline = now + silence
            elif now >= limit:
                if expect is not None:
                    raise ProgramTimeout(f"{expect!r} did not come\n" + self.text())
                return first or begun, last or begun
            elif expect is None:
                used = self._cpu() - cpu
                if not self._arrived and used < 0.3 * self._quiet:
                    return first or begun, last or begun
                cpu, deadline = cpu + used, now + silence

    def _met(self, expect: Expectation) -> bool:
        if self._in_update:
            return False
        return expect in self.text() if isinstance(expect, str) else expect(self)

    def _cpu(self) -> float:
        """CPU seconds of the program's threads so far."""
        total = 0
        try:
            for thread in os.listdir(f"/proc/{self._pid}/task"):
                with open(f"/proc/{self._pid}/task/{thread}/schedstat") as times:
                    total += int(times.read().split()[0])
        except (OSError, IndexError):
            return total / 1e9  # a thread or the program ended meanwhile
        return total / 1e9

    def _reap(self) -> bool:
        if self.exit_code is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
        return self.exit_code is not None


def _become(command: Sequence[str], environment: dict[str, str], folder: str | None, columns: int, rows: int) -> None:
    """In the child: turn into the program."""
    try:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if folder:
            os.chdir(folder)
        os.execvpe(command[0], list(command), environment)
    except OSError as error:
        os.write(2, f"{command[0]}: {error}\r\n".encode())
    os._exit(127)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` percent of the values lie, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share / 100 * (len(ordered) - 1)))]
