"""${message}

Old rows: say what happens to them. Reversible: say whether.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
