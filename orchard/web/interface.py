"""What every operation of the JSON interface has in common, written into its description once."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, request
from flask_openapi3 import APIBlueprint, OpenAPI
from flask_openapi3.utils import parse_parameters

from orchard.web.guard import is_api
from orchard.web.permissions import IMAGE_BODIES

PROBLEM = {
    "type": "object",
    "required": ["type", "status", "code", "title"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable name of the refusal"},
        "title": {"type": "string", "description": "One sentence in the caller's language"},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "One sentence for each wrong field",
        },
        "kept": {"type": "object", "description": "On 409: what stands"},
        "sent": {"type": "object", "description": "On 409: what was sent"},
    },
}
REFUSALS = {
    "400": "Not understood",
    "401": "Not signed in",
    "403": "Not this role",
    "404": "Not there, or not for this caller",
    "409": "The same id with other content, or another version",
    "413": "Too large",
    "422": "A field or a rule refuses it; nothing was written",
    "503": "Busy; the same request may be sent again",
}


class Interface(APIBlueprint):
    """A room's operations, described only when the description is asked for.

    The schemas of all rooms took as long as a fifth of the program's start.
    """

    def _collect_openapi_info(self, rule: str, func: Any, **facts: Any) -> Any:
        untold: list[Callable[[], Any]] = self.__dict__.setdefault("untold", [])
        untold.append(partial(super()._collect_openapi_info, rule, func, **facts))
        return parse_parameters(func, doc_ui=False)

    def describe_to(self, app: OpenAPI) -> None:
        """Add the operations to the description of an application."""
        for tell in self.__dict__.pop("untold", []):
            tell()
        app.paths.update(self.paths)
        app.components_schemas.update(self.components_schemas)
        app.tags.extend(tag for tag in self.tags if tag not in app.tags)


METHODS = frozenset({"get", "put", "post", "patch", "delete"})


def check_body() -> None:
    """Refuse a body that is not one JSON object (400) or not called JSON (415).

    The library would take an unreadable body for none, and a string for JSON written in it.
    """
    if request.endpoint is None or request.endpoint in IMAGE_BODIES:
        return
    if is_api() and request.content_length and not isinstance(request.get_json(), dict):
        abort(400)


def complete(described: dict[str, Any]) -> dict[str, Any]:
    """Return the description with sign-in and refusals on every operation."""
    schemas = described.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    schemas.pop("ValidationErrorModel", None)
    for path in described.get("paths", {}).values():
        for method, operation in path.items():
            if method in METHODS:
                operation["security"] = [{"bearer": []}]
                operation.setdefault("responses", {}).update(_refusals())
    return described


def _refusals() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": words,
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status, words in REFUSALS.items()
    }
