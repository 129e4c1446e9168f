"""These tests need several connections that write at once, so they are collected where the database is PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

if connection.vendor != "postgresql":
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Calls each function in a thread and on a connection of its own, all let go at one moment; their results."""

    def run(acts: Iterable[Callable[[], Any]]) -> list[Any]:
        acts = list(acts)
        ready = Barrier(len(acts))

        def alone(act: Callable[[], Any]) -> Any:
            try:
                connection.ensure_connection()
                ready.wait(timeout=30)
                return act()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(acts)) as threads:
            return [running.result(timeout=120) for running in [threads.submit(alone, act) for act in acts]]

    return run
