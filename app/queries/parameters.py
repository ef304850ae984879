"""Every query parameter with the values it accepts, and the lists that take them."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, NoReturn

from app.analysis.coverage import STATES
from app.database.reference import Reference
from app.domain.periods import FORMS, PeriodError, Span, read_period
from app.domain.vocabulary import (
    FIGURE_KINDS,
    Kind,
    SourceKind,
    Standing,
    Subject,
    Term,
    Unit,
    ValueStatus,
    ValueType,
    WorkerType,
)
from app.formats.citations import RECORD_MEDIA_TYPES
from app.formats.lists import LABELS, LABELS_WITH_BOM, MEDIA_TYPES
from app.queries.errors import ParameterCode, nearest
from app.queries.fields import DERIVED, ESSENTIAL, columns_of

DEFAULT_SORT = "-period"
DEFAULT_LIMIT = 100
MAX_WARNED = 1_000
"""The most records that the warnings on a whole set are about. All are in memory at once, at 5 kB each."""

MAX_LIMIT = 500

MAX_VALUES = 200
"""The most values of one parameter in a query; nobody needs more, and each costs the database something."""

SORTS = ("-period", "period", "-value", "value", "id", "-id", "relevance")
SORTS_WITHOUT_VALUE = ("-period", "period", "id", "-id", "relevance")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


class BadValueError(Exception):
    """A value that its parameter doesn't accept; always caught here and turned into a `ParameterError`."""

    def __init__(
        self, code: ParameterCode, message: str, allowed: Sequence[str] = (), near: Sequence[str] = ()
    ) -> None:
        """Keep what is wrong, what would be accepted and what may have been meant."""
        super().__init__(message)
        self.code = code
        self.allowed = list(allowed)
        self.near = list(near)


@dataclass(frozen=True)
class Parameter:
    """A query parameter: how its values are read and described."""

    name: str
    read: Callable[[str, Reference], Any]
    description: str
    example: str | int | bool
    many: bool = False
    joined: bool = False
    """Whether it may hold several values, separated by commas. Then each may appear once, and order matters."""
    words: Sequence[str] = ()
    """The values it takes, if they are a closed list."""
    default: str | int | bool | None = None
    needs: str | None = None
    """Another parameter that it only makes sense with."""
    required: str = ""
    """What to give for it, if it can't be left out."""
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})
    """The JSON Schema of one value, without its words and its default."""

    def openapi(self) -> dict[str, Any]:
        """Describe the parameter for OpenAPI.

        The description names the default, the schema doesn't: generated clients would send it, and a parameter that
        is given differs from one that isn't, such as `force_scope` without `force`.
        """
        one = dict(self.schema)
        if self.words and one == {"type": "string"} and not self.joined:
            one["enum"] = list(self.words)
        many = {
            "type": "array",
            "items": one,
            "maxItems": MAX_VALUES,
            **({"uniqueItems": True} if self.joined else {}),
        }
        repeatable = " Repeatable; values are alternatives." if self.many and not self.joined else ""
        needed = f" Only with `{self.needs}`." if self.needs else ""
        examples = str(self.example).split(",") if self.joined else [self.example]
        default = "" if self.default is None else f" Default: `{str(self.default).lower()}`."
        return {
            "name": self.name,
            "in": "query",
            "required": bool(self.required),
            "description": self.description + repeatable + needed + default,
            "schema": many if self.many else one,
            "example": examples if self.many else self.example,
            **({"style": "form", "explode": False} if self.joined else {}),
        }


def _unknown(value: str, known: Collection[str], meant: Sequence[str] = ()) -> NoReturn:
    allowed = known if isinstance(known, Sequence) else sorted(known)
    near = meant or nearest(value, allowed)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise BadValueError("unknown-code", f"{value[:100]!r} is not known{hint}", allowed, near)


def _known(value: str, known: Collection[str], meant: Sequence[str] = ()) -> str:
    return value if value in known else _unknown(value, known, meant)


def _one_of(words: Sequence[str]) -> Callable[[str, Reference], str]:
    return lambda value, _: _known(value, words)


