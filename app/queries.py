"""From an address to one validated query: every parameter, what it accepts, and what is wrong with it.

Nothing is ignored: an unknown, repeated, empty or ill-fitting parameter is refused, and all that is wrong is
said at once.
"""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlencode

import orjson

from app.errors import ParameterCode, ParameterError, bad_query, nearest
from app.periods import FORMS, PeriodError, Span, read_period
from app.reference import Reference, ReleaseRow
from app.vocabulary import FIGURE_KINDS, Kind, Standing, Subject, Term, Unit, ValueStatus, ValueType

DEFAULT_LIMIT = 100
MAX_LIMIT = 500
MAX_PAIRS = 300
"""Parameters in one query, repeated ones included."""

MAX_VALUES = 200
"""Values of one parameter in one query; no reader needs more, and each costs the database something."""

SORTS = ("-period", "period", "-value", "value", "id", "-id")
SORTS_WITHOUT_VALUE = ("-period", "period", "id", "-id")
WHOLE_SETS = ("csv", "jsonl")
"""Forms of a list that are always the whole set, never a page."""

FORMATS = ("json", *WHOLE_SETS)
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
VERSION = re.compile(r"[0-9a-z.]{1,50}", re.ASCII)
CURSOR_PARTS = 5
UNBOUND = frozenset({"limit", "cursor", "release", "format"})
"""Parameters that may change along a walk."""

Pairs = Sequence[tuple[str, str]]


class Refused(Exception):  # noqa: N818 - always caught here, where it becomes a ParameterError
    """A value that its parameter does not accept."""

    def __init__(
        self, code: ParameterCode, message: str, allowed: Sequence[str] = (), near: Sequence[str] = ()
    ) -> None:
        """Keep what is wrong, what would be accepted and what may have been meant."""
        super().__init__(message)
        self.code = code
        self.allowed = list(allowed)[:50]
        self.near = list(near)


@dataclass(frozen=True)
class RecordQuery:
    """A query on records, validated; each field is the parameter of its name."""

    noun: str
    id: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    force: tuple[str, ...] = ()
    force_scope: str = "self"
    period: Span | None = None
    period_match: str = "overlaps"
    include_undated: bool = False
    allegation: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    value_type: tuple[str, ...] = ()
    value_status: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    sort: str = "-period"
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    release: str | None = None
    format: str | None = None
    bom: bool = False
    given: Mapping[str, list[str]] = field(default_factory=dict)
    """The parameters as they were given, in the order of this class."""

    def echo(self) -> dict[str, Any]:
        """Return the query as understood, for the answer's `meta`: what was given, and the sort and limit."""
        single = {name: values if PARAMETERS[name].many else values[0] for name, values in self.given.items()}
        return single | {"sort": self.sort, "limit": self.limit}

    def address(self, path: str, **changes: str | int | None) -> str:
        """Return the query's address, with parameters changed (or, where None, left out)."""
        kept = [pairs for name, pairs in self._written.items() if name not in changes]
        changed = urlencode([(name, value) for name, value in changes.items() if value is not None])
        asked = "&".join(pairs for pairs in (*kept, changed) if pairs)
        return f"{path}?{asked}" if asked else path

    @cached_property
    def _written(self) -> dict[str, str]:
        """The parameters as they stand in an address, by name."""
        return {name: urlencode([(name, value) for value in values]) for name, values in self.given.items()}

    @property
    def fingerprint(self) -> str:
        """What a cursor is bound to: filters and sort."""
        return fingerprint(self.noun, self.given)


@dataclass(frozen=True)
class Parameter:
    """A query parameter: how its values are read, and how it is described."""

    name: str
    read: Callable[[str, Reference], Any]
    description: str
    example: str | int | bool
    many: bool = False
    words: Sequence[str] = ()
    """The values it takes, where they are a closed list."""
    default: str | int | bool | None = None
    needs: str | None = None
    """The parameter without which it says nothing."""
    required: bool = False
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})
    """One value of it in JSON Schema, but for its words and its default."""

    def openapi(self) -> dict[str, Any]:
        """Describe the parameter for OpenAPI.

        The default is told in words: generated clients send what stands under `default`, and a parameter that is
        given is not the same as one that is not, such as `force_scope` without `force`.
        """
        one = dict(self.schema)
        if self.words and one == {"type": "string"}:
            one["enum"] = list(self.words)
        many = {"type": "array", "items": one, "maxItems": MAX_VALUES}
        repeatable = " Repeatable; values are alternatives." if self.many else ""
        needed = f" Only with `{self.needs}`." if self.needs else ""
        default = "" if self.default is None else f" Left out: `{str(self.default).lower()}`."
        return {
            "name": self.name,
            "in": "query",
            "required": self.required,
            "description": self.description + repeatable + needed + default,
            "schema": many if self.many else one,
            "example": [self.example] if self.many else self.example,
        }


