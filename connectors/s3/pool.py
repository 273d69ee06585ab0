"""Many small calls at once, few enough for the store and for the memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from itertools import islice
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def bounded_map(
    work: Callable[[A], B], items: Iterable[A], *, workers: int, makes_call: Callable[[A], bool] = lambda _: True
) -> Iterator[B]:
    """Apply work to items in threads and yield the results in the items' order.

    No more than twice the workers' number of items is taken ahead, so an endless iterable is fine. The first error
    is raised where its result would have come; what has not begun by then is dropped.

    Args:
        work: What to do with one item.
        items: The items.
        workers: How many threads.
        makes_call: Whether an item is worth a thread; the work on any other is done where its result is wanted.
    """
    source = iter(items)
    with ThreadPoolExecutor(workers, thread_name_prefix="s3") as executor:

        def begun(item: A) -> Future[B] | partial[B]:
            if not makes_call(item):
                return partial(work, item)
            # Each with a context of its own: what is said in the thread is said of the same case and step.
            return executor.submit(copy_context().run, work, item)

        running = deque(map(begun, islice(source, 2 * workers)))
        try:
            while running:
                first = running.popleft()
                result = first() if isinstance(first, partial) else first.result()
                running.extend(map(begun, islice(source, 1)))
                yield result
        finally:
            for entry in running:
                if isinstance(entry, Future):
                    entry.cancel()
