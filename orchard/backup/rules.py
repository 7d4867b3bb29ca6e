"""What an archive must say about itself before it may replace live data."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath

from orchard.errors import OrchardError

FORMAT = 1
MANIFEST = "manifest.json"
PHOTOS = "photos"


class OnPostgres(OrchardError):
    """PostgreSQL brings its own tool, which knows the server better."""

    code = "backup.postgres"


class Damaged(OrchardError):
    """The archive is not what it was when it was made."""

    code = "backup.damaged"


class FromNewer(OrchardError):
    """The archive was made by a newer version of the program."""

    code = "backup.newer"


class OtherCounty(OrchardError):
    """The archive holds other counties than this installation serves."""

    code = "backup.county"


class InUse(OrchardError):
    """Another process has the database open."""

    code = "backup.in_use"


@dataclass(frozen=True)
class Manifest:
    """What is in an archive: county databases by code, and the hash of every file."""

    made_at: str
    revision: str
    databases: dict[str, str]
    sha256: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def dump(self) -> str:
        """Return the manifest as it is written."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)


def read_manifest(text: str) -> Manifest:
    """Return a written manifest, or raise Damaged."""
    try:
        found = Manifest(**json.loads(text))
        if found.format > FORMAT:
            raise FromNewer
        strings = [found.revision, *found.databases.values(), *found.sha256.values()]
        if all(isinstance(value, str) for value in strings):
            return found
    except (AttributeError, TypeError, ValueError):
        pass
    raise Damaged(part=MANIFEST)


def check_manifest(
    manifest: Manifest, *, names: Collection[str], known: Collection[str], counties: Collection[str]
) -> None:
    """Refuse an archive with missing or foreign parts, another county or a newer schema.

    known are the revisions that this code can read.
    """
    inside = set(manifest.sha256)
    strange = [name for name in inside if not _is_plain(name)]
    if strange or set(names) != inside | {MANIFEST}:
        raise Damaged(part=MANIFEST)
    if not set(manifest.databases.values()) <= inside:
        raise Damaged(part=MANIFEST)
    if set(manifest.databases) != set(counties):
        raise OtherCounty(inside=", ".join(manifest.databases), here=", ".join(counties))
    if manifest.revision not in known:
        raise FromNewer


def _is_plain(name: str) -> bool:
    """Say whether a name stays inside the folder that it is unpacked into."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name
