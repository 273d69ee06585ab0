"""Many small calls at once, few enough for the store and for the memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def bounded_map(work: Callable[[A], B], items: Iterable[A], *, workers: int) -> Iterator[B]:
    """Apply work to items in threads and give the results in the items' order.

    No more than twice the workers' number of items is taken ahead, so an endless iterable is fine. The first error
    is raised where its result would have come; what has not begun by then is dropped.

    Args:
        work: What to do with one item.
        items: The items.
        workers: How many threads.
    """
    source = iter(items)
    with ThreadPoolExecutor(workers, thread_name_prefix="s3") as executor:

        def begun(most: int) -> Iterator[Future[B]]:
            # Each with a context of its own: what is said in the thread is said of the same case and step.
            return (executor.submit(copy_context().run, work, item) for item in islice(source, most))

        running: deque[Future[B]] = deque(begun(2 * workers))
        try:
            while running:
                result = running.popleft().result()
                running.extend(begun(1))
                yield result
        finally:
            for future in running:
                future.cancel()
