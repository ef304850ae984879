"""Upheld without its response cache, so that the same request can be measured again and again."""

import os

from app.http import logs
from app.http.middleware import AddHeaders
from app.main import create_app

logs.configure()
app = AddHeaders(create_app(os.environ["DATABASE_URL"], "http://127.0.0.1"))
