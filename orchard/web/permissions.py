"""Who may open which endpoint: names only, so that it needs no room. Unlisted means refused.

What a role may see inside a page is decided by the scoped look-up of the room's queries.
"""

GROWER, WORKER, TECHNICIAN = "grower", "worker", "technician"
MANAGER, SECRETARY, DISTRICT = "manager", "secretary", "district"

EVERYONE = frozenset({GROWER, WORKER, TECHNICIAN, MANAGER, SECRETARY, DISTRICT})
HOLDERS = frozenset({GROWER, MANAGER})
OFFICE = frozenset({TECHNICIAN, SECRETARY})
PLOT_READERS = HOLDERS | OFFICE

PUBLIC = frozenset(
    {
        "api_doc.openapi",
        "display.switch",
        "display.county",
        "health.live",
        "health.metrics",
        "health.ready",
        "home.front",
        "static",
    }
)

ALLOWED: dict[str, frozenset[str]] = {
    # accounts
    # overview
    "overview.page": frozenset({SECRETARY, TECHNICIAN, DISTRICT}),
    # plots
    # tasks
    # today
    "today.page": frozenset({GROWER, MANAGER, WORKER}),
    # weather
    "api_weather.alerts": PLOT_READERS,
    "api_weather.forecast": PLOT_READERS,
    "weather.one": PLOT_READERS,
}
