// Replaces the list of endpoints with Swagger UI. A file of its own, because the content security policy forbids
// inline scripts.
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const setTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", setTheme);
setTheme();

// Shows only the operations of Swagger UI's layout: the page already has the title and the description.
const endpoints = ({ React }) => ({
  components: {
    Endpoints: ({ getComponent, specSelectors }) => {
      const isLoaded = specSelectors.loadingStatus() === "success";
      const shown = [getComponent("errors", true), ...(isLoaded ? [getComponent("operations", true)] : [])];
      return React.createElement("div", { className: "swagger-ui" }, ...shown.map((one) => React.createElement(one)));
    },
  },
  // A link inside a button can't be reached with the keyboard.
  wrapComponents: { DeepLink: () => ({ text }) => React.createElement("span", null, text) },
});

// What is optional starts empty, so that an unedited form asks for everything; the example moves to the description.
const withoutDefaults = (description) => {
  for (const { get } of Object.values(description.paths)) {
    for (const parameter of get.parameters ?? []) {
      if (parameter.required) continue;
      parameter.description += ` Example: \`${[parameter.example].flat().join(",")}\`.`;
      delete parameter.example;
    }
  }
  return description;
};

const read = async (address) => (await fetch(address)).json();

// Offers the ids and codes of this server as choices.
const withChoices = (description, forces, sources, codes) => {
  const ids = (list) => list.map((one) => one.id);
  const choices = { force: ids(forces.data), source: ids(sources.data) };
  for (const tree of ["allegation", "stage", "outcome"]) choices[tree] = ids(codes[tree]);
  for (const { get } of Object.values(description.paths)) {
    for (const { name, schema } of get.parameters ?? []) {
      if (name in choices && schema.items) schema.items.enum = choices[name];
    }
  }
  return description;
};

const show = (description) => SwaggerUIBundle({
  spec: withoutDefaults(description),
  dom_id: "#explorer",
  layout: "Endpoints",
  plugins: [endpoints],
  deepLinking: true,
  docExpansion: "none",
  tryItOutEnabled: true,
  validatorUrl: null, // by default Swagger UI asks a server on the internet
});

Promise.all(["/openapi.json", "/v1/forces", "/v1/sources", "/v1/codes"].map(read)).then(
  (found) => show(withChoices(...found)),
  () => read("/openapi.json").then(show), // without the database, the forms have no choices
);
