vcl 4.1;

# In front of one API process, where Varnish is at hand rather than nginx. Start it as docs/operations.md says: its own
# compression is off, so that every copy is the API's answer with the API's ETag.

import std;

backend api {
    .host = "api";
    .port = "8000";
    .connect_timeout = 2s;
    .first_byte_timeout = 30s;
}

# Asked whether the API is ready, and for nothing else: an API whose database is away still has answers.
backend readiness {
    .host = "api";
    .port = "8000";
    .probe = {.url = "/health/ready"; .interval = 1s; .timeout = 3s; .window = 1; .threshold = 1;}
}

sub vcl_recv {
    # Each process has its own; scrape them directly.
    if (req.url ~ "^/metrics(\?|$)") {
        return (synth(404));
    }
    # No answer depends on who asks.
    unset req.http.Cookie;
    unset req.http.Authorization;
    set req.backend_hint = api;
    # Longer than that, an old copy stands in only while the API can't answer.
    if (std.healthy(readiness)) {
        set req.grace = 10m;
    }
}

sub vcl_backend_response {
    if (beresp.status >= 500) {
        # An old copy stays.
        if (bereq.is_bgfetch) {
            return (abandon);
        }
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
        return (deliver);
    }
    # Old copies are confirmed by their ETag, not sent again. Varnish doesn't read stale-if-error.
    set beresp.keep = 1d;
    if (beresp.http.Cache-Control ~ "stale-if-error=86400") {
        set beresp.grace = 1d;
    }
}

sub vcl_deliver {
    # HIT, STALE or MISS.
    if (obj.hits == 0) {
        set resp.http.X-Cache-Status = "MISS";
    } else if (obj.ttl > 0s) {
        set resp.http.X-Cache-Status = "HIT";
    } else {
        set resp.http.X-Cache-Status = "STALE";
    }
}
