"""Runs revisions on the connection that orchard.schema hands over."""

from alembic import context
from sqlmodel import SQLModel

from orchard.schema import covers, load_models

load_models()
target = context.config.attributes["target"]
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    include_object=covers(target.scope),
    render_as_batch=True,
    compare_type=True,
    version_table_schema=target.schema,
)
context.run_migrations()
