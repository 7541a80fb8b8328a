/* A filter with many options: those that are on as chips, the others found by typing. A combobox with a list, as the ARIA
   Authoring Practices have it: the field keeps the focus, arrows walk through the list, Enter switches an option. */
const STEP = 60; // options drawn at once; more when the list is scrolled towards its end
const MOST_PX = 320; // height of the list
const LEAST_PX = 160; // below the field, or it opens above
const GAP_PX = 4;

/** Letters as they are compared: without case and marks. */
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

class OptionList {
  constructor({ name, label, options }, choose, kit) {
    Object.assign(this, { name, label, choose, kit });
    this.options = options.map(([value, text], i) => ({ value, text, i, key: folded(text) }));
    this.counts = [];
    this.on = new Set();
    this.found = []; // options that fit what is typed, and how many of them are drawn
    this.drawn = [];
    this.chipped = []; // options drawn as chips
    this.active = -1;
    this.build();
    this.listen();
  }

  build() {
    const { element } = this.kit;
    const id = `facet-${this.name}`;
    this.box = element("section", `group st-key-filter_${this.name}`);
    const title = element("label", "title", this.label);
    this.field = element("div", "field");
    this.chips = element("ul", "chips");
    this.chips.setAttribute("aria-label", `${this.label}, chosen`);
    this.input = Object.assign(element("input", ""), { id, type: "text", placeholder: "Any", autocomplete: "off", spellcheck: false });
    this.list = Object.assign(element("div", "list"), { id: `${id}-list`, popover: "manual" });
    this.said = element("div", "said");
    title.htmlFor = id;
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [role, value] of Object.entries(roles)) this.input.setAttribute(role, value);
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-multiselectable", "true");
    this.list.setAttribute("aria-label", this.label);
    this.said.setAttribute("role", "status");
    this.field.append(this.chips, this.input);
    this.box.append(title, this.field, this.list, this.said);
  }

  get isOpen() {
    return this.list.matches(":popover-open");
  }

  listen() {
    const { input, list, field, box } = this;
    input.addEventListener("input", () => this.open());
    input.addEventListener("click", () => this.isOpen || this.open());
    // Streamlit takes letters for its own short cuts: it sees the component, not the field in it.
    box.addEventListener("keydown", (event) => event.stopPropagation());
    input.addEventListener("keydown", (event) => this.press(event));
    field.addEventListener("pointerdown", (event) => {
      if (event.target === input || event.target.closest("button")) return;
      event.preventDefault();
      input.focus();
      this.open();
    });
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener("scroll", () => list.scrollTop + 2 * list.clientHeight > list.scrollHeight && this.drawMore());
    box.addEventListener("focusout", ({ relatedTarget }) => box.contains(relatedTarget) || this.close());
  }

  press(event) {
    const act = {
      ArrowDown: () => this.move(1),
      ArrowUp: () => this.move(-1),
      Enter: () => this.isOpen && this.active >= 0 && this.take(this.found[this.active].value),
      Escape: () => this.close(),
      Backspace: () => !input.value && this.on.size && this.take([...this.on].at(-1)),
    };
    const { input } = this;
    if (!(event.key in act) || event.isComposing) return;
    act[event.key]();
    if (event.key !== "Backspace") event.preventDefault();
  }

  /** Open the list for what is typed; the best match is then a press of Enter away. */
  open() {
    const words = folded(this.input.value).split(/\s+/).filter(Boolean);
    const typed = words.join(" ");
    const rank = ({ key }) => (key === typed ? 0 : key.startsWith(typed) ? 1 : 2);
    this.found = this.options.filter(({ key }) => words.every((word) => key.includes(word)));
    if (typed) this.found.sort((a, b) => rank(a) - rank(b));
    this.drawn = [];
    this.list.replaceChildren();
    this.list.scrollTop = 0;
    this.drawMore();
    if (!this.found.length) this.list.append(this.kit.element("p", "empty", "No such option."));
    if (typed) this.kit.write(this.said, this.found.length === 1 ? "1 option" : `${this.found.length} options`);
    if (!this.isOpen) {
      this.list.showPopover();
      this.input.setAttribute("aria-expanded", "true");
      this.following = new AbortController();
      const follow = { capture: true, passive: true, signal: this.following.signal };
      window.addEventListener("scroll", ({ target }) => target === document && this.place(), follow);
      window.addEventListener("resize", () => this.place(), follow);
    }
    this.place();
    this.point(typed && this.found.length ? 0 : -1);
  }

  close() {
    this.input.value = "";
    if (!this.isOpen) return;
    this.following.abort();
    this.list.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.point(-1);
    this.list.replaceChildren();
    this.drawn = [];
  }

  /** Put the list under its field, or above it where there is more room. */
  place() {
    const at = this.field.getBoundingClientRect();
    const below = window.innerHeight - at.bottom - 2 * GAP_PX;
    const above = at.top - 2 * GAP_PX;
    const up = below < LEAST_PX && above > below;
    Object.assign(this.list.style, {
      left: `${at.left}px`,
      minWidth: `${at.width}px`,
      maxHeight: `${Math.min(MOST_PX, up ? above : below)}px`,
      top: up ? "auto" : `${at.bottom + GAP_PX}px`,
      bottom: up ? `${window.innerHeight - at.top + GAP_PX}px` : "auto",
    });
  }

  drawMore() {
    const { element } = this.kit;
    const start = this.drawn.length;
    const made = this.found.slice(start, start + STEP).map((option, i) => {
      const row = element("div", "option");
      row.id = `facet-${this.name}-${option.i}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-setsize", String(this.found.length));
      row.setAttribute("aria-posinset", String(start + i + 1));
      const count = element("strong", "");
      row.append(element("span", "", option.text), " ", count);
      row.addEventListener("click", () => this.take(option.value));
      return { row, count, option };
    });
    this.drawn.push(...made);
    this.list.append(...made.map(({ row }) => row));
    this.paintRows(made);
  }

  /** Walk through the list, from either end to the other. */
  move(step) {
    if (!this.isOpen) this.open();
    const n = this.found.length;
    if (n) this.point(this.active < 0 && step < 0 ? n - 1 : (this.active + step + n) % n);
  }

  /** Mark the option that Enter would switch. */
  point(index) {
    this.drawn[this.active]?.row.classList.remove("active");
    this.active = index;
    while (index >= this.drawn.length && this.drawn.length < this.found.length) this.drawMore();
    const row = this.drawn[index]?.row;
    if (!row) return this.input.removeAttribute("aria-activedescendant");
    row.classList.add("active");
    row.scrollIntoView({ block: "nearest" });
    return this.input.setAttribute("aria-activedescendant", row.id);
  }

  /** Switch an option; what was typed to find it has done its work. */
  take(value) {
    const { text } = this.options.find((option) => option.value === value);
    this.choose(value);
    this.kit.write(this.said, `${text}: ${this.on.has(value) ? "chosen" : "dropped"}`);
    if (!this.input.value) return;
    this.input.value = "";
    this.open();
  }

  paint(counts, chosen) {
    this.counts = counts;
    this.on = new Set(chosen);
    this.paintChips();
    this.paintRows(this.drawn);
    if (this.isOpen) this.place();
  }

  paintRows(rows) {
    for (const { row, count, option } of rows) {
      this.kit.write(count, this.kit.number(this.counts[option.i]));
      row.setAttribute("aria-selected", String(this.on.has(option.value)));
      row.classList.toggle("none", this.counts[option.i] === 0);
    }
  }

  /** Draw what is on, in the order in which it was chosen; anew only when that changes, so that a chip keeps the focus. */
  paintChips() {
    const chosen = [...this.on].map((value) => this.options.find((option) => option.value === value));
    if (String(chosen.map(({ i }) => i)) !== String(this.chipped.map(({ option }) => option.i))) {
      this.chipped = chosen.map((option) => this.buildChip(option));
      this.chips.replaceChildren(...this.chipped.map(({ chip }) => chip));
      this.input.placeholder = chosen.length ? "" : "Any";
    }
    for (const { count, option } of this.chipped) this.kit.write(count, this.kit.number(this.counts[option.i]));
  }

  buildChip(option) {
    const { element } = this.kit;
    const chip = element("li", "chip");
    const count = element("strong", "");
    const drop = Object.assign(element("button", "", "×"), { type: "button", title: `Drop ${option.text}` });
    drop.setAttribute("aria-label", drop.title);
    drop.onclick = () => {
      this.take(option.value);
      this.input.focus();
    };
    chip.append(element("span", "", option.text), " ", count, drop);
    return { chip, count, option };
  }
}

/** Build a filter with many options. */
export function buildList(filter, choose, kit) {
  const list = new OptionList(filter, choose, kit);
  return { box: list.box, paint: (counts, chosen) => list.paint(counts, chosen) };
}
