"""For servers that look for a WSGI application; `orchard serve` does not need it."""

from orchard.app import create_app

app = create_app()
