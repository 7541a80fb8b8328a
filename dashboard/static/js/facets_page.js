/* Streamlit's own controls that filter, told to the map ahead of the page like the switches and lists: heard on their way
   down to them, so that what they say to the server is held back until the map is painted. */
const tell = (change) => window.atlasAhead?.(change);

/** The element of a control with a key of the session, if an event is for it. */
const within = (event, key, kind) => {
  const { target } = event;
  return target instanceof Element && target.closest(`.st-key-${key}`) ? target.closest(kind) : null;
};

let searched = null; // what the search said when it was last taken

function search(event) {
  const field = within(event, "search", "input");
  if (!field || field.value === searched) return;
  searched = field.value;
  tell({ search: field.value });
}

const heard = {
  click: (event) => {
    const box = within(event, "threats_in_force", "label"); // it marks what was on until now
    if (box && !event.target.closest("[data-testid=stTooltipIcon]")) tell({ in_force: !box.matches("[data-selected]") });
    if (within(event, "clear", "button:enabled")) tell({ clear: true });
  },
  focusin: (event) => {
    const field = within(event, "search", "input");
    if (field) searched = field.value;
  },
  keydown: (event) => event.key === "Enter" && !event.isComposing && search(event),
  focusout: search,
};

/** Listen for as long as the page is open; the controls themselves come and go. */
export function listenToPage() {
  for (const [name, hear] of Object.entries(heard)) document.addEventListener(name, hear, { capture: true, passive: true });
}
