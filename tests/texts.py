"""The texts of articles: the real ones and a made-up one."""

from app.settings import PROJECT

ARTICLES = PROJECT.parent / "shared" / "articles"
"""The folder of the real articles, on machines that have them."""

MADE_UP = PROJECT / "tests" / "articles"
NAME = "northmoor-courier-2024-05-14"
FORCE = "northmoor,Northmoor Constabulary,territorial,,england-and-wales,\n"
