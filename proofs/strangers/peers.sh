#!/bin/sh
# Installs what `make proof-strangers` talks to, on a Debian machine as root: RadosGW, Kamailio with sipp, Redmine, Request Tracker, and
# django-helpdesk in a virtual environment of its own. What is there already is left as it is.
set -eu
cd "$(dirname "$0")/../.."

has() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

missing=
for package in radosgw kamailio kamailio-postgres-modules sip-tester redmine redmine-pgsql request-tracker5 rt5-db-postgresql; do
    has "$package" || missing="$missing $package"
done
if [ -n "$missing" ]; then
    # The proof makes an instance of its own; the package's default one is not set up.
    echo 'redmine redmine/instances/default/dbconfig-install boolean false' | debconf-set-selections
    echo 'request-tracker5 request-tracker5/dbconfig-install boolean false' | debconf-set-selections
    apt-get -o DPkg::Lock::Timeout=600 update -qq
    # shellcheck disable=SC2086 - a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends $missing
fi

place=.peers/helpdesk
if [ ! -x "$place/bin/django-admin" ]; then
    "${PYTHON:-python3}" -m venv "$place"
    "$place/bin/python" -m pip --disable-pip-version-check --quiet install \
        'django-helpdesk==2.6.1' 'Django==5.2.*' 'djangorestframework==3.18.*' 'psycopg[binary]==3.3.*'
fi
