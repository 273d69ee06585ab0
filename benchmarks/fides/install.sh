#!/bin/sh
# Installs what `python -m benchmarks.compared` compares a case with, on a Debian machine as root: Fides in a virtual
# environment of its own (Python 3.13), Redis, and a PostgreSQL with the extensions that Fides' own database needs.
# Prints what FIDES is to be set to. What is there already is left as it is.
set -eu
cd "$(dirname "$0")/../.."

has() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

missing=
for package in redis-server postgresql; do
    has "$package" || missing="$missing $package"
done
if [ -n "$missing" ]; then
    apt-get -o DPkg::Lock::Timeout=600 update -qq
    # shellcheck disable=SC2086 - a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends $missing
fi

place=.peers/fides
if [ ! -x "$place/bin/fides" ]; then
    "${PYTHON:-python3.13}" -m venv "$place"
    "$place/bin/python" -m pip --disable-pip-version-check --quiet install 'ethyca-fides==2.86.2'
fi
echo "FIDES=$PWD/$place"
