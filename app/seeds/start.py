"""A new, empty collection: a folder of seeds for curators to fill with their own articles."""

import json
import shutil
from pathlib import Path

from app.seeds.collection import NAME, OURS
from app.seeds.problems import Problem, SeedError

COPIED = ("codes.yaml", "forces.csv", "breaks.yaml")
"""What every collection starts with: the codes for what is counted, the forces, and the changes of rules."""

README = "README.md"

DESCRIPTION = "Police-misconduct figures, each pinned to the passage it comes from."


OF_CODES = """\
# A code with a parent is always inside it: who was dismissed has left the police, so a filter on that finds
# both. A code with parents is one of them, not known which: "dismissed or convicted" isn't found by a filter on
# `dismissed`. Each entry of breaks.yaml has to say of a new code whether it is touched.

"""


def start_collection(folder: Path, name: str) -> None:
    """Write an empty collection into a new or empty folder.

    Raises:
        SeedError: if the folder already contains something, or can't be written.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise _error(folder, "isn't empty: name a new folder")
        for copied in COPIED:
            shutil.copyfile(OURS / copied, folder / copied)
        codes = folder / "codes.yaml"
        codes.write_text(f"{OF_CODES}{codes.read_text('utf-8')}", "utf-8")
        (folder / NAME).write_text(_collection(name), encoding="utf-8")
        (folder / "sources.yaml").write_text(
            "# Sources whose text you don't hold, such as the document that an article goes back to.\n[]\n",
            encoding="utf-8",
        )
        (folder / README).write_text(_readme(name, folder), encoding="utf-8")
    except OSError as error:
        raise _error(folder, f"can't be written: {error.strerror}") from error


def _error(folder: Path, message: str) -> SeedError:
    return SeedError([Problem(str(folder), 0, "", "", message)])


def _collection(name: str) -> str:
    quoted = json.dumps(name, ensure_ascii=False)  # a JSON string is also a YAML string
    return f"""\
# What readers see on pages, in citations and in catalogues.
name: {quoted}
title: {quoted}
description: {DESCRIPTION}
# Who made the collection, and under which licence others may use it: check both.
creator: {quoted}
licence: {{id: CC-BY-4.0, name: CC BY 4.0 licence, url: "https://creativecommons.org/licenses/by/4.0/"}}
# contact: corrections@example.org
# address: https://figures.example.org
"""


def _readme(name: str, folder: Path) -> str:
    return f"""\
# {name}

A collection of police-misconduct figures. Set `UPHELD_SEEDS={folder.resolve()}`, and every `upheld` command and
`make run` use it.

1. Say in `{NAME}` who you are and under which licence the data is.
2. Save an article as text, one paragraph a line, or a table as CSV, one row a force, in a folder of your own that
   you don't publish.
3. `upheld draft ARTICLE.txt --id ID > {folder.resolve()}/ID.yaml`, or `upheld draft TABLE.csv …`, and fill in what
   says `TODO`.
4. `upheld check`, then `upheld verify --articles FOLDER`.
5. `upheld review ARTICLE.txt` prints each record as a sentence, for a second reader.
6. `upheld serve` starts the server and shows it at http://127.0.0.1:8000.
7. `upheld release 1.0.0 --note "What is in it."` makes it citable; restart the server, or run `upheld load`.

Upheld's guide explains each step, at `/guide/curating` of the running server.
"""
