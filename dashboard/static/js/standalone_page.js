/* The page around the map of one file: words, time, filters, table, print. */
"use strict";

(() => {
  const atlas = window.incidentAtlas;
  const { state, element, dayText, DAY_MS } = atlas;
  const PAGE_ROWS = 100;
  const MOST_BARS = 120;
  const PLAY_MS = 350;
  const PRINT_PX = [1020, 500]; // what an A4 page leaves beside its margins, at 96 to the inch
  const HEADS = ["Id", "Date", "Type", "Place", "What the sources say"];

  const byId = (id) => document.getElementById(id);
  const dayOf = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY_MS);
  const number = (n) => n.toLocaleString("en");
  const pickers = []; // one filter each: {dimension, chosen, details, boxes}
  let page = 0;
  let bars = [];

  function start() {
    marginalia();
    time();
    filters();
    pager();
    printing();
    atlas.ask.whenSettled(list);
    atlas.ask.whenSettled(recount);
    addEventListener("resize", drawTempo);
  }

  /* --- words ------------------------------------------------------------------------------------------------------ */

  function marginalia() {
    const { page: texts, about } = state.data;
    for (const id of ["title", "takeaway", "as-of", "stamp", "edition", "care", "overrides", "licences", "disclaimer"]) byId(id).textContent = texts[id];
    for (const id of ["marking-top", "marking-bottom"]) {
      byId(id).textContent = texts.marking;
      byId(id).dataset.marking = texts.marking;
    }
    byId("carried").textContent = atlas.carriedText();
    for (const [matter, text] of about) byId("about").append(element("dt", "", matter), element("dd", "", text));
    byId("table").tHead.append(element("tr", "", null, ...HEADS.map((head) => Object.assign(element("th", "", head), { scope: "col" }))));
  }

  /** Follow every drawing: sums, window, what is asked. */
  function told(counted, hidden) {
    const { data } = state;
    const { question } = atlas.ask;
    const parts = [`${number(counted.shown)} of ${number(data.read)} records shown`, ...hidden.map(([reason, n]) => `${number(n)} ${reason}`)];
    byId("counts").textContent = [...parts, `${number(data.rejected)} rejected`].join(" · ");
    byId("window").textContent = `${dayText(question.first)} to ${dayText(question.last)}, both days included, by day of the event (${data.zone})`;
    byId("asked").textContent = asked();
    byId("caveat").textContent = data.colourings[question.colourBy].caveat;
    for (const [id, day] of [["from", question.first], ["to", question.last]]) {
      byId(id).value = dayText(day);
      byId(`slide-${id}`).value = day;
    }
    markWindow();
  }

  /** Say what the reader has asked beyond what the file was made for. */
  function asked() {
    const { question } = atlas.ask;
    const parts = pickers.filter(({ chosen }) => chosen.size).map(({ dimension, chosen }) => `${dimension.phrase} ${[...chosen].map((value) => dimension.values[value]).join(" or ")}`);
    if (question.words.length) parts.push(`mentioning “${byId("search").value.trim()}”`);
    return parts.length ? `Only: ${parts.join("; ")}.` : "";
  }

  /* --- time ------------------------------------------------------------------------------------------------------- */

  function setWindow(first, last) {
    const { data } = state;
    atlas.ask.change(
      (question) => {
        [question.first, question.last] = [Math.min(first, last), Math.max(first, last)].map((day) => Math.min(data.last, Math.max(data.first, day)));
      },
      { windowOnly: true },
    );
  }

  function time() {
    const { data } = state;
    const { question } = atlas.ask;
    [question.first, question.last, question.colourBy] = [data.first, data.last, data.colourBy];
    for (const id of ["from", "to"]) {
      Object.assign(byId(id), { min: dayText(data.first), max: dayText(data.last) });
      Object.assign(byId(`slide-${id}`), { min: data.first, max: data.last, value: data[id === "from" ? "first" : "last"] });
    }
    byId("slide-from").oninput = (e) => setWindow(Number(e.target.value), question.last);
    byId("slide-to").oninput = (e) => setWindow(question.first, Number(e.target.value));
    byId("from").onchange = (e) => e.target.value && setWindow(dayOf(e.target.value), question.last);
    byId("to").onchange = (e) => e.target.value && setWindow(question.first, dayOf(e.target.value));
    byId("whole").onclick = () => setWindow(data.first, data.last);
    byId("tempo").after(element("div", "sa-window"));
    play();
  }

  /** Move a window through time; it is as long as the one chosen, or a month. */
  function play() {
    const { data } = state;
    const { question } = atlas.ask;
    const button = byId("play");
    let timer = 0;
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      button.textContent = "Play";
      button.setAttribute("aria-pressed", "false");
    };
    button.onclick = () => {
      if (timer) return stop();
      const length = atlas.ask.isWhole() ? Math.min(30, data.last - data.first) : question.last - question.first;
      let first = question.last >= data.last ? data.first : question.first;
      const step = Math.max(1, Math.round(length / 4));
      button.textContent = "Pause";
      button.setAttribute("aria-pressed", "true");
      timer = setInterval(() => {
        setWindow(first, first + length);
        if (first + length >= data.last) stop();
        first += step;
      }, PLAY_MS);
      return undefined;
    };
  }

  /** Bars of the tempo, one colour; the window lies over them, so that sliding draws nothing anew. */
  function drawTempo() {
    const canvas = byId("tempo");
    const [width, scale] = [canvas.clientWidth || 300, window.devicePixelRatio || 1];
    [canvas.width, canvas.height] = [width * scale, 44 * scale];
    const ctx = canvas.getContext("2d");
    ctx.scale(scale, scale);
    ctx.fillStyle = "#a8401c";
    const most = Math.max(1, ...bars);
    bars.forEach((n, i) => ctx.fillRect((i / bars.length) * width, 43 - (42 * n) / most, Math.max(1, width / bars.length - 1), (42 * n) / most));
  }

  function markWindow() {
    const { data } = state;
    const { first, last } = atlas.ask.question;
    const span = data.last - data.first + 1;
    const veil = document.querySelector(".sa-window");
    veil.style.setProperty("--from", (first - data.first) / span);
    veil.style.setProperty("--to", (last + 1 - data.first) / span);
  }

  /* --- filters ---------------------------------------------------------------------------------------------------- */

  function filters() {
    const { data } = state;
    for (const [key, label] of data.layers) if (key !== "density" || data.densityDegrees) byId("layers").append(box(label, state.on.has(key), (on) => layer(key, on)));
    for (const dimension of data.dimensions) if (dimension.values.length > 1) byId("filters").append(picker(dimension));
    const colour = byId("colour");
    for (const [name, { label }] of Object.entries(data.colourings)) colour.append(Object.assign(element("option", "", label), { value: name, selected: name === data.colourBy }));
    colour.onchange = () => atlas.ask.change((question) => (question.colourBy = colour.value), { windowOnly: true });
    byId("search").oninput = (e) => atlas.ask.change((question) => (question.words = atlas.fold(e.target.value).split(" ").filter(Boolean)));
    byId("clear").onclick = clear;
    document.addEventListener("click", (e) => pickers.forEach(({ details }) => details.contains(e.target) || (details.open = false)));
    document.addEventListener("keydown", (e) => {
      const open = e.key === "Escape" && pickers.find(({ details }) => details.open);
      if (!open) return;
      open.details.open = false;
      open.details.querySelector("summary").focus();
    });
  }

  function layer(key, on) {
    state.on[on ? "add" : "delete"](key);
    state.map.fire("overlayadd");
    if (key === "density") atlas.ask.change(() => {}, { windowOnly: true });
  }

  function box(label, checked, changed) {
    const input = Object.assign(element("input", ""), { type: "checkbox", checked });
    input.onchange = () => changed(input.checked);
    return element("label", "", null, input, ` ${label}`);
  }

  /** One filter: a list to choose from, each value with the records that choosing it would show. */
  function picker(dimension) {
    const made = { dimension, chosen: new Set(), boxes: [] };
    const head = element("summary", "", dimension.label);
    const choose = (value, on) => {
      made.chosen[on ? "add" : "delete"](value);
      name(made);
      atlas.ask.change(({ filters: asking }) => (made.chosen.size ? asking.set(dimension.name, made.chosen) : asking.delete(dimension.name)));
    };
    made.boxes = dimension.values.map((label, value) => {
      const line = box(label || "not recorded", false, (on) => choose(value, on));
      line.append(element("span", "sa-n"));
      return line;
    });
    made.details = element("details", "sa-filter", null, head, element("div", "", null, ...made.boxes));
    made.details.dataset.filter = dimension.name;
    made.details.ontoggle = () => made.details.open && recount();
    pickers.push(made);
    return made.details;
  }

  function name({ dimension, chosen, details }) {
    details.querySelector("summary").textContent = chosen.size ? `${dimension.label}: ${chosen.size}` : dimension.label;
    details.classList.toggle("sa-on", chosen.size > 0);
  }

  /** Write the numbers of the open list, the values met most first where the list has no order of its own. */
  function recount() {
    for (const { dimension, boxes, details } of pickers.filter((one) => one.details.open)) {
      const counts = atlas.ask.facet(dimension);
      boxes.forEach((line, value) => {
        line.lastChild.textContent = number(counts[value]);
        line.classList.toggle("sa-none", !counts[value]);
        if (!dimension.closed) line.style.order = -counts[value];
      });
      details.dataset.counted = "true";
    }
  }

  function clear() {
    const { data } = state;
    for (const made of pickers) {
      made.chosen.clear();
      for (const line of made.boxes) line.firstChild.checked = false;
      name(made);
    }
    byId("search").value = "";
    atlas.ask.change((question) => {
      question.filters.clear();
      [question.words, question.first, question.last] = [[], data.first, data.last];
    });
  }

  /* --- table ------------------------------------------------------------------------------------------------------ */

  function pager() {
    const turn = (pages) => {
      page += pages;
      fill();
      document.querySelector(".sa-table").scrollTop = 0;
    };
    byId("before").onclick = () => turn(-1);
    byId("after").onclick = () => turn(1);
  }

  function list() {
    page = 0;
    fill();
    const counts = atlas.ask.tempo(Math.min(MOST_BARS, state.data.last - state.data.first + 1));
    if (counts === bars) return;
    bars = counts;
    drawTempo();
  }

  function fill() {
    const from = page * PAGE_ROWS;
    const total = atlas.ask.listedCount();
    const part = atlas.ask.listed(from, from + PAGE_ROWS).map(atlas.lineOf);
    byId("table").tBodies[0].replaceChildren(...part.map(line));
    byId("paged").textContent = total ? `${number(from + 1)}–${number(from + part.length)} of ${number(total)}, newest first` : "No record matches.";
    byId("before").disabled = page === 0;
    byId("after").disabled = from + PAGE_ROWS >= total;
  }

  function line(record) {
    const open = element("button", "", record.id);
    open.type = "button";
    open.onclick = () => atlas.record.openRecord(record.key);
    const texts = [record.date, record.type, record.placed ? record.place : `${record.place} (not placed)`, record.summary];
    const cells = texts.map((text) => Object.assign(element("td", "", text), { dir: "auto" }));
    return element("tr", record.carried ? "" : "sa-short", null, element("td", "", null, open), ...cells);
  }

  /* --- print ------------------------------------------------------------------------------------------------------ */

  /** On paper the map stands as on the screen, scaled to the page, and what is folded is unfolded. */
  function printing() {
    const closed = [];
    const { style } = state.map.getContainer();
    addEventListener("beforeprint", () => {
      for (const details of document.querySelectorAll("main details:not([open])")) closed.push(details) && (details.open = true);
      const { x, y } = state.map.getSize();
      Object.assign(style, { width: `${x}px`, height: `${y}px`, zoom: Math.min(PRINT_PX[0] / x, PRINT_PX[1] / y) });
    });
    addEventListener("afterprint", () => {
      for (const details of closed.splice(0)) details.open = false;
      Object.assign(style, { width: "", height: "", zoom: "" });
    });
  }

  atlas.page = { start, told };
})();
