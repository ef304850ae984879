# The API without PostgreSQL: set DATABASE_URL, as compose.yaml does.

FROM python:3.13-slim-trixie AS python
WORKDIR /srv/upheld

FROM python AS build
# The lock lists everything with hashes, including what's needed to install the project itself.
COPY locks/production.txt locks/
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes --requirement locks/production.txt
COPY pyproject.toml README.md LICENSE CHANGELOG.md CONTRIBUTING.md SECURITY.md ./
COPY app app
COPY docs docs
COPY migrations migrations
COPY seeds seeds
# Editable, because the program looks for docs/, migrations/ and seeds/ beside app/. Compiled, because nothing can be
# written later, and compiling at each start would take seconds.
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m compileall -q app migrations

FROM python
COPY --from=build /srv/upheld /srv/upheld
ENV PATH=/srv/upheld/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# A number, so that an orchestrator can tell it isn't root. It owns no files and writes none.
USER 10001:10001
EXPOSE 8000
# Without a proxy, which the environment may name. Any answer but 200 raises, which is exit status 1.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["upheld", "serve", "--host", "0.0.0.0", "--port", "8000"]
