"""The texts of articles: the real ones, and one that is made up."""

from app.settings import PROJECT

ARTICLES = PROJECT.parent / "shared" / "articles"
"""Where the real articles are, on a machine that holds them."""

MADE_UP = PROJECT / "tests" / "articles"
NAME = "northmoor-courier-2024-05-14"
FORCE = "northmoor,Northmoor Constabulary,territorial,,england-and-wales,\n"
