#!/bin/sh
# Runs once, when the primary's cluster is created: lets the replicas connect and creates the API's login.
set -eu
echo 'host replication all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
psql --set ON_ERROR_STOP=1 --set password="$READER_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE upheld_reader;
CREATE ROLE upheld_api LOGIN PASSWORD :'password' IN ROLE upheld_reader;
SQL
