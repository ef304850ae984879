"""Parameter names from other APIs, with the parameters of ours that they probably mean."""

from collections.abc import Collection, Mapping

from app.queries.errors import nearest

PERIODS = (
    *("from", "to", "since", "until", "after", "before", "start", "end", "year", "years", "month", "day"),
    *("date", "dates", "date_from", "date_to", "from_date", "to_date", "start_date", "end_date"),
    *("year_from", "year_to", "from_year", "to_year", "start_year", "end_year", "min_date", "max_date", "time"),
)

MEANT: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(PERIODS, ("period",)),
    **dict.fromkeys(
        ("police_force", "police", "constabulary", "area", "region", "force_id", "force_name", "organisation"),
        ("force",),
    ),
    **dict.fromkeys(("type", "category", "record_type"), ("kind", "value_type", "allegation")),
    **dict.fromkeys(("result", "results", "sanction", "disposal", "finding"), ("outcome",)),
    **dict.fromkeys(("offence", "misconduct", "complaint_type", "allegation_type", "topic"), ("allegation",)),
    **dict.fromkeys(("step", "proceeding"), ("stage",)),
    **dict.fromkeys(("status",), ("value_status", "standing", "state")),
    **dict.fromkeys(("subject", "group", "role", "officers"), ("subjects",)),
    **dict.fromkeys(("publisher", "article", "origin"), ("source",)),
    **dict.fromkeys(("search", "query", "text", "keyword", "keywords", "term"), ("q",)),
    **dict.fromkeys(("columns", "column", "select", "field", "include"), ("fields",)),
    **dict.fromkeys(("order", "order_by", "orderby", "sort_by", "ordering"), ("sort",)),
    **dict.fromkeys(("page_size", "per_page", "pagesize", "size", "count", "max", "top", "rows"), ("limit",)),
    **dict.fromkeys(("page", "offset", "skip", "next", "start_after"), ("cursor",)),
    **dict.fromkeys(("version", "dataset"), ("release",)),
    **dict.fromkeys(("output", "accept", "file", "ext"), ("format",)),
}
"""Most likely first; an endpoint suggests only parameters that it has."""


def parameters_like(name: str, known: Collection[str]) -> list[str]:
    """Return the parameters of an endpoint that an unknown name may mean, best first."""
    meant = MEANT.get(name.lower().replace("-", "_"), ())
    return [parameter for parameter in meant if parameter in known] or nearest(name, list(known))
