"""Run the development server and the task worker together; end both when told to stop or when one ends.

Both stay in this process's group, so a signal to the group reaches all three; they also end with this
process if it is killed, and this process ends with the one that started it.

Use: python tools/serve.py PORT
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from types import FrameType

PATIENCE = 10.0  # seconds that a process has to end by itself (the worker finishes its task first)
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask Linux to end this process when its parent dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def serve(port: str) -> int:
    """Serve until stopped; 0 when told to stop, 1 when a process ended by itself."""
    manage = [sys.executable, "manage.py"]
    environment = {"SITE_URL": f"http://127.0.0.1:{port}", **os.environ}  # links in mail lead here
    parent = os.getppid()
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    hook = end_with_parent if sys.platform == "linux" else None
    running = {
        name: subprocess.Popen([*manage, *arguments], env=environment, preexec_fn=hook)
        for name, arguments in {
            "worker": ["db_worker", "--no-reload"],
            "server": ["runserver", "--noreload", f"127.0.0.1:{port}"],
        }.items()
    }
    print(f"The tracker is at http://127.0.0.1:{port}/ (Ctrl-C stops it).", flush=True)
    ended: list[str] = []
    while not stopping and not ended and os.getppid() == parent:
        time.sleep(0.2)
        ended = [name for name, process in running.items() if process.poll() is not None]
    for process in running.values():
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in running.values():
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if ended and not stopping:
        print(f"Stopped, because the {ended[0]} ended by itself.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1]))
