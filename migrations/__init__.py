"""The history of the schema, one for SQLite and PostgreSQL; applied by `cif_engine.persistence.migrating`."""
