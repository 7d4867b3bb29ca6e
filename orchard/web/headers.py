"""Headers of every answer."""

from flask import Response, request

CSP = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
FIXED = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
PERSONAL = FIXED | {"Cache-Control": "no-store"}


def add(response: Response) -> Response:
    """Add the safe headers; personal pages are never stored by anybody between."""
    is_static = request.endpoint == "static"
    told = {name.lower() for name, _ in response.headers}
    wanted = FIXED if is_static else PERSONAL
    response.headers.extend([pair for pair in wanted.items() if pair[0].lower() not in told])
    if is_static and "v" in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response
