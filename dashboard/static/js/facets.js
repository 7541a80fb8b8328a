/* Filters with their options and live counts. Built once from their form; then only numbers change. */
const instances = new WeakMap();
const forms = new Map(); // by name: the server sends a form once, and afterwards only its name
const MOST_FORMS = 20;

const NUMBER = new Intl.NumberFormat("en-GB"); // made once: toLocaleString makes one anew for every number

const element = (tag, className, text) => {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

/** What both kinds of filters are built with. */
const kit = {
  element,
  number: (n) => NUMBER.format(n),
  /** Write a text unless it is there: only what has changed touches the page. */
  write: (node, text) => node.textContent !== text && (node.textContent = text),
};

/** Build a filter whose options are all in sight, as switches; several may be on, and none on is all. */
function buildSwitches(filter, choose) {
  const box = element("section", `group st-key-filter_${filter.name}`);
  const heading = element("h4", "", filter.label);
  heading.id = `facet-${filter.name}`;
  const list = element("div", "options");
  list.setAttribute("role", "group");
  list.setAttribute("aria-labelledby", heading.id);
  const switches = filter.options.map(([value, label]) => {
    const button = element("button", "");
    const count = element("strong", "", "");
    button.type = "button";
    button.append(element("span", "", label), " ", count);
    button.onclick = () => choose(value);
    list.append(button);
    return { value, button, count };
  });
  box.append(heading, list);
  const paint = (counts, chosen) => {
    const on = new Set(chosen);
    const most = Math.max(1, ...counts);
    switches.forEach(({ value, button, count }, i) => {
      kit.write(count, kit.number(counts[i]));
      button.setAttribute("aria-pressed", String(on.has(value)));
      button.classList.toggle("none", counts[i] === 0);
      button.style.setProperty("--share", `${((100 * counts[i]) / most).toFixed(1)}%`);
    });
  };
  return { box, paint };
}

function makeInstance(root, style, buildList) {
  const sheet = element("style", "", style);
  const self = { filters: [], built: "", data: null, send: null };

  const paint = (i) => self.filters[i].paint(self.data.counts[i], self.data.chosen[i]);

  /** Switch an option at once, so that a second click builds on the first before the answer is there. */
  const choose = (i, name) => (value) => {
    const on = new Set(self.data.chosen[i]);
    if (!on.delete(value)) on.add(value);
    self.data.chosen[i] = [...on];
    const choice = [name, self.data.chosen[i]];
    const drawn = window.atlasAhead?.({ filter: choice }) ?? Promise.resolve();
    paint(i); // while the server is at work
    drawn.then(() => self.send("choice", choice)); // the map first
  };

  self.take = (data, form) => {
    const counts = data.counts.map((written) => written.split(" ").map((n) => parseInt(n, 36)));
    self.data = { counts, chosen: data.chosen.map((values) => [...values]) };
    if (data.form !== self.built) {
      self.filters = form.map((filter, i) =>
        filter.list ? buildList(filter, choose(i, filter.name), kit) : buildSwitches(filter, choose(i, filter.name)),
      );
      root.replaceChildren(sheet, ...self.filters.map(({ box }) => box));
      self.built = data.form;
    }
    self.filters.forEach((_, i) => paint(i));
    root.removeAttribute("aria-busy");
  };
  return self;
}

let listening = false;

/** Fetch our style and the other parts of the script; build nothing before all are there. */
async function prepare(root, version) {
  const at = `${window.location.origin}/assets`;
  const [style, { buildList }, { listenToPage }] = await Promise.all([
    fetch(`${at}/css/facets.css?v=${version}`).then((answer) => answer.text()),
    import(`${at}/js/facets_list.js?v=${version}`),
    import(`${at}/js/facets_page.js?v=${version}`),
  ]);
  if (!listening) listenToPage();
  listening = true;
  return makeInstance(root, style, buildList);
}

/** The form that goes with the data; undefined when it never came, and then it is asked for. */
function formOf(data, send) {
  if (data.formed) forms.set(data.form, data.formed);
  if (forms.size > MOST_FORMS) forms.delete(forms.keys().next().value);
  const form = forms.get(data.form);
  if (!form) send("missed", data.form);
  return form;
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  if (!instances.has(parentElement))
    instances.set(parentElement, { latest: null, made: prepare(parentElement.querySelector(".facets"), data.version) });
  const instance = instances.get(parentElement);
  instance.latest = data;
  const form = formOf(data, setTriggerValue);
  instance.made.then((self) => {
    self.send = setTriggerValue;
    if (form && instance.latest === data) self.take(data, form);
  });
}
