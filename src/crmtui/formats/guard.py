"""Running a parser of foreign files in a child process with limits, and getting what it yields back as if it ran here.

A fresh interpreter is started (never a fork: the app has threads) with its own session, so that Ctrl+C reaches only us.
The request goes to its standard input, which stays open: its end tells the child that we are gone. Each object comes
back as one message, pickled and preceded by kind and length. The child works on while a thread of it sends: only when
some megabytes wait does it stop until we have taken them.
"""

import importlib
import io
import math
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable
from typing import IO, Any, ClassVar, TypeVar

from crmtui.errors import CrmError, FormatError
from crmtui.i18n import _, current_language, set_language

T = TypeVar("T")

_HEADER = struct.Struct("<cQ")
_ITEM, _FAILED, _CRASHED, _NO_MEMORY, _DONE = b"I", b"F", b"C", b"M", b"D"
_MESSAGE_LIMIT = 256 * 1024 * 1024
_PIPE_BYTES = 1024 * 1024
_AHEAD_BYTES = 4 * 1024 * 1024
_MOST_PIECES = 256  # of one write; systems allow a thousand
_SWITCH_SECONDS = 0.001  # the sending thread needs a moment now and then; the usual 5 ms would leave the pipe empty
_BOOT = (
    "import sys,pickle;r=sys.stdin.buffer;sys.path[:]=pickle.load(r);from crmtui.formats.guard import serve;serve(r)"
)
_PLAIN = frozenset(("builtins", "collections", "datetime", "decimal", "pathlib", "uuid"))


def run_guarded(
    function: Callable[..., Iterable[T]], *args: object, memory_mb: int = 1024, seconds: float = 3600
) -> Generator[T, None, None]:
    """What the generator ``function(*args)`` yields, run in a child process that cannot harm this one.

    ``function`` is a generator function at module level; arguments and results are pickled (protocol 5). ``memory_mb``
    bounds the child's address space; ``seconds`` bounds both its processor time and the time we spend waiting for it,
    so a slow consumer costs it nothing. It can write no file. A CrmError raised inside is raised here; running out of
    memory or time and death by signal are a FormatError; any other exception is a RuntimeError with the child's
    traceback, as it is a mistake of ours. Items should be plain values (a batch of tuples is best) without cycles;
    objects shared between rows arrive as copies. Nothing is started before the first item is asked for; closing the
    iterator, or any exception here, kills the child.
    """
    request = pickle.dumps(
        (function.__module__, function.__qualname__, args, memory_mb, seconds, current_language()),
        pickle.HIGHEST_PROTOCOL,
    )
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-c", _BOOT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert child.stdin is not None and child.stdout is not None
        _widen(child.stdout.fileno())
        messages = _Messages(child.stdout.fileno(), seconds)
        try:
            child.stdin.write(pickle.dumps(sys.path) + request)
            child.stdin.flush()
        except BrokenPipeError:
            raise _refused(_("the process that reads it could not start")) from None
        while True:
            kind, body = messages.next()
            if kind == _ITEM:
                yield _load(body)
            elif kind == _DONE:
                return
            else:
                raise _failure(child, kind, body, memory_mb, seconds)
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                _close(pipe)


class _Messages:
    """Messages from a descriptor, with a limit on the time spent waiting for them."""

    def __init__(self, descriptor: int, seconds: float) -> None:
        self._descriptor = descriptor
        self._left = seconds
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)

    def next(self) -> tuple[bytes, memoryview]:
        """Kind and body of the next message; an empty kind when the child is gone or too slow."""
        header = self._exactly(_HEADER.size)
        if header is None:
            return b"", memoryview(b"")
        kind, length = _HEADER.unpack(header)
        if length > _MESSAGE_LIMIT:
            raise _refused(_("one of its parts is too large"))
        body = self._exactly(length)
        return (b"", memoryview(b"")) if body is None else (kind, body)

    def _exactly(self, count: int) -> memoryview | None:
        view = memoryview(bytearray(count))
        got = 0
        while got < count:
            begin = time.monotonic()
            ready = self._poll.poll(max(0.0, self._left) * 1000)
            self._left -= time.monotonic() - begin
            read = os.readv(self._descriptor, [view[got:]]) if ready else 0
            if not read:
                return None
            got += read
        return view


class _Unpickler(pickle.Unpickler):
    """Loads plain values and our own classes only: the child has read a file from somewhere."""

    _found: ClassVar[dict[tuple[str, str], type]] = {}

    def find_class(self, module: str, name: str, /) -> Any:
        known = self._found.get((module, name))
        if known is not None:
            return known
        found = super().find_class(module, name) if _ours_or_plain(module) else None
        if not isinstance(found, type) or not _ours_or_plain(found.__module__):
            raise pickle.UnpicklingError(f"{module}.{name}")
        return self._found.setdefault((module, name), found)


def _ours_or_plain(module: str) -> bool:
    return module in _PLAIN or module.startswith("crmtui.")


def _load(body: memoryview) -> Any:
    return _Unpickler(io.BytesIO(body)).load()


