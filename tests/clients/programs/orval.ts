// A program that uses the client of orval.
import { FigureSort, Unit, getComplaint, listFigures, listOutcomes, type ListOfFigures } from "./orval/upheld.ts";

const isPage = (data: unknown): data is ListOfFigures => data instanceof Object && "meta" in data;

const page = await listOutcomes({
  force: ["metropolitan"],
  period: "2012/2018",
  outcome: ["upheld"],
  sort: FigureSort.id_desc,
});
if (page.status !== 200 || !isPage(page.data)) throw new Error("This is no page of figures.");
const [upheld] = page.data.data;
console.log(upheld.value, upheld.unit === Unit.complaint, upheld.base?.id, upheld.share, page.data.meta.total);

const unknown = await getComplaint("met-2012-2018-complaint");
if (unknown.status === 404) console.log(unknown.status, unknown.data.nearest);

const refused = await listFigures({ limit: 1000 });
if (refused.status === 422) console.log(refused.status, refused.data.errors?.[0].code);
