// Starts the app. A file of its own because the content security policy forbids inline scripts.
// The pages beside a participant's way come in larger bundles, so that participants get a small one.
const script = document.querySelector("script[data-wasm]");
const [, place] = /^#+\/*(coach|data|verify|work)(?:\/|$)/.exec(location.hash) ?? [];
const aside = place === "work" ? "work" : place && "coach";
const { js, wasm } = aside ? { js: `./${aside}.js`, wasm: `./${aside}_bg.wasm` } : script.dataset;
if (aside) {
  const styles = Object.assign(document.createElement("link"), { rel: "stylesheet", href: "./aside.css" });
  document.head.append(styles);
}
// Charts and sealing are needed only at the end of a survey, and loaded then.
let finish;
const loadFinish = async () => {
  const module = await import("./finish.js");
  await module.default({ module_or_path: "./finish_bg.wasm" });
  return module;
};
globalThis.plumblineFinish = () =>
  (finish ??= loadFinish().catch((error) => {
    finish = undefined;
    throw error;
  }));
try {
  const module = fetch(wasm);
  const { default: init } = await import(js);
  await init({ module_or_path: module });
} catch (error) {
  console.error(error);
  const boot = document.getElementById("boot");
  if (boot) {
    boot.setAttribute("role", "alert");
    boot.textContent =
      "Plumbline could not start in this browser. Please load the page again; if that does not help, use a current version of Firefox, Safari, Chrome or Edge. Nothing you answered before is lost.";
  }
}
