// The theme that the panel's cookie asks for, or the system's, also when it changes.
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const dress = () => {
  const { theme } = root.dataset;
  root.classList.toggle("dark-mode", theme === "dark" || (theme === "system" && system.matches));
};
system.addEventListener("change", dress);
dress();

SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  // No badge from another server's validator.
  validatorUrl: null,
});
