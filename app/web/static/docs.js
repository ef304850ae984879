// Puts the forms of Swagger UI in the place of the list of addresses. A file of its own, as no script that stands in
// a page is run.
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", dress);
dress();

// Of Swagger UI's own layout the operations alone: the page has said the rest, under headings of its own.
const addresses = ({ React }) => ({
  components: {
    Addresses: ({ getComponent, specSelectors }) => {
      const isThere = specSelectors.loadingStatus() === "success";
      const shown = [getComponent("errors", true), ...(isThere ? [getComponent("operations", true)] : [])];
      return React.createElement("div", { className: "swagger-ui" }, ...shown.map((one) => React.createElement(one)));
    },
  },
  // A link inside of a button can be reached by no keyboard.
  wrapComponents: { DeepLink: () => ({ text }) => React.createElement("span", null, text) },
});

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#explorer",
  layout: "Addresses",
  plugins: [addresses],
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null, // nothing leaves the page
});
