"""Who may open which endpoint: names only, so that it needs no room. Unlisted means refused.

What a role may see inside a page is decided by the scoped look-up of the room's queries.
"""

from orchard.web.roles import (
    DISTRICT,
    EVERYONE,
    GROWER,
    HOLDERS,
    INVITERS,
    MANAGER,
    OFFICE,
    PLOT_READERS,
    SECRETARY,
    TECHNICIAN,
    WORKER,
)
from orchard.web.visit_permissions import VISITS
from orchard.web.work_permissions import WORK

# Bodies that may be larger than 1 MB: a photo of 8 MB and its form (decision 35); the last one
# is sent as the image itself, not as a form or as JSON.
PHOTO_BODY = 9 * 1024 * 1024
PHOTO_BODIES = frozenset(
    {"visits.add_photo", "visits.create", "visits.save_record", "api_visits.put_photo"}
)
IMAGE_BODIES = frozenset({"api_visits.put_photo"})

PUBLIC = frozenset(
    {
        "accounts.card",
        "accounts.card_number",
        "accounts.card_secret",
        "accounts.enter",
        "accounts.sign_in",
        "accounts.sign_out",
        "accounts.use_card",
        "accounts.use_number",
        "api_doc.openapi",
        "display.switch",
        "display.county",
        "employers.one",
        "health.live",
        "health.metrics",
        "health.ready",
        "home.front",
        "openings.list",
        "openings.one",
        "static",
    }
)

LAND: dict[str, frozenset[str]] = {
    # accounts
    "api_accounts.disable": INVITERS,
    "api_accounts.enable": INVITERS,
    "api_accounts.end_role": INVITERS,
    "api_accounts.invite": INVITERS,
    "api_accounts.me": EVERYONE,
    "api_accounts.new_card": INVITERS,
    "api_accounts.people": INVITERS,
    "api_accounts.person": INVITERS,
    "api_accounts.phone": INVITERS,
    "api_accounts.roles": INVITERS,
    "accounts.check_disable": INVITERS,
    "accounts.create": INVITERS,
    "accounts.disable": INVITERS,
    "accounts.enable": INVITERS,
    "accounts.end_role": INVITERS,
    "accounts.end_session": EVERYONE,
    "accounts.invite": INVITERS,
    "accounts.language": EVERYONE,
    "accounts.made": INVITERS,
    "accounts.new_card": INVITERS,
    "accounts.own": EVERYONE,
    "accounts.people": INVITERS,
    "accounts.person": INVITERS,
    "accounts.phone": INVITERS,
    "accounts.prove": EVERYONE,
    "accounts.roles": INVITERS,
    "accounts.search": INVITERS,
    "accounts.secret": EVERYONE,
    # overview
    "overview.page": frozenset({SECRETARY, TECHNICIAN, DISTRICT}),
    # places
    "api_places.towns": EVERYONE,
    "api_places.villages": EVERYONE,
    # plots
    "api_plots.change": HOLDERS,
    "api_plots.create": HOLDERS,
    "api_plots.end": HOLDERS,
    "api_plots.history": PLOT_READERS,
    "api_plots.list": PLOT_READERS,
    "api_plots.one": PLOT_READERS,
    "api_plots.varieties": EVERYONE,
    "plots.change": HOLDERS,
    "plots.check_end": HOLDERS,
    "plots.create": HOLDERS,
    "plots.edit": HOLDERS,
    "plots.end": HOLDERS,
    "plots.list": PLOT_READERS,
    "plots.new": HOLDERS,
    "plots.one": PLOT_READERS,
    # reminders
    "api_reminders.list": EVERYONE,
    "reminders.list": EVERYONE,
    # tasks
    "api_tasks.calendar": OFFICE,
    "api_tasks.done": HOLDERS,
    "api_tasks.list": HOLDERS,
    "api_tasks.one": PLOT_READERS,
    "api_tasks.postpone": HOLDERS,
    "api_tasks.skip": HOLDERS,
    "api_tasks.switch": frozenset({TECHNICIAN}),
    "api_tasks.undo": HOLDERS,
    "tasks.calendar": OFFICE,
    "tasks.done": HOLDERS,
    "tasks.guide": PLOT_READERS | {WORKER},
    "tasks.list": HOLDERS,
    "tasks.one": PLOT_READERS,
    "tasks.postpone": HOLDERS,
    "tasks.save_postponed": HOLDERS,
    "tasks.save_skipped": HOLDERS,
    "tasks.skip": HOLDERS,
    "tasks.switch": frozenset({TECHNICIAN}),
    "tasks.undo": HOLDERS,
    # today
    "api_today.one": PLOT_READERS,
    "today.page": frozenset({GROWER, MANAGER, WORKER}),
    # weather
    "api_weather.alerts": PLOT_READERS,
    "api_weather.forecast": PLOT_READERS,
    "weather.one": PLOT_READERS,
}
ALLOWED = LAND | VISITS | WORK
