"""Benchmarks print one line with figure, limit and verdict, also where a target is missed."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from click.testing import CliRunner

from orchard import db, settings
from orchard.bench import limit_page
from orchard.bench.client import BadAnswer, Browser, latencies_ms, per_second
from orchard.bench.figures import Target, mid, p95, told
from orchard.bench.servers import limit_serve
from orchard.bench.weather_stub import week
from orchard.cli import main
from orchard.weather.acceptance import element_at
from orchard.weather.rules import Asked
from tests import make


@pytest.fixture
def bench():
    def run(*options):
        done = CliRunner().invoke(main, ["bench", *options, "--json"])
        assert done.exit_code == 0, done.output
        assert done.output.count("\n") == 1
        return json.loads(done.output)

    yield run
    db.dispose()
    settings.use(None)


def test_a_missed_target_is_printed_as_missed():
    line = told("x", {"a": 1}, [Target("slow", 4.0, most=3), Target("rps", 0.3, least=0.25)])
    assert line["bench"] == "x" and line["a"] == 1
    assert line["targets"] == [
        {"name": "slow", "figure": 4.0, "most": 3, "met": False},
        {"name": "rps", "figure": 0.3, "least": 0.25, "met": True},
    ]
    assert Target("unknown", None, most=1).is_met is None


def test_middle_and_tail_of_figures():
    assert mid([3, 1, 2]) == 2
    assert p95(list(range(100))) == 95


def test_tasks_are_planned_once_and_stand_beside_the_limit(bench):
    line = bench("tasks", "--plots", "200", "--rounds", "1")
    assert line["rows"] > 200
    assert line["again_rows"] == 0
    assert line["limit_candidates"] == 4000
    assert line["ratio"] > 0


@pytest.mark.campaign
def test_a_town_is_counted_as_kept_and_from_the_records_beside_the_limit(bench):
    line = bench("counts", "--workdays", "2000", "--rounds", "1")
    assert line["differences"] == 0
    assert line["persons"] > 0 and line["hires"] >= line["persons"]
    assert line["queries"]["small"] == line["queries"]["large"]
    assert line["kept_ms"] > 0 and line["page"]["p50_ms"] > 0
    names = {target["name"]: target["figure"] for target in line["targets"]}
    for ours, limit in (("town", "town"), ("county", "county"), ("town", "county")):
        beside = names[f"recount of the {ours} beside the limit of the {limit}"]
        ratio = line[f"recount_{ours}_ms"] / line[f"limit_{limit}_ms"]
        assert beside == pytest.approx(ratio, 0.02)


def test_sheets_are_saved_once_corrected_and_told_beside_their_target(bench):
    line = bench("attendance", "--workdays", "2000", "--rounds", "1")
    assert (line["people"], line["first"]["sheets"], line["bare"]["sheets"]) == (30, 70, 10)
    assert line["again"]["p50_ms"] < line["first"]["p50_ms"]
    assert {target["most"] for target in line["targets"]} == {60}


def test_every_cell_gets_its_forecast_through_the_real_job(bench):
    line = bench("forecasts", "--plots", "200", "--rounds", "1")
    assert line["stored"] == line["cells"] > 10
    assert line["calls"] == -(-line["cells"] // 100)


def test_the_stub_answers_what_the_rules_accept():
    now = make.NOW.replace(tzinfo=None)
    element = json.loads("{" + week(now.date()) + "}")
    asked = Asked(31.1, 108.3, 300)
    element |= {"latitude": 31.1, "longitude": 108.3, "elevation": 300}
    found = element_at([element], 0, asked, now)
    assert all(value is not None for value in found.temps)


def test_the_limit_page_shows_fifty_rows_and_is_measured_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(limit_page, "PLOTS", 2000)
    limit_page.build(tmp_path / "limit.db")
    with limit_serve(tmp_path / "limit.db", 2) as limit:
        page = Browser(limit.port).get("/")[1]
        assert page.count(b"<tr>") == limit_page.ROWS
        assert len(latencies_ms(limit.port, "/", "", 5)) == 5
        assert per_second(limit.port, "/", "", connections=4, seconds=0.2) > 10
        assert limit.memory_mb() is None or limit.memory_mb() > 1


class _Busy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args):
        pass


def test_a_page_that_does_not_answer_200_is_not_measured():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Busy)
    thread = Thread(target=server.serve_forever)
    thread.start()
    with pytest.raises(BadAnswer):
        latencies_ms(server.server_port, "/", "", 1)
    with pytest.raises(BadAnswer):
        per_second(server.server_port, "/", "", connections=1, seconds=0.2)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.campaign
def test_pages_and_uploads_run_to_their_end(bench):
    line = bench("pages", "--plots", "500", "--rounds", "1", "--seconds", "0.5")
    assert set(line["pages"]) == {"limit", "list_412", "today_412", "list_500", "today_500"}
    assert all(page["queries"] <= 6 for name, page in line["pages"].items() if name != "limit")
    assert line["pages"]["list_412"]["queries"] == line["pages"]["list_500"]["queries"]
    assert bench("uploads", "--seconds", "0.5")["clients_alive"] == 24
