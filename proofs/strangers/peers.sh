#!/bin/sh
# Installs what `make proof-strangers` talks to, on a Debian machine as root: RadosGW, Kamailio with sipp, Redmine, Request Tracker, and
# django-helpdesk, Trac, Roundup, Synapse and django-oscar in virtual environments of their own, and Znuny (in non-free)
# unpacked below .peers, with the modules of Perl that it needs. What is there already is left as it is.
set -eu
cd "$(dirname "$0")/../.."

has() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

missing=
for package in radosgw kamailio kamailio-postgres-modules sip-tester redmine redmine-pgsql request-tracker5 rt5-db-postgresql mariadb-server \
    libdbd-mysql-perl librest-client-perl starlet wordpress php-cli php-mysql; do
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

# NAME MODULE PACKAGE...: a virtual environment of its own.
apart() {
    [ -x ".peers/$1/bin/python" ] && ".peers/$1/bin/python" -c "import $2" 2>/dev/null && return
    "${PYTHON:-python3}" -m venv ".peers/$1"
    place=".peers/$1"
    shift 2
    "$place/bin/python" -m pip --disable-pip-version-check --quiet install "$@"
}
apart trac trac 'Trac==1.6' 'setuptools<81' psycopg2-binary
apart roundup roundup 'roundup==2.6.0' psycopg2-binary
apart synapse synapse 'matrix-synapse==1.163.2'
# It needs a newer Python than the others. WooCommerce, which no registry has, is put into .peers/woocommerce by hand.
(PYTHON=/usr/bin/python3 && apart bottlecrm crm 'django-crm==1.35.0' 'psycopg[binary]==3.3.*')
apart oscar oscar 'django-oscar==4.2.1' 'Django==5.2.*' sorl-thumbnail pycountry 'psycopg[binary]==3.3.*'

# Znuny lies in Debian's non-free, which is asked here without being added to the machine's sources.
znuny=.peers/znuny
if [ ! -d "$znuny/usr/share/otrs" ]; then
    mkdir -p "$znuny/apt/lists/partial" "$znuny/apt/cache/archives/partial"
    here=$(cd "$znuny/apt" && pwd)
    echo 'deb http://deb.debian.org/debian trixie main contrib non-free' >"$here/sources.list"
    asked() {
        apt-get -o Dir::Etc::sourcelist="$here/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$here/lists" \
            -o Dir::Cache="$here/cache" -o DPkg::Lock::Timeout=600 "$@"
    }
    asked update -qq
    needed=$(asked -s install --no-install-recommends znuny | sed -n 's/^Inst \(lib[^ ]*-perl\) .*/\1/p')
    # shellcheck disable=SC2086 - a list of packages
    DEBIAN_FRONTEND=noninteractive asked install -y -qq --no-install-recommends $needed
    (cd "$here" && asked download -qq otrs2)
    dpkg -x "$here"/otrs2_*.deb "$znuny"
fi
