"""Log format: text for people at a terminal, otherwise one JSON object per line.

Requests are logged with structlog, everything else with the standard library. Both use the same format.
"""

import json
import logging.config
import sys

import orjson
import structlog
from structlog.typing import EventDict, Processor

MAX_VALUE = 1_000
"""Characters of a value that are logged; the rest is cut."""

MAX_TRACEBACK = 20_000


def configure() -> None:
    """Log to standard error: as text if it is a terminal, otherwise as JSON."""
    as_text: list[Processor] = [
        _escape,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
    as_json: list[Processor] = [structlog.processors.JSONRenderer(to_json)]
    render: list[Processor] = [
        structlog.processors.format_exc_info,
        _cut,
        *(as_text if sys.stderr.isatty() else as_json),
    ]
    add_context: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [
            *add_context,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            _drop_color_message,
        ],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
    }
    # No log line names a source file or thread, so don't look them up.
    logging._srcfile = None  # noqa: SLF001 - documented in the library's how-to
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"level": "INFO", "handlers": ["stderr"]},
        }
    )
    # There are thousands of requests, so they bypass the standard library.
    structlog.configure(
        [*add_context, *render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def to_json(event: object, **_: object) -> str:
    """Return an event as one line of JSON, with every invisible character escaped."""
    text = orjson.dumps(event, default=repr).decode()
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def _cut(_: object, __: str, event: EventDict) -> EventDict:
    """Shorten long values; keep the end of a traceback."""
    for name, value in event.items():
        if not isinstance(value, str):
            continue
        if name == "exception":
            event[name] = value if len(value) <= MAX_TRACEBACK else f"…{value[-MAX_TRACEBACK:]}"
        elif len(value) > MAX_VALUE:
            event[name] = f"{value[:MAX_VALUE]}…"
    return event


def _escape(_: object, __: str, event: EventDict) -> EventDict:
    """Escape control and other invisible characters, which a terminal might act on."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            keep = "\n" if name == "exception" else ""
            event[name] = "".join(
                char if char.isprintable() or char in keep else char.encode("unicode_escape").decode()
                for char in value
            )
    return event


def _drop_color_message(_: object, __: str, event: EventDict) -> EventDict:
    """Drop the coloured copy of the message that uvicorn adds."""
    event.pop("color_message", None)
    return event
