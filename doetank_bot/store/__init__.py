"""The store: tables, unit of work, read models, migrations. What only SQLite does is in `sqlite.py`."""
