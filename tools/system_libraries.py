"""Provide the libraries that WeasyPrint loads and no Python package carries: by apt where that is allowed.

Asked by loading them, as WeasyPrint does, at every set-up: it takes milliseconds, and a stamp would outlive
the machine.
"""

import ctypes
import subprocess
import sys

NEEDED = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
}
# Without it WeasyPrint still works, but cuts fonts three times slower, and says so only in a warning.
BETTER = {"libharfbuzz-subset.so.0": "libharfbuzz-subset0"}


def missing(libraries: dict[str, str]) -> list[str]:
    """The Debian packages of those libraries that this machine cannot load."""
    packages = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            packages.append(package)
    return packages


if __name__ == "__main__":
    packages = missing(NEEDED | BETTER)
    if packages:
        subprocess.run(["sh", "tools/apt_install.sh", *packages], check=False)
        packages = missing(NEEDED | BETTER)
    if packages:
        print(
            f"The PDF engine needs these system libraries: apt-get install {' '.join(packages)}",
            file=sys.stderr,
        )
        sys.exit(1 if missing(NEEDED) else 0)
