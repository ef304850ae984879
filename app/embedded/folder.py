"""The data folder: who may use it, and which program runs the server in it.

Everything that the private PostgreSQL writes is in this folder:

    UPHELD.txt           marks the folder as Upheld's; written first
    postgres-18/         a new major version starts afresh, since the seeds can always be loaded again
      owner.lock         locked by the program that owns the server, until it ends
      server.lock        locked by the server's processes; free once all of them have ended
      server.json        the owner's pid, then the server's pid and address as soon as they are known
      server.log         the server's log since its last start
      data/              the database cluster; it gets this name once it is complete
      socket/            the server's socket, unless the path doesn't suit a socket
      binaries-0.6.0/    for root only, see `app.embedded.binaries.server_user`
"""

import fcntl
import json
import os
import pwd
import shutil
import signal
import stat
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import psycopg
from platformdirs import user_data_path

from app.errors import UpheldError

MARKER = "UPHELD.txt"

WAIT_LIMIT = 75.0
"""Seconds to wait for another program to share its server or end, and for an orphaned server to stop."""


class EmbeddedError(UpheldError):
    """The private PostgreSQL can't run; the message says why and what to do."""


class Home(NamedTuple):
    """The folder of one major version, which this program owns."""

    folder: Path
    server_lock: int
    """The file descriptor of `server.lock`, which the server's processes inherit."""
    user: pwd.struct_passwd | None
    """The user who runs the server, or None for the current user."""


class Record(NamedTuple):
    """The content of `server.json`, as far as it is known."""

    owner: int | None = None
    server: int | None = None
    address: str | None = None


def default_data_dir() -> Path:
    """Return the default folder.

    Root's is in `/var/lib`, because the unprivileged user who runs root's server can't enter root's home.
    """
    return Path("/var/lib/upheld") if os.geteuid() == 0 else user_data_path("upheld")


def claim(data_dir: Path, user: pwd.struct_passwd | None) -> None:
    """Create the folder and mark it as Upheld's.

    Raises EmbeddedError and changes nothing if the folder belongs to something or somebody else.
    """
    check_access(data_dir, user)
    make_folder(data_dir, 0o755)
    check_access(data_dir, user)  # again, because the umask may have closed a parent that was just created
    marker = data_dir / MARKER
    # List the files before looking for the marker: another program may be writing it right now.
    if any(data_dir.iterdir()) and not marker.exists():
        raise EmbeddedError(
            f"{data_dir} contains files that are not Upheld's: set UPHELD_DATA_DIR to a new or empty folder."
        )
    if not marker.exists():
        marker.write_text("Upheld's private PostgreSQL. Delete this folder only while Upheld is stopped.\n")
    if (owner := marker.stat().st_uid) != os.geteuid():
        raise EmbeddedError(
            f"{data_dir} belongs to another user (uid {owner}): "
            "run Upheld as that user, or set UPHELD_DATA_DIR to another folder."
        )


def check_access(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Raise EmbeddedError if the server's user can't enter the folder or one of its parents."""
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
    """Create a folder with this mode, whatever the umask. A folder that already exists stays as it is."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        return
    folder.chmod(mode)


def empty_folder(home: Home, name: str) -> Path:
    """Return a new folder that only the server's user can open; anything that had its name is deleted."""
    folder = home.folder / name
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    return hand_over(folder, home.user)


def hand_over(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """Make the server's user the owner of a folder, and return the folder."""
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def open_lock(path: Path, undo: ExitStack) -> int:
    """Return a file descriptor to lock. A lock lasts until every process that inherited it has ended."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    undo.callback(os.close, descriptor)
    return descriptor


def try_lock(descriptor: int) -> bool:
    """Take a lock if it is free; return whether it was."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def await_release(path: Path) -> None:
    """Wait until no program holds the lock on a file."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)


def await_turn(folder: Path, owner_lock: int) -> str | None:
    """Return the address of the owner's server, or None once this program is the owner.

    Raises EmbeddedError if another program owns the folder and its server doesn't answer in time.
    """
    deadline = time.monotonic() + WAIT_LIMIT
    while True:
        record = read_record(folder)
        shared = record.address if record.address and answers(record.address) else None
        if try_lock(owner_lock):
            return None
        if shared:  # the owner was still alive after its server answered
            return shared
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Process {record.owner or '(unknown)'} owns {folder}, but its PostgreSQL does not answer: "
                "end that process, or set UPHELD_DATA_DIR to another folder."
            )
        time.sleep(0.05)


def await_end(home: Home) -> None:
    """Wait until the server of an owner that was killed has ended.

    On Linux it is already shutting down; elsewhere it needs a signal.
    """
    deadline = time.monotonic() + WAIT_LIMIT
    orphan = read_record(home.folder).server
    while not try_lock(home.server_lock):
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
    """Write `server.json` for other programs."""
    draft = folder / "server.json.new"
    draft.write_text(json.dumps(record._asdict()))
    draft.replace(folder / "server.json")


def read_record(folder: Path) -> Record:
    """Return what the current or last owner wrote; an empty record if there is nothing readable."""
    try:
        return Record(**json.loads((folder / "server.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):  # missing, incomplete, or from another version
        return Record()


def answers(address: str) -> bool:
    """Return whether a server accepts connections at this address."""
    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