def _unknown(value: str, known: Collection[str]) -> NoReturn:
    allowed = known if isinstance(known, Sequence) else sorted(known)
    near = nearest(value, allowed)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise Refused("unknown-code", f"{value[:100]!r} is not known{hint}", allowed, near)


def _known(value: str, known: Collection[str]) -> str:
    return value if value in known else _unknown(value, known)


def _one_of(words: Sequence[str]) -> Callable[[str, Reference], str]:
    return lambda value, _: _known(value, words)


def _code(tree: str) -> Callable[[str, Reference], str]:
    return lambda value, reference: _known(value, reference.parents[tree])


def _id(value: str, _: Reference) -> str:
    if not ID.fullmatch(value) or len(value) > 100:  # noqa: PLR2004 - as long as ids may be
        raise Refused("malformed", "is not an id: lower-case letters, digits and hyphens")
    return value


def _period(value: str, _: Reference) -> Span:
    try:
        return read_period(value)
    except PeriodError as error:
        raise Refused(error.code, str(error), FORMS, error.nearest) from error


def _limit(value: str, _: Reference) -> int:
    allowed = [f"1 to {MAX_LIMIT}"]
    if not re.fullmatch(r"[+-]?\d+", value, re.ASCII):
        raise Refused("malformed", "is not a whole number", allowed)
    if len(value) > 9 or not 1 <= int(value) <= MAX_LIMIT:  # noqa: PLR2004 - enough to tell a large number
        raise Refused("out-of-range", f"is not between 1 and {MAX_LIMIT}", allowed)
    return int(value)


def _as_it_is(value: str, _: Reference) -> str:
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


PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter("id", _id, "Id of a record.", "met-2012-2018-complaints", many=True),
        _choice("kind", FIGURE_KINDS, "Kind of figure.", "outcome", many=True),
        Parameter(
            "force",
            lambda value, reference: _known(value, reference.force_areas),
            "Force or area, by its id (see `/v1/forces`).",
            "metropolitan",
            many=True,
        ),
        _choice(
            "force_scope",
            ("self", "members", "areas"),
            "The force itself, itself and the forces inside an area, or itself and the areas that contain it.",
            "self",
            default="self",
            needs="force",
        ),
        Parameter(
            "period",
            _period,
            "Days, both included: `2016`, `2018-04`, `2021-03-15`, `2018-04/2021-03`, `2018/..`, `../2020`, or "
            "`FY2020-21` for April 2020 to March 2021. Undated records are left out unless `include_undated`.",
            "2012/2018",
        ),
        _choice(
            "period_match",
            ("overlaps", "within", "covers"),
            "How a record's period meets the query's: the two overlap, the record lies within the query, or the "
            "record covers the query.",
            "overlaps",
            default="overlaps",
            needs="period",
        ),
        _switch("include_undated", "With `period`: let records without a date pass."),
        Parameter("allegation", _code("allegation"), "Allegation, with its descendants.", "any", many=True),
        Parameter("stage", _code("stage"), "Stage, with its descendants.", "misconduct-proceedings", many=True),
        Parameter(
            "outcome",
            _code("outcome"),
            "Outcome, with its descendants. On complaints and proceedings: those below which, at any depth and "
            "under every possible base, such an outcome stands.",
            "upheld",
            many=True,
        ),
        _choice("unit", list(Unit), "What one of the number is.", "complaint", many=True),
        _choice("subjects", list(Subject), "Whose conduct; the list contains it.", "officers", many=True),
        _choice("value_type", list(ValueType), "What the number is.", "count", many=True),
        _choice("value_status", list(ValueStatus), "Whether the number is given.", "not-disclosed", many=True),
        _choice("standing", list(Standing), "What the source gives it as.", "alleged", many=True),
        Parameter(
            "source",
            lambda value, reference: _known(value, reference.origins),
            "Source with evidence for it, in whatever role (see `/v1/sources`).",
            "wrp-2021-10",
            many=True,
        ),
        _choice(
            "sort",
            SORTS,
            "Order: by period (start, then end), value or id; `-` for descending. Ties by id ascending, records "
            "without the sorted field last.",
            "-period",
            default="-period",
        ),
        Parameter(
            "limit",
            _limit,
            "Records on a page. Not with CSV and JSON Lines, which are always the whole set.",
            20,
            default=DEFAULT_LIMIT,
            schema={"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
        ),
        Parameter(
            "cursor",
            _as_it_is,
            "Where the next page starts: take `links.next` as it is. Bound to the filters, the sort and the "
            "release in which the walk began. Not with CSV and JSON Lines.",
            "WyIxLjAuMCIsIjI1ZTQ0MGFiOTAxMjRjZGUiLCJkYTM5YTNlZTVlNmI0YjBkIiwxMDAsImQxZjBkZGZhIl0",
        ),
        Parameter("a", _id, "Id of a figure.", "met-2012-2018-upheld-removed", required=True),
        Parameter("b", _id, "Id of another figure.", "ew-2018-2021-misconduct-proven", required=True),
        Parameter(
            "release", _as_it_is, "Version of the dataset to answer from, instead of the current one.", "1.0.0"
        ),
        _choice("format", FORMATS, "Form of the answer; it beats `Accept`.", "json", default="json"),
        _switch("bom", "With CSV: begin with a byte order mark, which some spreadsheets want."),
    )
}
"""Every query parameter of the record endpoints."""

