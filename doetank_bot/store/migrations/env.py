"""Alembic's entry: runs the steps on the connection, and in the transaction, that `store.migration` holds open."""

from alembic import context

from doetank_bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
