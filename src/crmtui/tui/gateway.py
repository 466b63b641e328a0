"""The one place with threads. Screens ask here; answers come back on the event loop.

Three connections, never shared: the UI thread reads bounded pages on its own, synchronously (0.1 ms); a reader thread runs
searches, of which only the newest counts (the running one is interrupted); a writer thread does the writes one after the other.
"""

import asyncio
import gc
import threading
import time
from array import array
from collections import deque
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from crmtui.domain.models import CustomerRecord, ListRow, OperationRecord
from crmtui.domain.query import Problem
from crmtui.errors import CrmError
from crmtui.services.lookup import plan_query
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import activities, customers
from crmtui.storage.activities import CardFigures
from crmtui.storage.database import data_version, is_interrupt, storage_errors
from crmtui.storage.driver import Connection
from crmtui.storage.driver import Error as DriverError
from crmtui.storage.search import FIRST_PAGE, Order, all_ids, count, first_ids

Result = TypeVar("Result")

AT_ONCE_SECONDS = 0.01
"""How long the UI thread itself looks for the first page of a search."""
SHORT_JOB_SECONDS = 1.0
"""A job that took less has left nothing behind that is worth a full collection, which stops the screen for 80 ms."""
PAUSE_SECONDS = 0.15
"""How long nothing is typed before the rest of a search is looked for: counting a million rows slows the next key down."""


class SearchStep(NamedTuple):
    """What a search has found so far: the first page (``exact`` False) or everything; ``error`` instead if it failed."""

    generation: int
    ids: "array[int]"
    exact: bool
    problems: tuple[Problem, ...] = ()
    error: CrmError | None = None


class _Search(NamedTuple):
    generation: int
    text: str
    order: Order
    done: Callable[[SearchStep], None]
    first_shown: bool


