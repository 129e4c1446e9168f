"""`make bench`: how dear each answer is, as a multiple of the cheapest one, measured in turn in one run.

Requests go through the whole Django stack in this process, on the real plans in a SQLite database of their own. Ratios
can be compared between machines and runs; the times beside them cannot.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

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
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    queries, sizes = {}, {}
    for address in ADDRESSES:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = client.get(address)
        assert response.status_code == 200, f"{address} answers {response.status_code}"
        queries[address], sizes[address] = len(captured), len(response.content)
    times: dict[str, list[float]] = {address: [] for address in ADDRESSES}
    for _round in range(ROUNDS):
        for address in ADDRESSES:
            start = time.perf_counter()
            client.get(address)
            times[address].append(time.perf_counter() - start)
    base = statistics.median(times[CHEAPEST])
    sys.stdout.write(f"{'address':36}{'× cheapest':>12}{'ms':>9}{'queries':>9}{'kB':>8}\n")
    for address in ADDRESSES:
        median = statistics.median(times[address])
        row = (
            f"{address:36}{median / base:>12.1f}{median * 1000:>9.1f}{queries[address]:>9}{sizes[address] / 1000:>8.1f}"
        )
        sys.stdout.write(f"{row}\n")


if __name__ == "__main__":
    main()
