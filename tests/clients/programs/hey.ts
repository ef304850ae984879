// A program that uses the client of @hey-api/openapi-ts.
import { client } from "./hey/client.gen.ts";
import { getComplaint, listFigures, listOutcomes } from "./hey/sdk.gen.ts";
import { FigureSort, Unit, type ListOfFigures, type ListOfRows } from "./hey/types.gen.ts";

client.setConfig({ baseUrl: process.argv[2] });

const isPage = (page: ListOfFigures | ListOfRows): page is ListOfFigures =>
  page.data.every((one) => "statement" in one);

const { data: page } = await listOutcomes({
  query: { force: ["metropolitan"], period: "2012/2018", outcome: ["upheld"], sort: FigureSort.ID_DESC },
});
if (page === undefined || !isPage(page)) throw new Error("This is no page of figures.");
const [upheld] = page.data;
console.log(upheld.value, upheld.unit === Unit.COMPLAINT, upheld.base?.id, upheld.share, page.meta.total);

const unknown = await getComplaint({ path: { id: "met-2012-2018-complaint" } });
console.log(unknown.error?.status, unknown.error?.nearest);

const refused = await listFigures({ query: { limit: 1000 } });
console.log(refused.error?.status, refused.error?.errors?.[0].code);