RECORD_FORMAT = _choice(
    "format",
    ("json", "csl", "bibtex"),
    "Form of the answer; it beats `Accept`. `csl` (CSL-JSON, for reference managers) and `bibtex` are citations.",
    "json",
    default="json",
)
DATASET_FORMAT = _choice(
    "format",
    ("json", "jsonld"),
    "Form of the answer; it beats `Accept`. `jsonld` is for catalogues, in the terms of schema.org and DCAT.",
    "json",
    default="json",
)

EVERYWHERE = (
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
PAGING = ("sort", "limit", "cursor", "release", "format", "bom")


@dataclass(frozen=True)
class Noun:
    """A kind of list: its name, what it holds and which filters its records know."""

    name: str
    kinds: tuple[Kind, ...]
    filters: tuple[str, ...]
    others: tuple[str, ...] = PAGING

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every parameter of the list by its name, in the order in which they are described."""
        found = {name: PARAMETERS[name] for name in (*self.filters, *self.others)}
        if "sort" in found:
            found["sort"] = replace(found["sort"], words=self.sorts)
        return found

    @property
    def sorts(self) -> Sequence[str]:
        """The orders in which the list can be had."""
        return SORTS_WITHOUT_VALUE if self.kinds == (Kind.INCIDENT,) else SORTS


COMPLAINTS = Noun("complaints", (Kind.COMPLAINT,), (*EVERYWHERE, *NUMBERS, "source"))
PROCEEDINGS = Noun("proceedings", (Kind.PROCEEDING,), (*EVERYWHERE, "stage", *NUMBERS, "source"))
OUTCOMES = Noun("outcomes", (Kind.OUTCOME,), (*EVERYWHERE, *NUMBERS, "source"))
FIGURES = Noun("figures", FIGURE_KINDS, ("kind", *EVERYWHERE, "stage", *NUMBERS, "source"))
INCIDENTS = Noun("incidents", (Kind.INCIDENT,), (*EVERYWHERE, "standing", "source"))
TOTAL = Noun("total", FIGURE_KINDS, FIGURES.filters, ("release",))
COVERAGE = Noun("coverage", FIGURE_KINDS, FIGURES.filters, ("release",))


@lru_cache(16)
def read_pairs(query_string: bytes) -> Pairs:
    """Split a query string into names and values; bytes that are not UTF-8 become replacement characters.

    What stores answers, what makes them and what sends them each ask for the same.
    """
    try:
        return tuple(
            parse_qsl(
                query_string.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=MAX_PAIRS
            )
        )
    except ValueError as error:
        number = query_string.count(b"&") + 1
        found = parse_qsl(query_string[:1000].decode("latin-1"), keep_blank_values=True)
        name, value = found[0] if found else ("", "")
        message = f"the query has {number} parameters; at most {MAX_PAIRS} are read"
        raise bad_query([ParameterError(name, value, "out-of-range", message)]) from error


def read_query(
    pairs: Pairs,
    noun: Noun,
    reference: Reference,
    wrong: Sequence[ParameterError] = (),
    accepted: str | None = None,
) -> RecordQuery:
    """Read a list's query; `accepted` is the form of its answer where no `format` names one.

    Raises:
        Problem: 422 with everything that is wrong with it, what is known to be wrong already included.

    """
    parameters = noun.parameters
    given = _grouped(pairs)
    errors = [*wrong, *_misused(given, noun, parameters)]
    values: dict[str, Any] = {}
    for name in [name for name in parameters if name in given]:
        read, wrong = _read_values(parameters[name], given[name], reference)
        values[name] = tuple(read) if parameters[name].many else next(iter(read), None)
        errors += wrong
    if "sort" in given and given["sort"][0] in set(SORTS) - set(noun.sorts):
        message = f"{noun.name} have no value to sort by"
        errors.append(
            ParameterError("sort", given["sort"][0], "not-applicable", message, list(noun.sorts), ["-period"])
        )
    given = {name: given[name] for name in parameters if name in given}
    errors += _foreign_cursor(noun, given) + _unfit(given, given.get("format", [accepted])[0])
    if errors:
        raise bad_query(errors)
    return RecordQuery(**values, noun=noun.name, given=given)


def _unfit(given: Mapping[str, Sequence[str]], form: str | None) -> list[ParameterError]:
    """Return the errors of parameters that do not go with the form of the answer."""
    if form in WHOLE_SETS:
        unfit = dict.fromkeys(("limit", "cursor"), f"{form} is always the whole set, never a page")
    else:
        unfit = {}
    if form in FORMATS and form != "csv":
        unfit["bom"] = "a byte order mark belongs to CSV"
    return [
        ParameterError(name, given[name][0], "not-applicable", message)
        for name, message in unfit.items()
        if name in given
    ]


def fingerprint(noun: str, given: Mapping[str, Sequence[str]]) -> str:
    """Return what a cursor is bound to: the list, its filters and its sort."""
    bound = {
        name: sorted(values)
        for name, values in given.items()
        if name not in UNBOUND and values != [str(PARAMETERS[name].default).lower()]
    }
    bound["sort"] = [*given.get("sort", ["-period"])]
    whole = orjson.dumps([noun, bound], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(whole).hexdigest()[:16]


def _foreign_cursor(noun: Noun, given: Mapping[str, Sequence[str]]) -> list[ParameterError]:
    """Return the error of a cursor that was made for another query, by a client's mistake or on purpose."""
    text = next(iter(given.get("cursor", [])), "")
    cursor = read_cursor(text)
    if cursor is None:
        return []
    other_release = given.get("release", [cursor.version])[0] != cursor.version
    other_place = isinstance(cursor.place, str) != (given.get("sort", [""])[0] in {"id", "-id"})
    if cursor.fingerprint == fingerprint(noun.name, given) and not other_release and not other_place:
        return []
    message = "belongs to a query with other filters, another sort or another release"
    return [ParameterError("cursor", text, "foreign-cursor", message)]


def read_few(
    pairs: Pairs, taken: Sequence[Parameter], reference: Reference, wrong: Sequence[ParameterError] = ()
) -> dict[str, Any]:
    """Read the query of an address that takes a few single parameters.

    Raises:
        Problem: 422 with everything that is wrong with it, what is known to be wrong already included.

    """
    known = {parameter.name: parameter for parameter in taken}
    errors = [*wrong]
    values: dict[str, Any] = {}
    for name, given in _grouped(pairs).items():
        if name not in known:
            errors.append(_not_here(name, given[0], "this address", known))
            continue
        read, more = _read_values(known[name], given, reference)
        errors += more
        values[name] = next(iter(read), None)
    if errors:
        raise bad_query(errors)
    return {name: values[name] for name in known if name in values}


def refuse_all(pairs: Pairs) -> None:
    """Refuse every parameter, for addresses that take none."""
    if pairs:
        raise bad_query([_not_here(name, value, "this address", {}) for name, value in pairs])


def _grouped(pairs: Pairs) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    return given


def _not_here(name: str, value: str, where: str, known: Mapping[str, Parameter]) -> ParameterError:
    near = nearest(name, list(known))
    hint = f"; did you mean {near[0]}?" if near else ""
    return ParameterError(
        name, value, "unknown-parameter", f"is not a parameter of {where}{hint}", list(known), near
    )


def _misused(given: Mapping[str, list[str]], noun: Noun, known: Mapping[str, Parameter]) -> list[ParameterError]:
    errors = []
    for name, values in given.items():
        if name in known:
            needs = known[name].needs
            if needs is not None and needs not in given:
                message = f"says nothing without {needs}"
                errors.append(ParameterError(name, values[0], "not-applicable", message, [needs]))
        elif name in PARAMETERS:
            message = f"does not apply to {noun.name}"
            errors.append(ParameterError(name, values[0], "not-applicable", message, list(known)))
        else:
            errors.append(_not_here(name, values[0], noun.name, known))
    return errors


def _read_values(
    parameter: Parameter, values: Sequence[str], reference: Reference
) -> tuple[list[Any], list[ParameterError]]:
    name = parameter.name
    if len(values) > 1 and not parameter.many:
        message = f"is given {len(values)} times and takes one value"
        return [], [ParameterError(name, values[1], "repeated", message, list(parameter.words)[:50])]
    if len(values) > MAX_VALUES:
        message = f"is given {len(values)} times; at most {MAX_VALUES} values are taken"
        return [], [ParameterError(name, values[0], "out-of-range", message)]
    read, errors = [], []
    for value in values:
        if not value:
            message = "has no value; leave it out for all"
            errors.append(ParameterError(name, value, "empty", message, list(parameter.words)))
            continue
        try:
            read.append(parameter.read(value, reference))
        except Refused as refused:
            errors.append(ParameterError(name, value, refused.code, str(refused), refused.allowed, refused.near))
    return read, errors


# --- cursors -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cursor:
    """Where a walk goes on: in which release, of which query, after which place."""

    version: str
    digest: str
    fingerprint: str
    place: int | str

    def __str__(self) -> str:
        """Return the cursor as clients carry it."""
        parts = orjson.dumps([*_cursor_parts(self), _checksum(self)])
        return urlsafe_b64encode(parts).rstrip(b"=").decode()

    def is_of(self, release: ReleaseRow) -> bool:
        """Whether the walk began in this release; `dev` may have been replaced by another of its name."""
        return self.version == release.version and self.digest == release.digest[:16]


def _cursor_parts(cursor: Cursor) -> list[str | int]:
    return [cursor.version, cursor.digest, cursor.fingerprint, cursor.place]


def _checksum(cursor: Cursor) -> str:
    """Tell a cursor that was damaged on its way; it is no secret, and a forged one does no harm."""
    return hashlib.sha256(orjson.dumps(_cursor_parts(cursor))).hexdigest()[:8]


def read_cursor(text: str) -> Cursor | None:
    """Read a cursor, or None where no server made it. Nothing in it is trusted further than its form."""
    if not text:
        return None
    try:
        parts = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, UnicodeEncodeError):
        return None
    if not isinstance(parts, list) or len(parts) != CURSOR_PARTS:
        return None
    version, digest, found, place, _ = parts
    if not all(isinstance(part, str) and VERSION.fullmatch(part) for part in (version, digest, found)):
        return None
    is_place = isinstance(place, int) and not isinstance(place, bool) and 0 < place < 2**31
    is_id = isinstance(place, str) and ID.fullmatch(place) is not None
    if not is_place and not is_id:
        return None
    cursor = Cursor(version, digest, found, place)
    # Not only the checksum: base64 is read with anything else in it, and one place has one cursor.
    return cursor if str(cursor) == text else None