class Gateway:
    """The data side of a running app."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._page: Connection = workspace.database.reader()
        self._search_connection: Connection = workspace.database.reader()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = threading.Condition()
        self._search: _Search | None = None
        self._searching = False
        self._jobs: deque[tuple[Callable[[Workspace], Any], asyncio.Future[Any]]] = deque()
        self._writing = False
        self._closed = False
        self._generation = 0
        self._threads: list[threading.Thread] = []
        self._version = 0

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads; answers are delivered on ``loop``."""
        self._loop = loop
        self._version = data_version(self._page)
        for name, target in (("crmtui-reader", self._read_loop), ("crmtui-writer", self._write_loop)):
            thread = threading.Thread(target=target, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop_searching(self) -> None:
        """Give up every search: who leaves must not wait for a count that keeps the processor busy."""
        with self._wake:
            self._generation += 1
            self._search = None
            self._search_connection.interrupt()

    def close(self) -> None:
        """Stop at once: running searches are interrupted, a running write is finished (it is short)."""
        self.stop_searching()
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(timeout=5)

    # Reads that the UI thread makes itself: bounded, by index, well under a frame

    def list_rows(self, ids: Sequence[int]) -> dict[int, ListRow]:
        """List rows by id."""
        return customers.list_rows(self._page, ids)

    def still_there(self, ids: Collection[int]) -> set[int]:
        """Those of these customers that exist."""
        return customers.still_there(self._page, ids)

    def are_archived(self, ids: Collection[int]) -> bool:
        """Whether all of these customers are archived."""
        return customers.are_archived(self._page, ids)

    def customer(self, customer_id: int) -> CustomerRecord | None:
        """The whole record, or None when it is gone."""
        return customers.read_customer(self._page, customer_id)

    def customer_version(self, customer_id: int) -> int | None:
        """The version a form opens with."""
        return customers.read_version(self._page, customer_id)

    def figures(self, customer_id: int) -> CardFigures:
        """The numbers of the card."""
        return activities.card_figures(self._page, customer_id)

    def page(self) -> Connection:
        """The UI thread's own read-only connection, for the readers of ``storage.activities`` and ``storage.history``."""
        return self._page

    def next_undo(self) -> OperationRecord | None:
        """What an undo of this person would take back now."""
        from crmtui.storage import history
        from crmtui.storage.undo import last_undoable

        found = last_undoable(self._page, self.workspace.actor)
        return history.read_operation(self._page, found) if found else None

    def changed_elsewhere(self) -> bool:
        """Whether another connection has committed since the last call."""
        version = data_version(self._page)
        changed = version != self._version
        self._version = version
        return changed

    def within(self, read: Callable[[Connection], Result], seconds: float) -> Result | None:
        """What ``read`` reads on the UI thread's own connection; None when that is not done after ``seconds``."""
        deadline = time.monotonic() + seconds
        self._page.set_progress_handler(lambda: time.monotonic() > deadline, 1000)
        try:
            return read(self._page)
        except DriverError as error:
            if not is_interrupt(error):
                raise
            return None
        finally:
            self._page.set_progress_handler(None, 0)

    async def read_aside(self, read: Callable[[Connection], Result]) -> Result:
        """What ``read`` reads, in a thread of its own: for what may take longer than a frame."""

        def work() -> Result:
            with storage_errors(self.workspace.database.path):
                return read(self.workspace.database.thread_reader())

        return await asyncio.to_thread(work)

    def count_until(self, text: str, deadline: float) -> int | None:
        """How many customers a query finds; None when that is not known by ``deadline`` (of ``time.monotonic``)."""
        if time.monotonic() > deadline:
            return None
        self._page.set_progress_handler(lambda: time.monotonic() > deadline, 1000)
        try:
            plan, _problems = plan_query(text, actor=self.workspace.actor)
            return count(self._page, plan)
        except DriverError:
            return None  # too slow, or failing: whoever opens the query is told why
        finally:
            self._page.set_progress_handler(None, 0)

    # Searches

    def search(self, text: str, order: Order, done: Callable[[SearchStep], None]) -> None:
        """Search: ``done`` is called with the first page, then with everything.

        The first page comes before this returns when it is found within ``AT_ONCE_SECONDS``, as nearly always, so that a key
        is answered by one frame; else, and for the rest, on the loop. A newer search replaces a waiting one and interrupts a
        running one. The rest is only searched for when the person pauses.
        """
        with self._wake:
            self._generation += 1
            generation = self._generation
            self._search = None
            if self._searching:
                self._search_connection.interrupt()
        first = self._first_page(generation, text, order)
        if first is not None:
            done(first)
        if first is None or not first.exact:
            with self._wake:
                self._search = _Search(generation, text, order, done, first is not None)
                self._wake.notify_all()

    def _first_page(self, generation: int, text: str, order: Order) -> SearchStep | None:
        """The first page if it can be had at once."""
        deadline = time.monotonic() + AT_ONCE_SECONDS
        self._page.set_progress_handler(lambda: time.monotonic() > deadline, 1000)
        try:
            plan, problems = plan_query(text, order, actor=self.workspace.actor)
            ids = array("q", first_ids(self._page, plan, FIRST_PAGE))
        except DriverError:
            return None  # too slow, or failing: the reader thread finds it or tells why
        finally:
            self._page.set_progress_handler(None, 0)
        return SearchStep(generation, ids, len(ids) < FIRST_PAGE, problems)

    def is_current(self, generation: int) -> bool:
        """Whether no newer search was asked since."""
        return generation == self._generation

    def _read_loop(self) -> None:
        while True:
            with self._wake:
                while self._search is None and not self._closed:
                    self._wake.wait()
                search = self._search
                if search is not None and search.first_shown:
                    self._wake.wait_for(partial(self._is_other_than, search), PAUSE_SECONDS)
                    if self._search is not search:
                        continue
                if self._closed:
                    return
                self._search = None
                self._searching = True
            if search is not None:
                self._run_search(search)
            with self._wake:
                self._searching = False

    def _is_other_than(self, search: _Search) -> bool:
        return self._search is not search or self._closed

    def _run_search(self, search: _Search) -> None:
        connection = self._search_connection
        try:
            with storage_errors(self.workspace.database.path):
                plan, problems = plan_query(search.text, search.order, actor=self.workspace.actor)
                if not search.first_shown:
                    first = array("q", first_ids(connection, plan, FIRST_PAGE))
                    self._tell(search, SearchStep(search.generation, first, len(first) < FIRST_PAGE, problems))
                    if len(first) < FIRST_PAGE:
                        return
                every = array("q")
                for chunk in all_ids(connection, plan):
                    every.extend(chunk)
                    if not self.is_current(search.generation):
                        return
                self._tell(search, SearchStep(search.generation, every, True, problems))
        except CrmError as error:
            self._tell(search, SearchStep(search.generation, array("q"), True, (), error))
        except DriverError as error:
            if not is_interrupt(error):
                raise

    def _tell(self, search: _Search, step: SearchStep) -> None:
        if self._loop is not None and not self._closed:
            self._loop.call_soon_threadsafe(search.done, step)

    # Writes

    async def write(self, job: Callable[[Workspace], Result]) -> Result:
        """Run a write on the writer thread and return what it returns, or raise what it raises."""
        if self._loop is None:
            raise RuntimeError("the gateway has not started")
        future: asyncio.Future[Result] = self._loop.create_future()
        with self._wake:
            self._jobs.append((job, future))
            self._wake.notify_all()
        return await future

    def _write_loop(self) -> None:
        while True:
            with self._wake:
                while not self._jobs and not self._closed:
                    self._wake.wait()
                if not self._jobs:
                    return
                job, future = self._jobs.popleft()
            try:
                result = job(self.workspace)
            except Exception as error:  # handed to whoever awaits the write
                self._settle(future, error=error)
            else:
                self._settle(future, result=result)

    # Long work beside the writer

    async def run_aside(self, job: Callable[[Workspace], Result]) -> Result:
        """Run a long job in a thread of its own, on its own connections to the same file; what it raises is raised here.

        The writer thread stays free for edits meanwhile. On leaving the app nobody waits for the job: what it had not
        finished is put right when the file is opened next.
        """
        if self._loop is None:
            raise RuntimeError("the gateway has not started")
        future: asyncio.Future[Result] = self._loop.create_future()

        def work() -> None:
            known = self.workspace
            # What is alive now needs no look while the job makes and drops millions of values: a full collection
            # would stop the screen for 100 ms each time.
            gc.freeze()
            began = time.monotonic()
            try:
                with open_workspace(
                    known.database.path,
                    actor=known.actor,
                    region=known.region,
                    currency=known.currency,
                    readonly=known.database.readonly,
                ) as workspace:
                    result = job(workspace)
            except Exception as error:  # handed to whoever awaits the job
                self._settle(future, error=error)
            else:
                self._settle(future, result=result)
            finally:
                if time.monotonic() - began > SHORT_JOB_SECONDS:
                    gc.unfreeze()
                    gc.collect()
                    gc.freeze()

        threading.Thread(target=work, name="crmtui-aside", daemon=True).start()
        return await future

    def _settle(self, future: "asyncio.Future[Any]", *, result: object = None, error: Exception | None = None) -> None:
        def deliver() -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(deliver)
