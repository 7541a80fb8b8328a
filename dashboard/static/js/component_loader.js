/* Streamlit sends a component's script with every run; this one fetches the real script once, from our own server. */
const loaded = new Map();

function load(version) {
  if (!loaded.has(version)) loaded.set(version, import(`${window.location.origin}/assets/js/COMPONENT.js?v=${version}`));
  return loaded.get(version);
}

export default function (component) {
  let cleanup = null;
  load(component.data.version).then((script) => (cleanup = script.default(component)));
  return () => cleanup && cleanup();
}
