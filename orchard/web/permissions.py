"""Who may open which endpoint: names only, so that it needs no room. Unlisted means refused.

What a role may see inside a page is decided by the scoped look-up of the room's queries.
"""

GROWER, WORKER, TECHNICIAN = "grower", "worker", "technician"
MANAGER, SECRETARY, DISTRICT = "manager", "secretary", "district"

EVERYONE = frozenset({GROWER, WORKER, TECHNICIAN, MANAGER, SECRETARY, DISTRICT})
HOLDERS = frozenset({GROWER, MANAGER})
OFFICE = frozenset({TECHNICIAN, SECRETARY})
PLOT_READERS = HOLDERS | OFFICE
INVITERS = frozenset({MANAGER, SECRETARY, DISTRICT})
VISIT_ASKERS = HOLDERS | {SECRETARY}
VISIT_READERS = HOLDERS | OFFICE

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
        "accounts.card_secret",
        "accounts.enter",
        "accounts.sign_in",
        "accounts.sign_out",
        "accounts.use_card",
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
    "api_accounts.disable": INVITERS,
    "api_accounts.enable": INVITERS,
    "api_accounts.invite": INVITERS,
    "api_accounts.me": EVERYONE,
    "api_accounts.new_card": INVITERS,
    "api_accounts.people": INVITERS,
    "api_accounts.person": INVITERS,
    "api_accounts.phone": INVITERS,
    "accounts.check_disable": INVITERS,
    "accounts.create": INVITERS,
    "accounts.disable": INVITERS,
    "accounts.enable": INVITERS,
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
    "accounts.search": INVITERS,
    "accounts.secret": EVERYONE,
    # attendance
    "api_attendance.days": frozenset({MANAGER, WORKER}),
    "api_attendance.put": frozenset({MANAGER}),
    "api_attendance.save_sheet": frozenset({MANAGER}),
    "api_attendance.sheet": frozenset({MANAGER}),
    "attendance.correct": frozenset({MANAGER}),
    "attendance.day": frozenset({MANAGER}),
    "attendance.days": frozenset({MANAGER}),
    "attendance.list": frozenset({MANAGER}),
    "attendance.save": frozenset({MANAGER}),
    "attendance.sheet": frozenset({MANAGER}),
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
    # visits
    "api_visits.actions": VISIT_READERS,
    "api_visits.answer": frozenset({TECHNICIAN}),
    "api_visits.cancel": VISIT_ASKERS,
    "api_visits.confirm": HOLDERS,
    "api_visits.create": VISIT_ASKERS,
    "api_visits.day_off": frozenset({TECHNICIAN}),
    "api_visits.diagnoses": VISIT_READERS,
    "api_visits.did_not_come": HOLDERS,
    "api_visits.diary": frozenset({TECHNICIAN}),
    "api_visits.figures": frozenset({SECRETARY, DISTRICT}),
    "api_visits.follow_up": HOLDERS | {TECHNICIAN},
    "api_visits.get_photo": HOLDERS | {TECHNICIAN},
    "api_visits.hand_over": frozenset({TECHNICIAN}),
    "api_visits.list": HOLDERS,
    "api_visits.nobody_there": frozenset({TECHNICIAN}),
    "api_visits.one": VISIT_READERS,
    "api_visits.pool": OFFICE,
    "api_visits.problems": VISIT_READERS,
    "api_visits.put_photo": VISIT_READERS,
    "api_visits.put_record": frozenset({TECHNICIAN}),
    "api_visits.rate": HOLDERS,
    "api_visits.reassign": frozenset({DISTRICT}),
    "api_visits.record": VISIT_READERS,
    "api_visits.schedule": frozenset({TECHNICIAN}),
    "api_visits.take": frozenset({TECHNICIAN}),
    "visits.add_photo": VISIT_READERS,
    "visits.advice": HOLDERS,
    "visits.answer": frozenset({TECHNICIAN}),
    "visits.cancel": VISIT_ASKERS,
    "visits.check_answer": frozenset({TECHNICIAN}),
    "visits.check_hand_over": frozenset({TECHNICIAN}),
    "visits.confirm": HOLDERS,
    "visits.create": VISIT_ASKERS,
    "visits.day_off": frozenset({TECHNICIAN}),
    "visits.did_not_come": HOLDERS,
    "visits.district": frozenset({DISTRICT}),
    "visits.follow_up": HOLDERS | {TECHNICIAN},
    "visits.hand_over": frozenset({TECHNICIAN}),
    "visits.list": HOLDERS,
    "visits.new": VISIT_ASKERS,
    "visits.nobody_there": frozenset({TECHNICIAN}),
    "visits.one": VISIT_READERS,
    "visits.photo": HOLDERS | {TECHNICIAN},
    "visits.pool": OFFICE,
    "visits.prescription": VISIT_READERS,
    "visits.put_on_day": frozenset({TECHNICIAN}),
    "visits.rate": HOLDERS,
    "visits.reassign": frozenset({DISTRICT}),
    "visits.record": frozenset({TECHNICIAN}),
    "visits.round": frozenset({TECHNICIAN}),
    "visits.save_record": frozenset({TECHNICIAN}),
    "visits.schedule": frozenset({TECHNICIAN}),
    "visits.take": frozenset({TECHNICIAN}),
    "visits.town": frozenset({SECRETARY, DISTRICT}),
    # weather
    "api_weather.alerts": PLOT_READERS,
    "api_weather.forecast": PLOT_READERS,
    "weather.one": PLOT_READERS,
}
