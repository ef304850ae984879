"""How the program writes what it has to say while it serves: one JSON object a line, errors with their traceback.

Requests are logged with structlog, the rest with the standard library; this is the one place that knows how the
lines look.
"""

import logging.config
import sys

import orjson
import structlog
from structlog.typing import Processor


def configure() -> None:
    """Have everything logged to standard error: as JSON, or in colours where a person sits before it."""
    at_a_terminal = sys.stderr.isatty()
    known: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    of_others: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        # uvicorn's own colours
        _without("color_message"),
    ]
    as_json: list[Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dumps)]
    for_people: list[Processor] = [structlog.dev.ConsoleRenderer()]
    written = for_people if at_a_terminal else as_json
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*known, *of_others],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *written],
    }
    # Nothing tells of where in the program a line comes from, nor of threads: that need not be found out for each.
    logging._srcfile = None  # noqa: SLF001 - as the library's how-to says
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
    # Requests come by the thousand, and do not take the way round by the standard library.
    structlog.configure(
        [*known, *written],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _dumps(event: object, **_: object) -> str:
    return orjson.dumps(event, default=repr).decode()


def _without(name: str) -> Processor:
    def drop(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event.pop(name, None)
        return event

    return drop
