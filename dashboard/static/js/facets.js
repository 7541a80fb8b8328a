/* Filters whose options are all in sight: a list of switches with counts. Built once, then only numbers change. */
const instances = new WeakMap();

const element = (tag, className, text) => {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

/** Build the switches of one filter; several may be on, and none on is all. */
function buildGroup(self, group) {
  const box = element("section", `group st-key-filter_${group.name}`);
  const heading = element("h4", "", group.label);
  heading.id = `facet-${group.name}`;
  const list = element("div", "options");
  list.setAttribute("role", "group");
  list.setAttribute("aria-labelledby", heading.id);
  const buttons = new Map();
  for (const [value, label] of group.options) {
    const button = element("button", "");
    const count = element("strong", "", "");
    button.type = "button";
    button.append(element("span", "", label), " ", count);
    button.onclick = () => self.toggle(group.name, value);
    buttons.set(value, { button, count });
    list.append(button);
  }
  box.append(heading, list);
  return { box, buttons };
}

function build(root, style) {
  const sheet = element("style", "", style);
  const self = { groups: new Map(), built: "", data: null, send: null };

  self.toggle = (name, value) => {
    const group = self.data.groups.find((one) => one.name === name);
    const on = new Set(group.chosen);
    if (!on.delete(value)) on.add(value);
    group.chosen = [...on]; // at once, so that a second click builds on the first before the answer is there
    paint(self);
    const choice = [name, group.chosen];
    (window.atlasAhead?.({ filter: choice }) ?? Promise.resolve()).then(() => self.send("choice", choice)); // the map first
  };

  self.take = (data) => {
    self.data = { groups: data.groups.map((group) => ({ ...group, chosen: [...group.chosen] })) };
    const form = JSON.stringify(data.groups.map((group) => [group.name, group.options.map(([value, label]) => [value, label])]));
    if (form !== self.built) {
      self.groups = new Map(data.groups.map((group) => [group.name, buildGroup(self, group)]));
      root.replaceChildren(sheet, ...[...self.groups.values()].map((group) => group.box));
      self.built = form;
    }
    paint(self);
    root.removeAttribute("aria-busy");
  };
  return self;
}

/** Write the numbers and what is on; only what has changed touches the page. */
function paint(self) {
  for (const group of self.data.groups) {
    const on = new Set(group.chosen);
    const most = Math.max(1, ...group.options.map((option) => option[2]));
    for (const [value, , n] of group.options) {
      const { button, count } = self.groups.get(group.name).buttons.get(value);
      const text = n.toLocaleString("en-GB");
      if (count.textContent !== text) count.textContent = text;
      button.setAttribute("aria-pressed", String(on.has(value)));
      button.classList.toggle("none", n === 0);
      button.style.setProperty("--share", `${((100 * n) / most).toFixed(1)}%`);
    }
  }
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  if (!instances.has(parentElement)) {
    const root = parentElement.querySelector(".facets");
    const style = fetch(`${window.location.origin}/assets/css/facets.css?v=${data.version}`).then((answer) => answer.text());
    instances.set(parentElement, { latest: null, made: style.then((text) => build(root, text)) });
  }
  const instance = instances.get(parentElement);
  instance.latest = data;
  instance.made.then((self) => {
    self.send = setTriggerValue;
    if (instance.latest === data) self.take(data);
  });
}
