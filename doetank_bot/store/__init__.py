"""The database: tables, unit of work, read models, migrations."""
