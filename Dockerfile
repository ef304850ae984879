# The API by itself: it carries no PostgreSQL and is given one with DATABASE_URL (compose.yaml does so).

FROM python:3.13-slim-trixie AS python
WORKDIR /srv/upheld

FROM python AS build
# The lock holds all that is installed, with hashes, what installing the project itself needs included.
COPY locks/production.txt locks/
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes --requirement locks/production.txt
COPY pyproject.toml README.md LICENSE CHANGELOG.md CONTRIBUTING.md SECURITY.md ./
COPY app app
COPY docs docs
COPY migrations migrations
COPY seeds seeds
# Editable, so that the program stays where it is: it finds docs/, migrations/ and seeds/ beside app/.
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m compileall -q app migrations

FROM python
COPY --from=build /srv/upheld /srv/upheld
ENV PATH=/srv/upheld/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# A number, so that an orchestrator can tell that it is not root. It owns nothing and writes nothing.
USER 10001:10001
EXPOSE 8000
# No proxy: the address is the container's own. An answer other than 200 raises, which is exit status 1.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["upheld", "serve", "--host", "0.0.0.0", "--port", "8000"]
