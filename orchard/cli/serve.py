"""`orchard serve`: pages and jobs in one process, which ends cleanly when it is told to."""

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from orchard.cli import process

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from jobs.runner import Runner

THREADS = 8
LARGEST_BODY = 10 * 1024 * 1024  # above the 9 MB of decision 35, which the application refuses
LARGEST_HEAD = 32 * 1024  # cookies and address together; what browsers send stays under 16
PAGES_FIRST_S = 2.0  # what was missed is caught up after the first pages, not beside them
STOP_S = 20.0  # reliability J11: a running request and a running job finish within this


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on; 0 picks one.")
@click.option("--threads", default=THREADS, show_default=True, help="Requests answered at once.")
def serve(host: str, port: int, threads: int) -> None:
    """Run pages and jobs in one process on the configured database."""
    run(host, port, threads=threads)


def run(
    host: str, port: int, *, threads: int = THREADS, ready: Callable[[str], None] | None = None
) -> None:
    """Serve until the process is told to end; ready is called with the address once it listens."""
    with process.starting():
        from jobs import runner
        from orchard import db, revision, settings
        from orchard.app import create_app
        from orchard.cli.jobs import require_clock_may_stand

        revision.require_current()
        for code in settings.get().counties:
            with db.in_county(code):
                require_clock_may_stand()
        runner.hold_signals()
        server = Server(create_app(), host, port, threads)
    server.start()
    (ready or _say)(f"http://{server.address}")
    jobs = None if settings.get().now else runner.Runner(pace=runner.Pace(first_s=PAGES_FIRST_S))
    if jobs:
        jobs.start()
    runner.wait_for_stop()
    stop(server, jobs)


def _say(address: str) -> None:
    click.echo(f"listening on {address}")


def stop(server: "Server", jobs: "Runner | None", *, wait_s: float = STOP_S) -> None:
    """Let the running requests and the running jobs finish, side by side."""
    from jobs.runner import leave

    ended: list[bool] = []
    closing = Thread(target=lambda: ended.append(jobs.stop() if jobs else True), daemon=True)
    closing.start()
    answered = server.stop(wait_s)
    closing.join(wait_s)
    leave(answered and ended == [True])


class Server:
    """Waitress in a thread of its own, so that answers still leave while it stops."""

    def __init__(self, app: "WSGIApplication", host: str, port: int, threads: int) -> None:
        from waitress.server import create_server
        from waitress.task import ThreadedTaskDispatcher

        self._sockets: dict[int, Any] = {}
        self._tasks = ThreadedTaskDispatcher()
        self._tasks.set_thread_count(threads)
        self._server = create_server(
            process.before_jobs(app),
            self._sockets,
            _dispatcher=self._tasks,
            host=host,
            port=port,
            threads=threads,
            ident="",
            connection_limit=1000,
            asyncore_use_poll=True,
            max_request_body_size=LARGEST_BODY,
            max_request_header_size=LARGEST_HEAD,
            **_behind_proxy(),
        )
        self._loop = Thread(target=self._server.run, name="loop", daemon=True)
        self._listening = [each for each in self._sockets.values() if each.accepting]

    @property
    def address(self) -> str:
        """Return host and port that it listens on."""
        host, port = self._listening[0].socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def start(self) -> None:
        """Begin to answer."""
        self._loop.start()

    def stop(self, wait_s: float) -> bool:
        """Take no new connection, finish running requests; say whether all were answered."""
        until = monotonic() + wait_s
        closed = Event()
        self._listening[0].trigger.pull_trigger(lambda: self._close_doors(closed))
        closed.wait(wait_s)
        self._tasks.shutdown(cancel_pending=False, timeout=max(until - monotonic(), 0))
        while self._unsent() and monotonic() < until:
            Event().wait(0.02)
        return not self._tasks.threads and not self._unsent()

    def _close_doors(self, closed: Event) -> None:
        for each in self._listening:
            each.del_channel(self._sockets)
            each.socket.close()
        closed.set()

    def _unsent(self) -> bool:
        channels = list(self._sockets.values())
        return any(getattr(each, "total_outbufs_len", 0) > 0 for each in channels)


def _behind_proxy() -> dict[str, Any]:
    """Return waitress's settings for a trusted proxy; other senders' headers are cleared."""
    from orchard import settings

    proxies = settings.get().trusted_proxies
    if not proxies:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": proxies[0],
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
        "clear_untrusted_proxy_headers": True,
    }
