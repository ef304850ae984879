// The same page of figures from the same rows, by fastify and pg: one statement for the page, one for the total.
const fastify = require("fastify")();
const { Pool } = require("pg");

const [port, release] = process.argv.slice(2).map(Number);
const pool = new Pool({ max: 10 });
const selection =
  "FROM record WHERE release_id = $1 AND kind IN ('complaint', 'proceeding', 'outcome')" +
  " AND force = $2 AND period_start <= $4 AND period_end >= $3";

fastify.get("/figures", async (request, reply) => {
  const { force, start, end } = request.query;
  const values = [release, force, start, end];
  const page = await pool.query({
    name: "page",
    text: `SELECT document ${selection} ORDER BY place_by_period_desc LIMIT 50`,
    values,
  });
  const total = await pool.query({ name: "total", text: `SELECT count(*) AS total ${selection}`, values });
  reply.type("application/json");
  return `{"data":[${page.rows.map((row) => row.document).join(",")}],"meta":{"total":${total.rows[0].total}}}`;
});

fastify.listen({ port, host: "127.0.0.1" });
