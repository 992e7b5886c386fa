#!/bin/sh
# Runs once, on an empty volume. The engine works as an ordinary role: row-level security does not bind a superuser.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --set=password="$CIF_DB_PASSWORD" <<'SQL'
CREATE ROLE cif_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE cif OWNER cif_app TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
REVOKE ALL ON DATABASE cif FROM PUBLIC;
SQL
