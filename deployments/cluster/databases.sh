#!/bin/sh
# Run once by the image of PostgreSQL, on an empty volume: two databases, each with an owner who sees only that one.
set -eu

make_database() {
    psql --set ON_ERROR_STOP=1 --username postgres --set name="$1" --set password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
}

make_database prefect "$PREFECT_DATABASE_PASSWORD"
make_database rightsflow "$CASE_STORE_PASSWORD"
