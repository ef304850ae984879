import pytest, json, time
from tests import made
from tests.conftest import *
pytestmark = pytest.mark.anyio
async def test_real(client):
    t = (await client.get("/v1/figures/met-2012-2018-complaints/tree")).json()
    def show(n, d=0):
        print(" "*d, n["figure"]["id"], n["figure"]["value"], n["figure"]["share"], n.get("ambiguous"))
        for c in n["children"]: show(c, d+2)
    show(t); 
    t = (await client.get("/v1/figures/ew-2018-2021-misconduct-proceedings/tree")).json(); show(t); print(t["truncated"])
    t = (await client.get("/v1/figures/ew-2018-2021-left-and-barred/tree")).json(); print([a["id"] for a in t["ancestors"]])
    for q in ["a=met-2012-2018-upheld-removed&b=ew-2018-2021-misconduct-proven","a=ew-past-year-investigated&b=ew-2016-investigated","a=ew-2018-2021-misconduct-proceedings&b=ew-2020-2021-misconduct-proceedings"]:
        c = (await client.get("/v1/compare?"+q)).json(); print(c["verdict"], c["difference"], c["ratio"]); 
        for r in c["reasons"]: print("   ", r)
    for q in ["force=england-and-wales&stage=misconduct-proceedings","force=metropolitan&kind=complaint","force=gwent"]:
        r = await client.get("/v1/total?"+q); print(r.status_code, r.json())
async def test_many(database):
    recs=[]
    from datetime import date, timedelta
    for i in range(10001):
        d = date(1990,1,1)+timedelta(days=i)
        recs.append(made.figure(f"f-{i:05}", period=made.days(str(d)), value=i%7))
    t=time.time(); made.loaded(database, recs); print("load", time.time()-t)
    async for c in client_of(database.url.render_as_string(hide_password=False)):
        t=time.time(); r = await c.get("/v1/total"); print(r.status_code, r.text, time.time()-t)
        t=time.time(); r = await c.get("/v1/total?period=1990-01-02/.."); print(r.status_code, r.text[:80], time.time()-t)
