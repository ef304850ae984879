// Puts Swagger UI in the place of the list of addresses. In a file of its own, as the page runs no script that
// stands in it.
const dark = matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", dress);
dress();

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#explorer",
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null,  // nothing leaves the page
  defaultModelsExpandDepth: 0,
});
