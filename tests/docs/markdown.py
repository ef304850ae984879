"""Read Markdown in tests: sections, tables, code words and code blocks."""

import re

LEFT_OUT = "…"
"""Marks an omission in a shortened example."""


def section(page: str, heading: str) -> str:
    """Return the text below a heading, up to the next heading of the same or a higher level."""
    level = heading.split(" ", maxsplit=1)[0]
    _, found, rest = page.partition(f"\n{heading}\n")
    assert found, f"there is no heading {heading!r}"
    return re.split(rf"\n#{{1,{len(level)}}} ", rest)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of all table rows in a text, without header rows."""
    lines = text.splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("| ") and not after.startswith("|---")
    ]


def code_words(text: str) -> list[str]:
    """Return everything formatted as code in a text."""
    return re.findall(r"`([^`]+)`", text)


def blocks(page: str, language: str) -> list[str]:
    """Return the fenced code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def is_shortened(shown: str, whole: str) -> bool:
    """Whether a text shortens another: a line of `…` stands for skipped lines, `…` within a line for words."""
    lines = [
        "(?:.*\n)*?" if line == LEFT_OUT else re.escape(line).replace(LEFT_OUT, ".*") + "\n"
        for line in shown.splitlines()
    ]
    return re.fullmatch("".join(lines), whole) is not None


def differences(shown: object, answer: object, place: str = "$") -> list[str]:
    """Return where a shortened JSON value differs from the full answer.

    Fields may be left out anywhere, but list entries only where `…` marks the omission.
    """
    if isinstance(shown, dict) and isinstance(answer, dict):
        missing = [f"{place}.{name} is not in the answer" for name in shown if name not in answer]
        both = [name for name in shown if name in answer]
        return missing + [line for n in both for line in differences(shown[n], answer[n], f"{place}.{n}")]
    if isinstance(shown, list) and isinstance(answer, list):
        return _differences_of_lists(shown, answer, place)
    same = type(shown) is type(answer) and shown == answer
    return [] if same else [f"{place} is {answer!r}, not {shown!r}"]


def _differences_of_lists(shown: list[object], answer: list[object], place: str) -> list[str]:
    if LEFT_OUT not in shown:
        if len(shown) != len(answer):
            return [f"{place} has {len(answer)} entries, not {len(shown)}"]
        pairs = enumerate(zip(shown, answer, strict=True))
        return [line for i, (one, other) in pairs for line in differences(one, other, f"{place}[{i}]")]
    kept = [entry for entry in shown if entry != LEFT_OUT]
    remaining = iter(answer)
    missing = [entry for entry in kept if all(differences(entry, other) for other in remaining)]
    wrong = [f"{place} has no entry {entry!r} in that order" for entry in missing]
    return wrong + ([f"{place} leaves nothing out"] if len(kept) >= len(answer) else [])