def _code(tree: str) -> Callable[[str, Reference], str]:
    return lambda value, reference: _known(value, reference.parents[tree], reference.meant(tree, value))


def _id(value: str, _: Reference) -> str:
    if not ID.fullmatch(value) or len(value) > 100:  # noqa: PLR2004 - as long as ids may be
        raise BadValueError("malformed", "is not an id: lower-case letters, digits and hyphens")
    return value


def _period(value: str, _: Reference) -> Span:
    try:
        return read_period(value)
    except PeriodError as error:
        raise BadValueError(error.code, str(error), FORMS, error.nearest) from error


def _day(value: str, _: Reference) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise BadValueError("malformed", "is not a day such as 2021-03-31", ["2021-03-31"])
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise BadValueError("out-of-range", f"there is no day {value}", ["2021-03-31"]) from error


def limit(most: int) -> Parameter:
    """Return the parameter for the number of records on a page, up to a maximum."""

    def read(value: str, _: Reference) -> int:
        allowed = [f"1 to {most}"]
        if not re.fullmatch(r"[+-]?\d+", value, re.ASCII):
            raise BadValueError("malformed", "is not a whole number", allowed)
        if len(value) > 9 or not 1 <= int(value) <= most:  # noqa: PLR2004 - enough digits to tell that it is too large
            raise BadValueError("out-of-range", f"is not between 1 and {most}", allowed)
        return int(value)

    schema = {"type": "integer", "minimum": 1, "maximum": most}
    description = f"Records on a page. Not with {LABELS}, which always hold the whole set."
    return Parameter("limit", read, description, 20, default=DEFAULT_LIMIT, schema=schema)


def fields(kinds: Sequence[Kind]) -> Parameter:
    """Return the parameter for the columns of records of some kinds."""
    names = list(columns_of(kinds))
    example = ",".join(name for name in ESSENTIAL if name in names)
    description = (
        "Columns to return, in this order, separated by commas or repeated: those of the CSV, and "
        f"{', '.join(f'`{name}`' for name in DERIVED)}. Records are then flat objects in JSON, too."
    )
    return Parameter("fields", _one_of(names), description, example, many=True, joined=True, words=names)


def _unchanged(value: str, _: Reference) -> str:
    return value


def _choice(name: str, words: Sequence[str], description: str, example: str, **more: Any) -> Parameter:  # noqa: ANN401
    closed = type(words[0])
    if issubclass(closed, Term) and len(words) == len(closed):
        more["schema"] = {"$ref": f"#/components/schemas/{closed.__name__}"}
    words = [str(word) for word in words]
    return Parameter(name, _one_of(words), description, example, words=words, **more)


def _switch(name: str, description: str) -> Parameter:
    words = ("false", "true")
    read = lambda value, _: _known(value, words) == "true"  # noqa: E731 - as short as the others
    schema = {"type": "boolean"}
    return Parameter(name, read, description, example=True, words=words, default=False, schema=schema)


MAX_SEARCH = 200
"""Characters of a search."""

REPLACEMENT = "\ufffd"
"""What stands for bytes that aren't UTF-8."""

STRAIGHT = str.maketrans("\u201c\u201d", '""')
"""Quotes as people paste them, to those that make a phrase."""


def _search(value: str, _: Reference) -> str:
    if not value.strip():
        raise BadValueError("empty", "has no words; leave it out to get everything")
    if len(value) > MAX_SEARCH:
        raise BadValueError("out-of-range", f"has more than {MAX_SEARCH} characters")
    if not value.isprintable() or REPLACEMENT in value:
        raise BadValueError("malformed", "contains invisible characters")
    return value.translate(STRAIGHT)


PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "q",
            _search,
            "Words to search for, in any form: in statements, notes, names of forces, codes and sources, and "
            'definitions of codes. All must match; `"…"` is a phrase, and `or` and `-` work as in a search engine.',
            "Met sacked",
        ),
        Parameter("id", _id, "Id of a record.", "met-2012-2018-complaints", many=True),
        _choice("kind", FIGURE_KINDS, "Kind of figure.", "outcome", many=True),
        Parameter(
            "force",
            lambda value, reference: _known(value, reference.force_areas, reference.meant("force", value)),
            "Force or area, by its id (see `/v1/forces`).",
            "metropolitan",
            many=True,
        ),
        _choice(
            "force_scope",
            ("self", "members", "areas"),
            "`self`: the force itself; `members`: also forces inside it; `areas`: also areas that contain it.",
            "self",
            default="self",
            needs="force",
        ),
        Parameter(
            "period",
            _period,
            "Dates, inclusive: `2016`, `2018-04`, `2021-03-15`, `2018-04/2021-03`, `2018/..`, `../2020`, or "
            "`FY2020-21` for April 2020 to March 2021. Undated records are left out unless `include_undated`.",
            "2012/2018",
        ),
        _choice(
            "period_match",
            ("overlaps", "within", "covers"),
            "How a record's period matches the query's: it `overlaps` it, lies `within` it, or `covers` it.",
            "overlaps",
            default="overlaps",
            needs="period",
        ),
        _switch("include_undated", "With `period`: include records without a date."),
        Parameter("allegation", _code("allegation"), "Allegation, with its descendants.", "any", many=True),
        Parameter("stage", _code("stage"), "Stage, with its descendants.", "misconduct-proceedings", many=True),
        Parameter(
            "outcome",
            _code("outcome"),
            "Outcome, with its descendants. On complaints and proceedings: those that led to such an outcome, at "
            "any depth and under every possible base.",
            "upheld",
            many=True,
        ),
        _choice("unit", list(Unit), "What is counted.", "complaint", many=True),
        _choice(
            "subjects",
            list(Subject),
            "Whose conduct it is; matches if the figure's list contains it.",
            "officers",
            many=True,
        ),
        _choice("value_type", list(ValueType), "What the number is.", "count", many=True),
        _choice("value_status", list(ValueStatus), "Whether the number is given.", "not-disclosed", many=True),
        _choice("state", STATES, "What is known: a `value_status`, or `no-record`.", "not-disclosed", many=True),
        Parameter("as_at", _day, "Day of a headcount, such as `2021-03-31`.", "2021-03-31", many=True),
        _choice("worker_type", list(WorkerType), "Part of the workforce.", "officer", many=True),
        _choice("standing", list(Standing), "How firmly the source says that it happened.", "alleged", many=True),
        Parameter(
            "source",
            lambda value, reference: _known(value, reference.sources),
            "Source with evidence for the record, in any role (see `/v1/sources`).",
            "wrp-2021-10",
            many=True,
        ),
        _choice(
            "source_kind", list(SourceKind), "Kind of source that has evidence for it.", "news-article", many=True
        ),
        _choice(
            "sort",
            SORTS,
            "Order: by period (start, then end), value, id or, with `q`, relevance, which is then the default; "
            "`-` for descending. Ties are in order of id; records without the field come last.",
            DEFAULT_SORT,
            default=DEFAULT_SORT,
        ),
        fields(FIGURE_KINDS),
        limit(MAX_LIMIT),
        Parameter(
            "cursor",
            _unchanged,
            "Where the next page starts: follow `links.next` unchanged. It is bound to the filters, the sort and "
            f"the release of the first page. Not with {LABELS}.",
            "WyIxLjAuMCIsIjI1ZTQ0MGFiOTAxMjRjZGUiLCJkYTM5YTNlZTVlNmI0YjBkIiwxMDAsImQxZjBkZGZhIl0",
        ),
        _choice(
            "warnings",
            ("page", "set"),
            "Which records `warnings` are about: those on the page, or the whole set. One of them says if the set "
            "is too large to be checked.",
            "set",
            default="page",
        ),
        _choice("view", ("cards", "table"), "How a page shows its records.", "table", default="cards"),
        Parameter("a", _id, "Id of a figure.", "met-2012-2018-upheld-removed", required="the id of a figure"),
        Parameter(
            "b", _id, "Id of another figure.", "ew-2018-2021-misconduct-proven", required="the id of a figure"
        ),
        Parameter(
            "release", _unchanged, "Version of the dataset to answer from, instead of the current one.", "1.0.0"
        ),
        _choice(
            "format", list(MEDIA_TYPES), "Format of the answer; it overrides `Accept`.", "json", default="json"
        ),
        _switch("bom", f"With {LABELS_WITH_BOM}: start with a byte order mark, which some spreadsheets need."),
    )
}
"""Every query parameter of the record endpoints."""

