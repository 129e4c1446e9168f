#!/bin/sh
# Install Debian packages where that is allowed (as root, or by sudo without a password); exit with 3 where it is not.
# Package lists are fetched only when the first attempt fails. Use: tools/apt_install.sh PACKAGE...
set -u
command -v apt-get >/dev/null || exit 3
if [ "$(id -u)" = 0 ]; then
  as_root=
elif sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  exit 3
fi
install() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "$@" </dev/null
}
echo "Installing by apt: $*"
install "$@" >/dev/null 2>&1 || { $as_root apt-get update --quiet </dev/null >/dev/null && install "$@" >/dev/null; } || exit 1
