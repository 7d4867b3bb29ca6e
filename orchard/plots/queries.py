"""Reads over plots; the scope of a look-up is the permission."""

from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from orchard.accounts.rules import Caller, Role
from orchard.errors import NotVisible
from orchard.places.queries import within
from orchard.plots.models import Plot


def plots_visible_to(caller: Caller) -> SelectOfScalar[Plot]:
    """Select own plots, the managed employers', and those of the towns served."""
    towns = caller.places(Role.TECHNICIAN, Role.SECRETARY)
    return select(Plot).where(
        or_(
            col(Plot.grower_id) == caller.person_id,
            col(Plot.employer_id).in_(caller.employers),
            within(Plot.village_code, towns),
        ),
        col(Plot.ended_at).is_(None),
    )


def plot_for(session: Session, caller: Caller, plot_id: UUID) -> Plot:
    """Return one plot, or raise NotVisible as if it did not exist."""
    plot = session.exec(plots_visible_to(caller).where(Plot.id == plot_id)).one_or_none()
    if plot is None:
        raise NotVisible
    return plot


def own_plots(caller: Caller) -> SelectOfScalar[Plot]:
    """Select the plots that the caller works: his own and the managed employers'."""
    return select(Plot).where(
        or_(col(Plot.grower_id) == caller.person_id, col(Plot.employer_id).in_(caller.employers)),
        col(Plot.ended_at).is_(None),
    )


def own_plot_for(session: Session, caller: Caller, plot_id: UUID) -> Plot:
    """Return one plot that the caller works, or raise NotVisible."""
    plot = session.exec(own_plots(caller).where(Plot.id == plot_id)).one_or_none()
    if plot is None:
        raise NotVisible
    return plot
