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

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#explorer",
  layout: "Endpoints",
  plugins: [endpoints],
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null, // by default Swagger UI asks a server on the internet
});
