"""`orchard weather assess`."""

from pathlib import Path
from typing import Any

import click


@click.group()
def weather() -> None:
    """Check the weather rules against recorded forecasts."""


@weather.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--elevation-m", type=float, required=True, help="Elevation of the plot in metres.")
@click.option(
    "--variety", default=None, help="Code of a variety: adds what cold does to its fruit."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON document.")
def assess(file: Path, elevation_m: float, variety: str | None, as_json: bool) -> None:
    """Say what the rules say of a recorded Open-Meteo answer: days, alerts, spray hours."""
    import json

    from orchard.weather.assess import assess as judge

    told = judge(file.read_bytes(), elevation_m, variety)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for line in _lines(told):
        click.echo(line)


def _lines(told: dict[str, Any]) -> list[str]:
    source = told["source_elevation_m"]
    lines = [
        f"element {told['element']}, {'?' if source is None else source} m,"
        f" corrected by {told['correction_c']} °C to {told['elevation_m']} m"
    ]
    for day in told["days"]:
        facts = [f"{key} {_told(day[key])}" for key in ("low_c", "high_c", "rain_mm", "weather")]
        facts += [f"{key} {_level(day, key)}" for key in ("frost", "heat")]
        best = day["spray_best"]
        facts.append(f"spray {f'{best[0]:02d}-{best[1]:02d}' if best else 'no good hour'}")
        lines.append(f"{day['date']}  {'  '.join(facts)}")
    for alert in told["alerts"]:
        fruit = f"  {alert['fruit']} freezes" if alert.get("harms_fruit") else ""
        lines.append(
            f"alert  {alert['kind']} {alert['level']}  {alert['from']} to {alert['to']}"
            f"  {alert['hours']} h  {alert['extreme_c']} °C{fruit}"
        )
    for hour in told["spray"]:
        why = ", ".join(hour["reasons"])
        lines.append(f"spray  {hour['time']}  {hour['verdict']}{f'  {why}' if why else ''}")
    return lines


def _told(value: object) -> str:
    return "not known" if value is None else str(value)


def _level(day: dict[str, Any], kind: str) -> str:
    if day[kind] is not None:
        return str(day[kind])
    return "none" if day[f"{kind}_known"] else "not known"
