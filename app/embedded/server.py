"""A private PostgreSQL for installations without a database server. It runs as long as the program does.

Needs a Unix. `app.embedded.folder` describes the files it keeps.
"""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote

import psycopg

from app.embedded.binaries import MAJOR, programs, server_user, wheel_location
from app.embedded.folder import (
    EmbeddedError,
    Home,
    Record,
    await_end,
    await_release,
    await_turn,
    check_access,
    claim,
    default_data_dir,
    empty_folder,
    hand_over,
    make_folder,
    open_lock,
    write_record,
)

STARTUP_LIMIT = 60.0
"""Seconds until the server must answer. Recovery after a crash takes a while."""

STOPPING = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
"""Fast shutdown, then shutdown without a checkpoint, then force; each with its limit in seconds."""

LONGEST_SOCKET_PATH = 103
"""Bytes: the limit of macOS; Linux allows four more."""

SETTINGS = {
    "listen_addresses": "",  # no TCP port
    "port": "5432",  # part of the socket's name
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "50",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""Passed on the command line, so that the running program decides them and not the one that made the cluster."""

INITDB = [
    "--username=upheld",
    # Anyone who reaches the socket may connect. That is safe because the socket's folder has mode 0700: only the
    # server's user and root reach it, and that user can read the data files anyway. `peer` would refuse root, whose
    # server runs as another user.
    "--auth-local=trust",
    "--auth-host=reject",
    # Text sorts by code point on every system, whatever locales are installed.
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
]

API_LOGIN = "upheld_api"
"""The API's login, which may do no more than the role of readers."""

REQUIRED: Mapping[LiteralString, LiteralString] = {
    "SELECT FROM pg_database WHERE datname = 'upheld'": "CREATE DATABASE upheld",
    "SELECT FROM pg_roles WHERE rolname = 'upheld_reader'": "CREATE ROLE upheld_reader",
    "SELECT FROM pg_roles WHERE rolname = 'upheld_api'": "CREATE ROLE upheld_api LOGIN IN ROLE upheld_reader",
}
"""A query that finds something the server needs, and the statement that creates it."""


@contextmanager
def running(data_dir: Path | None) -> Iterator[str]:
    """Yield the address (postgresql://…) of a private PostgreSQL that runs as long as this block.

    The first program to use a folder owns the server. The server stops when the block ends and, on Linux, also when
    the program is killed. For that, enter the block from a thread that lives as long as the program, such as the
    main thread: Linux reports the death of the thread, not of the process. If the server ends by itself, the
    owner's main thread is interrupted as by Ctrl-C and the block raises EmbeddedError.

    Further programs on the same folder share the server and never stop it. When the owner leaves, their connections
    break and they are interrupted in the same way; the next program to enter becomes the owner, as does a program
    that is waiting to enter.

    Until the block ends, this process has no environment variables of libpq (PGHOST, PGSERVICE, PGSSLMODE …): they
    describe another server.

    Raises EmbeddedError if there is no server to share and none can be started.
    """
    folder = (data_dir or default_data_dir()).expanduser().resolve()
    with ExitStack() as undo:
        remove_libpq_variables(undo)
        try:
            address = enter(folder, undo)
        except (OSError, subprocess.SubprocessError) as error:
            raise EmbeddedError(
                f"PostgreSQL cannot run in {folder} ({_reason(error)}): "
                "set UPHELD_DATA_DIR to another folder, or DATABASE_URL to a server."
            ) from error
        yield address


def _reason(error: Exception) -> str:
    """Return why, without the paths: a copy that fails on a full disk lists every file."""
    failures = error.args[0] if isinstance(error, shutil.Error) else None
    return str(failures[0][2]).partition(": ")[0] if isinstance(failures, list) else str(error)


def remove_libpq_variables(undo: ExitStack) -> None:
    """Remove the variables that libpq and asyncpg read; `undo` restores them."""
    variables = {name: value for name, value in os.environ.items() if re.match("PG[A-Z]", name)}
    for name in variables:
        del os.environ[name]
    undo.callback(os.environ.update, variables)


def enter(data_dir: Path, undo: ExitStack) -> str:
    """Return the address of the folder's server, shared or started; `undo` leaves it again."""
    site_packages = wheel_location()
    user = server_user()
    claim(data_dir, user)
    folder = data_dir / f"postgres-{MAJOR}"
    make_folder(folder, 0o711)
    if shared := await_turn(folder, open_lock(folder / "owner.lock", undo)):
        owner_has_left = threading.Event()

        def await_owner() -> None:
            await_release(folder / "owner.lock")
            owner_has_left.set()

        undo.callback(check_owner, folder, owner_has_left)
        interrupt_when_ended(await_owner, undo)
        return shared
    home = Home(folder, open_lock(folder / "server.lock", undo), user)
    await_end(home)
    write_record(folder, Record(os.getpid()))
    bin_folder = programs(home, site_packages)
    data = prepare_data(home, bin_folder / "initdb")
    socket = socket_folder(home, undo)
    settings = SETTINGS | {"unix_socket_directories": str(socket)}
    options = [f"--{name}={value}" for name, value in settings.items()]
    server = spawn(home, [str(bin_folder / "postgres"), "-D", str(data), *options])
    undo.callback(stop, server)
    write_record(folder, Record(os.getpid(), server.pid))
    await_ready(home, server, address_of(socket, "postgres"))
    undo.callback(check_alive, home, server)
    interrupt_when_ended(server.wait, undo)
    address = address_of(socket, "upheld")
    write_record(folder, Record(os.getpid(), server.pid, address))
    return address


def prepare_data(home: Home, initdb: Path) -> Path:
    """Return the folder of the cluster. Create the cluster if there is none; clean up after a killed server."""
    data = home.folder / "data"
    if data.exists():
        # The pid in it may belong to another process by now, which PostgreSQL would take for a running server.
        (data / "postmaster.pid").unlink(missing_ok=True)
        return data
    draft = empty_folder(home, "data.new")
    child = spawn(home, [str(initdb), f"--pgdata={draft}", *INITDB])
    try:
        status = child.wait(STARTUP_LIMIT)
    finally:
        stop(child)
    if status != 0:
        raise EmbeddedError(f"initdb ended with status {status}: {advice(home)}")
    return draft.rename(data)


def socket_folder(home: Home, undo: ExitStack) -> Path:
    """Return an empty folder for the socket: in the temporary folder if the path here doesn't suit a socket."""
    path = str(home.folder / "socket" / ".s.PGSQL.5432")
    # Commas and colons separate the hosts of an address; commas and quotes separate the folders of a setting.
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH and re.fullmatch(r"[\w/.+ -]+", path):
        return empty_folder(home, "socket")
    check_access(Path(tempfile.gettempdir()).resolve(), home.user)
    folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="upheld-")))
    return hand_over(folder, home.user)


