export default {
  upheld: {
    input: "openapi.json",
    output: { target: "orval/upheld.ts", client: "fetch", baseUrl: { runtime: "process.argv[2]" } },
  },
};