def _failure(
    child: "subprocess.Popen[bytes]", kind: bytes, body: memoryview, memory_mb: int, seconds: float
) -> Exception:
    """The exception for a child that did not finish."""
    if kind == _FAILED:
        cls, arguments, state = _load(body)
        error = cls.__new__(cls, *arguments)
        error.__dict__.update(state)
        return error if isinstance(error, CrmError) else RuntimeError(str(error))
    if kind == _CRASHED:
        return RuntimeError(str(_load(body)))
    if kind == _NO_MEMORY:
        return _refused(_("it needs more than {limit} MB of memory").format(limit=memory_mb))
    try:
        code = child.wait(0.2)
    except subprocess.TimeoutExpired:
        return _refused(_("it takes longer than {seconds} s").format(seconds=round(seconds)))
    if -code == signal.SIGXCPU:
        return _refused(_("it takes longer than {seconds} s").format(seconds=round(seconds)))
    return _refused(_("the process that read it died (signal {number})").format(number=-code))


def _refused(reason: str) -> FormatError:
    return FormatError(
        _("the file is refused: {reason}").format(reason=reason),
        kept=_("Nothing was changed."),
        hint=_("Save it again in the program it came from, or export it as CSV."),
    )


def _widen(descriptor: int) -> None:
    """Room for a whole batch in the pipe, where the system allows it: fewer switches between the two processes."""
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:
            return  # over the user's quota for pipes: the ordinary size works too


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # the rest of a request that a dead child did not read


def serve(request: IO[bytes]) -> None:
    """The child's side: run what the request on standard input asks for and write messages to what was standard
    output."""
    import _thread

    module, name, args, memory_mb, seconds, language = pickle.load(request)
    sender = _Sender(os.dup(1))
    os.dup2(2, 1)  # whatever a library prints must not get between the messages
    set_language(language)
    sys.setswitchinterval(_SWITCH_SECONDS)
    _limit(memory_mb, seconds)
    _thread.start_new_thread(_die_with_parent, ())
    _thread.start_new_thread(sender.run, ())
    try:
        function = importlib.import_module(module)
        for part in name.split("."):
            function = getattr(function, part)
        for item in function(*args):  # type: ignore[operator]
            sender.put(_ITEM, _dump(item))
        sender.put(_DONE, b"")
    except CrmError as error:
        sender.put(_FAILED, pickle.dumps((type(error), error.args, error.__dict__), 5))
    except (MemoryError, RecursionError):
        sender.put(_NO_MEMORY, b"")
    except Exception:
        import traceback

        sender.put(_CRASHED, pickle.dumps(traceback.format_exc(), 5))
    sender.finish()
    os._exit(0)


def _dump(item: object) -> bytes:
    """Pickled without the memo: rows are plain values that share nothing, and looking each one up costs three times the
    rest."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, 5)
    pickler.fast = True
    pickler.dump(item)
    return buffer.getvalue()


class _Sender:
    """Sends messages on a thread of its own; whoever puts one in waits only while ``_AHEAD_BYTES`` are not sent yet."""

    def __init__(self, output: int) -> None:
        self._output = output
        self._waiting: list[memoryview] = []
        self._bytes = 0
        self._changed = threading.Condition()

    def put(self, kind: bytes, body: bytes) -> None:
        """Have a message sent after those before it."""
        with self._changed:
            self._changed.wait_for(lambda: self._bytes < _AHEAD_BYTES)
            self._waiting += memoryview(_HEADER.pack(kind, len(body))), memoryview(body)
            self._bytes += _HEADER.size + len(body)
            self._changed.notify_all()

    def finish(self) -> None:
        """Wait until all is sent."""
        with self._changed:
            self._changed.wait_for(lambda: not self._bytes)

    def run(self) -> None:
        """Send for ever; when nobody listens any more this process ends."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting))
                pieces, self._waiting = self._waiting, []
            while pieces:
                try:
                    written = os.writev(self._output, pieces[:_MOST_PIECES])
                except OSError:
                    os._exit(0)
                with self._changed:
                    self._bytes -= written
                    self._changed.notify_all()
                at = 0
                while at < len(pieces) and written >= len(pieces[at]):
                    written -= len(pieces[at])
                    at += 1
                del pieces[:at]
                if pieces:
                    pieces[0] = pieces[0][written:]


def _limit(memory_mb: int, seconds: float) -> None:
    import resource

    processor = math.ceil(seconds) + 1
    limits = {
        resource.RLIMIT_AS: (memory_mb << 20, memory_mb << 20),
        resource.RLIMIT_CPU: (
            processor,
            processor + 5,
        ),  # the first ends it with a signal of its own, so we can tell why
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
    }
    for limit, bounds in limits.items():
        try:
            resource.setrlimit(limit, bounds)
        except (ValueError, OSError):
            continue  # some systems do not bound the address space, or we already run under a lower limit


def _die_with_parent() -> None:
    """Nobody writes to standard input after the request: when it ends, the parent is gone."""
    while os.read(0, 1):
        continue
    os._exit(0)
