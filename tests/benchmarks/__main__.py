"""`make bench`: how dear each answer is, as a multiple of the cheapest one, measured in turn in one run.

Requests go through the whole Django stack in this process, on the real plans in a SQLite database of their own. Ratios
can be compared between machines and runs; the times beside them cannot. Each address is asked for three times a round:
with nothing kept, from what is kept, and by somebody who has it already (304).
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 15
CHEAPEST = "/healthz"
ADDRESSES = (
    CHEAPEST,
    "/en/",
    "/mn/",
    "/en/plans/",
    "/en/plans/nap-1/",
    "/en/plans/nap-4/",
    "/en/plans/nap-4/commitments/1/",
    "/api/v1/milestones/?plan=nap-4",
    "/api/v1/plans/nap-4/",
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "ogptracker.settings",
            "ALLOWED_HOSTS": "testserver",
            "DEBUG": "0",
            "SECRET_KEY": "for-this-run-only",
            "SECURE_SSL_REDIRECT": "0",
        }
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        call_command("migrate", verbosity=0)
        call_command("load_plans", verbosity=0)
        measure()


def measure() -> None:
    from django.core.cache import caches
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client, store = Client(headers={"Accept-Encoding": "gzip"}), caches["pages"]
    tags: dict[str, str] = {}

    def made(address: str) -> Any:
        store.clear()
        return client.get(address)

    def kept(address: str) -> Any:
        return client.get(address)

    def known(address: str) -> Any:
        return client.get(address, headers={"If-None-Match": tags[address]})

    def timed(ask: Callable[[str], Any], address: str) -> float:
        start = time.perf_counter()
        ask(address)
        return time.perf_counter() - start

    ways = {"made": made, "kept": kept, "304": known}
    rows = {(CHEAPEST, "made"): made} | {(address, way): ways[way] for address in ADDRESSES[1:] for way in ways}
    queries, sizes = {}, {}
    for (address, way), ask in rows.items():
        with CaptureQueriesContext(connection) as captured:
            response = ask(address)
        assert response.status_code == (304 if way == "304" else 200), f"{address} answers {response.status_code}"
        queries[address, way], sizes[address, way] = len(captured), len(response.content)
        tags[address] = response.get("ETag", "")
    times: dict[tuple[str, str], list[float]] = {row: [] for row in rows}
    for _round in range(ROUNDS):
        # As they stand: what is kept was made by the row before it.
        for (address, way), ask in rows.items():
            times[address, way].append(timed(ask, address))
            if way == "made" and address != CHEAPEST:
                tags[address] = client.get(address)["ETag"]
    base = statistics.median(times[CHEAPEST, "made"])
    sys.stdout.write(f"{'address':36}{'':6}{'× cheapest':>12}{'ms':>9}{'queries':>9}{'kB':>8}\n")
    for address, way in rows:
        median = statistics.median(times[address, way])
        sys.stdout.write(
            f"{address:36}{way:6}{median / base:>12.1f}{median * 1000:>9.2f}{queries[address, way]:>9}"
            f"{sizes[address, way] / 1000:>8.1f}\n"
        )


if __name__ == "__main__":
    main()
