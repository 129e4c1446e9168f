#!/bin/sh
# Make the virtual environment in .venv and install requirements.lock into it. Use: tools/make_venv.sh PYTHON
# Debian ships Python without ensurepip: then the system's pip fills the environment, and python3-venv by apt is the next resort.
set -eu
python=$1

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Python 3.11 or newer is needed; name one with: make setup PYTHON=/path/to/python3" >&2
  exit 1
}
lock() {
  "$@" install --quiet --disable-pip-version-check --no-input --require-hashes --requirement requirements.lock
}
make_anew() {
  "$python" -m venv --clear "$@" .venv
}

if .venv/bin/python -c '' 2>/dev/null && .venv/bin/python -m pip --version >/dev/null 2>&1; then
  : # an environment that works is brought up to date, not made anew
elif "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  make_anew
elif "$python" -c 'import venv, pip' 2>/dev/null; then
  make_anew --without-pip
  lock "$python" -m pip --python .venv/bin/python
  exit
elif sh tools/apt_install.sh python3-venv; then
  make_anew
else
  echo "No virtual environment can be made here: install Debian's python3-venv (apt-get install python3-venv)." >&2
  exit 1
fi
lock .venv/bin/python -m pip
