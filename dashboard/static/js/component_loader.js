/* Streamlit sends a component's script with every run; this one fetches the real script once, from our own server. */
export default (component) => {
  let end;
  import(`${origin}/assets/js/COMPONENT.js?v=${component.data.version}`).then((script) => (end = script.default(component)));
  return () => end?.();
};
