// A program that uses the types of openapi-typescript: what it reads has to be in them, or it does not compile.
import type { components, paths } from "./schema.ts";

type Unit = components["schemas"]["Unit"];
type Figure = components["schemas"]["Figure"];
type Problem = components["schemas"]["Problem"];
type Query = NonNullable<paths["/v1/outcomes"]["get"]["parameters"]["query"]>;
type Answer = paths["/v1/outcomes"]["get"]["responses"][200]["content"]["application/json"];
type Page = Extract<Answer, components["schemas"]["ListOfFigures"]>;

const address = process.argv[2];
const problem = async (path: string) => (await (await fetch(address + path)).json()) as Problem;

const query: Query = { force: ["metropolitan"], period: "2012/2018", outcome: ["upheld"], sort: "-id" };
const written = new URLSearchParams(
  Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)])),
);
const page = (await (await fetch(`${address}/v1/outcomes?${written}`)).json()) as Page;
const upheld: Figure = page.data[0];
const unit: Unit = "complaint";
console.log(upheld.value, upheld.unit === unit, upheld.base?.id, upheld.share, page.meta.total);

const unknown = await problem("/v1/complaints/met-2012-2018-complaint");
console.log(unknown.status, unknown.nearest);

const refused = await problem("/v1/figures?limit=1000");
console.log(refused.status, refused.errors?.[0].code);
