"""Run every test in three lanes and say on the last lines what ran and what did not. Arguments go to pytest.

SQLite: all but tests/browser. PostgreSQL: the same without those marked `once` (papers are drawn alike from either
database), where a server answers at TEST_DATABASE_URL. Browser: tests/browser, in a process of its own, where Debian's
chromium is. Exits with 1 if a test failed or, with REQUIRE_ALL_LANES=1, if a lane did not run.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
BROWSER_TESTS = "tests/browser"
POSTGRESQL = os.environ.get("TEST_DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
# Said outright, so that no test ever meets the DATABASE_URL of the environment or of .env.
SQLITE = f"sqlite:///{ROOT / 'var' / 'test.sqlite3'}"
CLOSING_LINE = re.compile(r"(\d+ \w+.*|no tests ran) in [\d.]+s")
NO_TESTS = 5  # pytest's exit code when nothing was collected


def no_postgresql() -> str | None:
    """Why the PostgreSQL lane cannot run; None if it can."""
    try:
        psycopg2.connect(POSTGRESQL, connect_timeout=3).close()
    except psycopg2.OperationalError as error:
        address = urlsplit(POSTGRESQL)
        return f"no server at {address.hostname}:{address.port or 5432} ({str(error).strip().splitlines()[0]})"
    return None


def no_browser() -> str | None:
    """Why the browser lane cannot run; None if it can."""
    if not (ROOT / BROWSER_TESTS).is_dir():
        return f"no {BROWSER_TESTS}"
    if not shutil.which("chromium"):
        return "no chromium (apt-get install chromium)"
    return None


def pytest(database_url: str, *arguments: str) -> tuple[bool, str]:
    """Run pytest, passing its output on; whether it passed, and its closing line."""
    command = [sys.executable, "-m", "pytest", *arguments, *sys.argv[1:]]
    environment = {**os.environ, "DATABASE_URL": database_url, "DEBUG": "1", "PYTHONUNBUFFERED": "1"}
    closing = "no closing line"
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            closing = line.strip("= \n") if CLOSING_LINE.search(line) else closing
    narrowed = len(sys.argv) > 1
    passed = process.returncode == 0 or (process.returncode == NO_TESTS and narrowed)
    return passed, closing if passed else f"FAILED ({closing})"


def main() -> int:
    """Run the lanes one after the other."""
    without_browser = (f"--ignore={BROWSER_TESTS}", f"--numprocesses={len(os.sched_getaffinity(0))}")
    lanes = [
        ("SQLite", None, SQLITE, without_browser),
        ("PostgreSQL", no_postgresql(), POSTGRESQL, (*without_browser, "-m", "not once")),
        ("Browser", no_browser(), SQLITE, (BROWSER_TESTS,)),
    ]
    good, summary = True, []
    for name, obstacle, database_url, arguments in lanes:
        if obstacle:
            good = good and os.environ.get("REQUIRE_ALL_LANES") != "1"
            summary.append(f"{name}: not run, {obstacle}")
            continue
        print(f"\n--- {name} ---", flush=True)
        passed, closing = pytest(database_url, *arguments)
        good = good and passed
        summary.append(f"{name}: {closing}")
    print("\n" + "\n".join(summary))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