def address_of(socket: Path, database: str) -> str:
    """Return the address of a database, which libpq and SQLAlchemy both understand."""
    return f"postgresql://upheld@/{database}?host={quote(str(socket))}&port={SETTINGS['port']}"


def as_reader(address: str) -> str:
    """Return the address that logs in to the same database as the API, which can only read."""
    return address.replace("//upheld@", f"//{API_LOGIN}@", 1)


def spawn(home: Home, command: list[str]) -> subprocess.Popen[bytes]:
    """Start a child that writes to the log, inherits the server's lock and ends with this program.

    It has its own session, so Ctrl-C at a terminal doesn't reach it: the program drains first, then stops the
    server.
    """
    with (home.folder / "server.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - the wheel's own programs, with paths of ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",  # the server's user may be unable to enter the current folder
            env=os.environ | {"LC_ALL": "C"},
            pass_fds=[home.server_lock],
            start_new_session=True,
            user=home.user.pw_uid if home.user else None,
            group=home.user.pw_gid if home.user else None,
            extra_groups=[] if home.user else None,
            preexec_fn=tie_to_parent(),  # noqa: PLW1509 - only the child itself can ask for its signal
        )


def tie_to_parent() -> Callable[[], None] | None:
    """Return a function that makes Linux send a child SIGINT, a fast shutdown, when its parent dies.

    The child calls it before it becomes PostgreSQL, and after it changes its user, which would undo it.
    """
    if sys.platform != "linux":
        return None
    pr_set_pdeathsig = 1
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up here, because little is safe between fork and exec
    parent = os.getpid()

    def tie() -> None:
        if prctl(pr_set_pdeathsig, signal.SIGINT, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
        if os.getppid() != parent:  # the parent died before the call
            os._exit(1)

    return tie


def await_ready(home: Home, server: subprocess.Popen[bytes], address: str) -> None:
    """Wait until the server answers, and create what it lacks. Raises EmbeddedError if it doesn't answer."""
    deadline = time.monotonic() + STARTUP_LIMIT
    refusal: psycopg.OperationalError | None = None
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=2) as connection:
                for query, statement in REQUIRED.items():
                    if connection.execute(query).fetchone() is None:
                        connection.execute(statement)
                return
        except psycopg.OperationalError as error:
            refusal = error
            time.sleep(0.01)
    state = "does not answer" if server.returncode is None else f"ended with status {server.returncode}"
    raise EmbeddedError(f"PostgreSQL {state}: {advice(home)}") from refusal


def advice(home: Home) -> str:
    """Return what to do about a failure, and the end of the log, which says what went wrong."""
    log = home.folder / "server.log"
    lines = log.read_text(errors="replace").splitlines()[-8:]
    alternatives = "set UPHELD_DATA_DIR to another folder, or DATABASE_URL to a server"
    return "\n".join([f"{alternatives}. The end of {log}:", *lines])


def interrupt_when_ended(await_end: Callable[[], object], undo: ExitStack) -> None:
    """Interrupt the main thread, as Ctrl-C does, when the server ends although this program didn't stop it.

    A program without its database would answer 503 for ever; one that ends can be started again.
    """
    stopping = threading.Event()
    undo.callback(stopping.set)

    def watch() -> None:
        await_end()
        main = threading.main_thread().ident
        if main is not None and not stopping.is_set():
            signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=watch, name="private PostgreSQL", daemon=True).start()


def check_alive(home: Home, server: subprocess.Popen[bytes]) -> None:
    """Raise EmbeddedError if the server has ended by itself."""
    if server.poll() is not None:
        log = home.folder / "server.log"
        raise EmbeddedError(
            f"PostgreSQL ended by itself with status {server.returncode}: start Upheld again. See {log}."
        )


def check_owner(folder: Path, has_left: threading.Event) -> None:
    """Raise EmbeddedError if the owner of a shared server has ended."""
    if has_left.is_set():
        raise EmbeddedError(
            f"PostgreSQL has ended together with the program that ran it in {folder}: start Upheld again."
        )


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a child and wait for it. Does nothing if it has already ended."""
    for request, limit in STOPPING:
        child.send_signal(request)
        try:
            child.wait(limit)
        except subprocess.TimeoutExpired:
            continue
        return
