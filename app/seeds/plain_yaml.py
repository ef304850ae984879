"""YAML that only states values, with the line number of every value."""

import re
from collections.abc import Iterator, Mapping
from math import inf, nan

import yaml

Place = tuple[int | str, ...]
"""The keys and indexes that lead to a value: `("records", 0, "id")`."""

MAX_DEPTH = 20
"""The deepest nesting of lists and mappings; seeds need less than half."""

MAX_DIGITS = 300
"""The most digits in a whole number: more than anyone uses, and few enough to print."""


class PlainYamlError(Exception):
    """The text isn't YAML, or does more than state values."""

    def __init__(self, line: int, message: str) -> None:
        """Keep the line number."""
        super().__init__(message)
        self.line = line


def parse(text: str) -> tuple[object, Mapping[Place, int]]:
    """Return the value of a YAML text, and the line number of each value in it.

    Anchors could make a small file huge, tags could request Python objects, and endless nesting would exhaust the
    stack, so all of them are rejected. Plain scalars follow the core schema of YAML 1.2: `no` is a word. Dates stay
    text, so that a date that doesn't exist is reported at its place.

    Raises:
        PlainYamlError: at the first error.

    """
    document = _Document(text)
    return document.value, document.lines


class _Document:
    """A text's single document, while it's being read."""

    def __init__(self, text: str) -> None:
        self.value: object = None
        self.lines: dict[Place, int] = {}
        # The C parser is a hundred times faster than the Python one, and every start reads the seeds.
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.CSafeLoader)
        try:
            documents = (event for event in self._events if isinstance(event, yaml.DocumentStartEvent))
            if next(documents, None):
                self.value = self._read(next(self._events), ())
            for another in documents:
                raise PlainYamlError(_line(another), "is not valid YAML: the file has more than one document")
        except yaml.reader.ReaderError as error:
            line = text.encode().count(b"\n", 0, error.position) + 1
            raise PlainYamlError(line, f"is not valid YAML: {error.reason}") from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise PlainYamlError(line, _in_plain_words(str(error.problem))) from error

    def _read(self, event: yaml.Event, place: Place) -> object:
        """Return the value that starts with an event, and note the line numbers of its entries."""
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise PlainYamlError(_line(event), "anchors and aliases are not allowed in seeds")
        if event.tag:
            raise PlainYamlError(_line(event), f"the tag {event.tag} is not allowed in seeds")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if len(place) >= MAX_DEPTH:
            raise PlainYamlError(_line(event), f"lists and mappings are nested more than {MAX_DEPTH} deep")
        return self._list(place) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(place)

    def _list(self, place: Place) -> list[object]:
        entries: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            here = (*place, len(entries))
            self.lines[here] = _line(event)
            entries.append(self._read(event, here))
        return entries

    def _mapping(self, place: Place) -> dict[str, object]:
        entries: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._read(event, (*place, "?"))
            if not isinstance(key, str):
                raise PlainYamlError(_line(event), f"is not valid YAML: the key {key!r} is not a word")
            if key in entries:
                raise PlainYamlError(_line(event), f"is not valid YAML: duplicate key {key!r}")
            self.lines[*place, key] = _line(event)
            entries[key] = self._read(next(self._events), (*place, key))
        return entries


PLAIN_WORDS = {
    "tab": "has a tab; indent with spaces",
    "mapping values are not allowed": "a text that has a colon and a space in it must be in quotes",
    "did not find expected": (
        "a quote or bracket above is not closed, or this line's indentation doesn't match the line it belongs to"
    ),
    "cannot start any token": "a text that starts with this sign must be in quotes",
    "unexpected end of stream": "a quote or bracket above is not closed",
}
"""Words in the parser's messages, with what a curator has to do."""


def _in_plain_words(problem: str) -> str:
    advice = next((advice for words, advice in PLAIN_WORDS.items() if words in problem), None)
    return f"is not valid YAML: {advice or problem}"


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1  # type: ignore[no-any-return] # the library is untyped


WORDS: Mapping[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), nan),
    **{
        f"{sign}{word}": -inf if sign == "-" else inf
        for sign in ("", "+", "-")
        for word in (".inf", ".Inf", ".INF")
    },
}
INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def _scalar(event: yaml.ScalarEvent) -> object:
    """Return what a scalar means in the core schema of YAML 1.2; a quoted scalar is text."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        if len(text) > MAX_DIGITS:
            raise PlainYamlError(_line(event), f"is not valid YAML: a number of {len(text)} digits")
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    return float(text) if DECIMAL.fullmatch(text) else text
