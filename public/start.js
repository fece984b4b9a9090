// Starts the app. A file of its own because the content security policy forbids inline scripts.
const script = document.querySelector("script[data-wasm]");
try {
  const { default: init } = await import(script.dataset.js);
  await init({ module_or_path: script.dataset.wasm });
} catch (error) {
  console.error(error);
  const boot = document.getElementById("boot");
  if (boot) {
    boot.setAttribute("role", "alert");
    boot.textContent =
      "Plumbline could not start in this browser. Please load the page again; if that does not help, use a current version of Firefox, Safari, Chrome or Edge. Nothing you answered before is lost.";
  }
}
