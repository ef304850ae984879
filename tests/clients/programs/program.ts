// A client in TypeScript: what it reads has to be in the description, or it does not compile.
import type { components, paths } from "./schema.js";

type Figure = components["schemas"]["Figure"];
type Problem = components["schemas"]["Problem"];
type Query = NonNullable<paths["/v1/outcomes"]["get"]["parameters"]["query"]>;
type Answer = paths["/v1/outcomes"]["get"]["responses"][200]["content"]["application/json"];
type Page = Extract<Answer, components["schemas"]["ListOfFigures"]>;

const address = process.argv[2];

const query: Query = { force: ["metropolitan"], period: "2012/2018", outcome: ["upheld"], include_undated: false };
const written = new URLSearchParams(
  Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)])),
);
const page = (await (await fetch(`${address}/v1/outcomes?${written}`)).json()) as Page;
const upheld: Figure = page.data[0];
const unit: components["schemas"]["Unit"] = upheld.unit;
const base: string | null | undefined = upheld.base?.id;
console.log(upheld.value, unit, base, upheld.share, page.meta.total);

const refused = (await (await fetch(`${address}/v1/figures?forse=x`)).json()) as Problem;
console.log(refused.status, refused.errors?.[0].code);
