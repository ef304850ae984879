"""Every path of the API, with an address that returns 200 for each path with parameters."""

from app.main import create_app
from tests.api import PUBLIC

COMPLAINT = "met-2012-2018-complaints"
OUTCOME = "met-2012-2018-complaints-upheld"
PROCEEDING = "ew-2018-2021-misconduct-proceedings"
INCIDENT = "met-everard-vigil"

KNOWN_ADDRESSES = {
    "/v1/complaints/{id}": f"/v1/complaints/{COMPLAINT}",
    "/v1/proceedings/{id}": f"/v1/proceedings/{PROCEEDING}",
    "/v1/outcomes/{id}": f"/v1/outcomes/{OUTCOME}",
    "/v1/figures/{id}": f"/v1/figures/{OUTCOME}",
    "/v1/figures/{id}/tree": f"/v1/figures/{OUTCOME}/tree",
    "/v1/incidents/{id}": f"/v1/incidents/{INCIDENT}",
    "/v1/forces/{id}": "/v1/forces/metropolitan",
    "/v1/forces/{id}/workforce": "/v1/forces/metropolitan/workforce",
    "/v1/sources/{id}": "/v1/sources/wrp-2021-10",
    "/v1/compare": f"/v1/compare?a={COMPLAINT}&b={OUTCOME}",
    "/v1/total": f"/v1/total?id={COMPLAINT}",
    "/v1/releases/{version}": "/v1/releases/RELEASE",
    "/v1/releases/{version}/changes": "/v1/releases/RELEASE/changes",
    "/figures/{id}": f"/figures/{OUTCOME}",
    "/incidents/{id}": f"/incidents/{INCIDENT}",
    "/compare": f"/compare?a={COMPLAINT}&b={OUTCOME}",
    "/embed/figures/{id}": f"/embed/figures/{OUTCOME}",
    "/oembed": f"/oembed?url={PUBLIC}/figures/{OUTCOME}",
}
"""Addresses that return 200 for paths with parameters; `RELEASE` stands for the current release."""

PATHS = [
    path
    for path in create_app("postgresql://nobody@localhost/nothing", PUBLIC).openapi()["paths"]
    if path != "/v1/rates/comparison"
]
"""Every documented path but one: release 1.0.0, which most tests serve, has no headcounts for rates."""

V1 = [path for path in PATHS if path == "/v1" or path.startswith("/v1/")]