RECORD_FORMAT = _choice(
    "format",
    list(RECORD_MEDIA_TYPES),
    "Format of the answer; it overrides `Accept`. `csl` (CSL-JSON, for reference managers) and `bibtex` cite it.",
    "json",
    default="json",
)
SEARCH = replace(
    PARAMETERS["q"], description="Words to search for, in any form, in names, aliases and definitions."
)
LIST_SORT = _choice(
    "sort", ("id", "relevance"), "Order: by id or, with `q`, by relevance, which is then the default.", "id"
)
"""Search and order of lists of forces and sources."""

DATASET_FORMAT = _choice(
    "format",
    ("json", "jsonld"),
    "Format of the answer; it overrides `Accept`. `jsonld` is for catalogues, in the terms of schema.org and DCAT.",
    "json",
    default="json",
)

EVERYWHERE = (
    "q",
    "id",
    "force",
    "force_scope",
    "period",
    "period_match",
    "include_undated",
    "allegation",
    "outcome",
)
NUMBERS = ("unit", "subjects", "value_type", "value_status")
SOURCES = ("source", "source_kind")
PAGING = ("fields", "sort", "limit", "cursor", "warnings", "release", "format", "bom")


@dataclass(frozen=True)
class Resource:
    """A list that can be queried: its name, the kinds of records in it and their filters."""

    name: str
    kinds: tuple[Kind, ...]
    filters: tuple[str, ...]
    others: tuple[str, ...] = PAGING
    max_limit: int = MAX_LIMIT
    views: tuple[str, ...] = ()
    """The values of `view`, on pages; the first is the default."""

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every parameter of the list by name, in the order of the documentation."""
        found = {name: PARAMETERS[name] for name in (*self.filters, *self.others)}
        if "sort" in found:
            found["sort"] = replace(found["sort"], words=self.sorts)
        if "fields" in found:
            found["fields"] = fields(self.kinds)
        if "limit" in found:
            found["limit"] = limit(self.max_limit)
        if "view" in found:
            read = _one_of(self.views)
            found["view"] = replace(found["view"], read=read, words=self.views, default=self.views[0])
        return found

    @property
    def sorts(self) -> Sequence[str]:
        """The sorts of the list."""
        return SORTS_WITHOUT_VALUE if self.kinds == (Kind.INCIDENT,) else SORTS


COMPLAINTS = Resource("complaints", (Kind.COMPLAINT,), (*EVERYWHERE, *NUMBERS, *SOURCES))
PROCEEDINGS = Resource("proceedings", (Kind.PROCEEDING,), (*EVERYWHERE, "stage", *NUMBERS, *SOURCES))
OUTCOMES = Resource("outcomes", (Kind.OUTCOME,), (*EVERYWHERE, *NUMBERS, *SOURCES))
FIGURES = Resource("figures", FIGURE_KINDS, ("kind", *EVERYWHERE, "stage", *NUMBERS, *SOURCES))
INCIDENTS = Resource("incidents", (Kind.INCIDENT,), (*EVERYWHERE, "standing", *SOURCES))
TOTAL = Resource("total", FIGURE_KINDS, FIGURES.filters, ("release",))
SERIES = Resource(
    "series",
    FIGURE_KINDS,
    tuple(name for name in FIGURES.filters if name != "include_undated"),
    ("release", "format", "bom"),
)
RATES = Resource("rates", FIGURE_KINDS, FIGURES.filters, tuple(name for name in PAGING if name != "fields"))
COMPARED_RATES = Resource("rates", FIGURE_KINDS, FIGURES.filters, ("release",))
COVERAGE = Resource("coverage", FIGURE_KINDS, (*FIGURES.filters, "state"), ("release", "format", "bom"))
WORKFORCE = [PARAMETERS[name] for name in ("as_at", "worker_type", "release", "format", "bom")]
