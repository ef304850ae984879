export default {
  input: "openapi.json",
  output: { path: "hey", importFileExtension: ".ts" },
  plugins: [{ name: "@hey-api/typescript", enums: "javascript" }, "@hey-api/sdk", "@hey-api/client-fetch"],
};
