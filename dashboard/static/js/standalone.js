/* One file without a server: the part of the page's map that asks a server is answered here from the file's own data. */
"use strict";

window.incidentAtlas = (() => {
  const state = { map: null, drawing: null, listeners: [], data: null, on: new Set(), marks: 0 };
  const NO_DAY = 2147483647;
  const KIND = { site: 0, town: 1, near: 2, district: 3, governorate: 3, region: 4, country: 4 };
  const MARGIN = 4;
  const GROUP = 5;
  const ZONE = 6;
  const ZONE_LEAST_PX = 24; // as in marks.js
  const MOST_LISTED = 500;
  const REASONS = ["no usable date", "outside the window", "not found by the search", "map layer off"];
  const DAY_MS = 86400000;

  function element(tag, className, text, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined && text !== null) node.textContent = text;
    node.append(...children);
    return node;
  }

  function onDrawing(listener) {
    state.listeners.push(listener);
    if (state.drawing) listener(state.drawing);
  }

  const layersOn = () => [...state.on];

  /** Set the readiness signal once the frame that holds the drawing is painted. */
  function announce() {
    requestAnimationFrame(() =>
      setTimeout(() => {
        const data = state.map.getContainer().dataset;
        data.shown = state.drawing.shown;
        data.marks = state.drawing.marks.length + state.drawing.margin.length;
        data.ready = "true";
      }),
    );
  }

  async function unpack() {
    const text = document.getElementById("data").textContent.trim();
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return JSON.parse(await new Response(plain).text());
  }

  /* --- what the page's server answers, from the file's own data ------------------------------------------------- */

  async function fetchJson(path) {
    const { data } = state;
    const layer = /basemap\/(\w+)\.geojson/.exec(path);
    if (layer) return data.ground[layer[1]];
    const record = /^\/api\/incident\/(.*)$/.exec(path);
    if (record) {
      const row = data.rows.findIndex((r) => r.id === decodeURIComponent(record[1]));
      if (row < 0) throw new Error("This file does not hold that record.");
      return data.details[row];
    }
    const mark = /^\/api\/mark\/(\d+)/.exec(path);
    if (mark) return markRecords(state.members.get(Number(mark[1])));
    throw new Error("This file cannot answer that.");
  }

  /** List the records of one symbol: those shown at its places. */
  function markRecords(wanted) {
    const rows = state.rows.filter((row) => wanted.has(row.spot));
    const line = (row) => ({ id: row.id, date: row.date, type: state.data.types[row.type].label, place: row.place, summary: row.summary });
    const first = state.data.spots[rows[0].spot];
    const words = new Set(rows.map((row) => state.data.spots[row.spot].words));
    return {
      name: wanted.size === 1 ? first.name : `${wanted.size} places`,
      places: wanted.size,
      precision: [...words].join(" "),
      first: rows[0].date,
      last: rows[rows.length - 1].date,
      total: rows.length,
      records: rows.slice(0, MOST_LISTED).map(line),
    };
  }

  /* --- the question and its answer -------------------------------------------------------------------------------- */

  const question = { first: 0, last: 0, types: new Set(), words: [] };

  /** Put every record down to one reason: shown, or the first that hides it. */
  function ask() {
    const { data } = state;
    const hidden = new Map(REASONS.map((reason) => [reason, 0])); // in the order in which a record is put down to one
    const rows = [];
    let possible = 0;
    const whole = question.first <= data.first && question.last >= data.last;
    const put = (reason) => hidden.set(reason, hidden.get(reason) + 1);
    for (const row of data.rows) {
      if (!whole && row.first === NO_DAY) put("no usable date");
      else if (!whole && (row.first > question.last || row.last < question.first)) put("outside the window");
      else if (!question.words.every((word) => row.text.includes(word))) put("not found by the search");
      else if (!question.types.has(row.type)) put("map layer off");
      else {
        rows.push(row);
        row.possible = !whole && (row.first < question.first || row.last > question.last);
        if (row.possible) possible += 1;
        // A term that ends with the announcement says nothing of its end (dashboard/drawing.py).
        row.expired = row.term !== NO_DAY && row.term > row.last && row.term < (whole ? data.seenFrom : question.last);
      }
    }
    return { rows, hidden, possible };
  }

  const sizeOf = (n) => (n === 1 ? 7.5 : Math.min(9 + 2.2 * Math.sqrt(n), 26));

  /** Group circles that would cover each other by more than a quarter, the largest first (dashboard/drawing.py). */
  function grouped(places) {
    const heads = [];
    for (const place of places.sort((a, b) => b.rows.length - a.rows.length || a.at.x - b.at.x || a.at.y - b.at.y)) {
      let best = null;
      let least = 0.75;
      for (const head of heads) {
        const gap = Math.hypot(head[0].at.x - place.at.x, head[0].at.y - place.at.y) / (sizeOf(head[0].rows.length) + sizeOf(place.rows.length));
        if (gap < least) [best, least] = [head, gap];
      }
      if (best) best.push(place);
      else heads.push([place]);
    }
    return heads;
  }

  /** One symbol in the form that marks.js reads. */
  function markOf(places) {
    const rows = places.flatMap((place) => place.rows);
    const n = rows.length;
    const head = places[0].spot;
    const mean = (key) => places.reduce((sum, place) => sum + place.spot[key] * place.rows.length, 0) / n;
    const counts = new Map();
    for (const row of rows) counts.set(row.category, (counts.get(row.category) || 0) + 1);
    const parts = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).flat();
    const shapes = new Set(rows.map((row) => row.type));
    const expired = rows.every((row) => row.expired);
    const flags = (rows.every((row) => row.possible) ? 1 : 0) | (rows.every((row) => row.low) ? 2 : 0) | (head.potential ? 4 : 0) | (expired ? 8 : 0);
    const zoned = head.potential && KIND[head.precision] < 3;
    const kind = zoned ? ZONE : places.length > 1 ? GROUP : KIND[head.precision];
    state.members.set(places[0].number, new Set(places.map((place) => place.number)));
    const shape = shapes.size === 1 ? [...shapes][0] : 0;
    const centre = [mean("longitude"), mean("latitude")];
    const radius = zoned ? Math.max(...places.map((place) => covering(centre, place.spot))) : places.length > 1 ? 0 : head.radius;
    const [longitude, latitude] = zoned ? edgeOf(centre, radius) : centre;
    const ground = zoned ? centre : head.reach.length && head.potential ? head.reach : head.area;
    return [places[0].number, longitude, latitude, kind, radius, shape, flags, ground, sizeOf(n), places.length, ...parts];
  }

  /** Metres from a middle to the far side of the circle around a place. */
  const covering = ([longitude, latitude], spot) => state.map.distance([latitude, longitude], [spot.latitude, spot.longitude]) + spot.radius;

  /** The sign of a zone stands on its southern edge, clear of what happened in its middle. */
  function edgeOf([longitude, latitude], radius) {
    const { map } = state;
    const at = map.project([latitude, longitude]);
    const perPixel = (156543.03392 * Math.cos((latitude * Math.PI) / 180)) / 2 ** map.getZoom();
    const { lng, lat } = map.unproject([at.x, at.y + Math.max(radius / perPixel, ZONE_LEAST_PX)]);
    return [lng, lat];
  }

  function draw() {
    const { data, map } = state;
    const { rows, hidden, possible } = ask();
    state.rows = rows;
    state.members = new Map();
    const bySpot = new Map();
    for (const row of rows) (bySpot.get(row.spot) || bySpot.set(row.spot, []).get(row.spot)).push(row);
    const places = [...bySpot].map(([number, members]) => {
      const spot = data.spots[number];
      return { number, spot, rows: members, at: map.project([spot.latitude, spot.longitude]) };
    });
    const kindOf = (place) => KIND[place.spot.precision];
    const areas = places.filter((place) => kindOf(place) === 3).map((place) => markOf([place]));
    const margin = places.filter((place) => kindOf(place) === MARGIN);
    const [zones, points] = [true, false].map((potential) => grouped(places.filter((place) => kindOf(place) < 3 && place.spot.potential === potential)).map(markOf));
    const badges = margin.map((place) => markOf([place]));
    const found = [...areas, ...zones, ...points, ...badges];
    const drawn = { zone: found.some((mark) => mark[6] & 4 && mark[3] !== MARGIN), reach: badges.some((mark) => Array.isArray(mark[7])), expired: found.some((mark) => mark[6] & 8) };
    const tally = (key) => rows.reduce((all, row) => all.set(row[key], (all.get(row[key]) || 0) + 1), new Map());
    const [categories, types, precisions] = [tally("category"), tally("type"), new Map()];
    for (const row of rows) precisions.set(data.spots[row.spot].precision, (precisions.get(data.spots[row.spot].precision) || 0) + 1);
    state.drawing = {
      shown: rows.length,
      marks: [...areas, ...zones, ...points],
      margin: badges,
      marginNames: margin.map((place) => place.spot.label),
      signs: Object.entries(data.signs).filter(([sign]) => drawn[sign]),
      density: [],
      categories: data.categories.map((c, index) => ({ ...c, count: categories.get(index) || 0 })),
      shapes: data.types.map((t, index) => ({ label: t.label, shape: index, potential: t.potential, count: types.get(index) || 0 })).filter((t) => t.count),
      precisions: data.precisions.filter((p) => precisions.get(p.code)).map((p) => ({ ...p, count: precisions.get(p.code) })),
      possible,
      legendTitle: data.legendTitle,
      colourBy: data.colourBy,
      grouped: points.some((mark) => mark[3] === GROUP),
      gridded: false,
      layers: layersOn(),
      query: `${question.first}-${question.last}-${[...question.types]}-${question.words}`,
      open: "",
    };
    for (const listener of state.listeners) listener(state.drawing);
    tell(rows, hidden);
    announce();
  }

  /* --- the page around the map ------------------------------------------------------------------------------------ */

  const byId = (id) => document.getElementById(id);
  const dayText = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);
  const dayOf = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY_MS);

  function tell(rows, hidden) {
    const { data } = state;
    const all = hidden;
    for (const [reason, n] of data.hidden) all.set(reason, (all.get(reason) || 0) + n);
    const parts = [`${rows.length.toLocaleString("en")} of ${data.read.toLocaleString("en")} records shown`];
    for (const [reason, n] of all) if (n) parts.push(`${n.toLocaleString("en")} ${reason}`);
    byId("counts").textContent = [...parts, `${data.rejected.toLocaleString("en")} rejected`].join(" · ");
    byId("window").textContent = `${dayText(question.first)} to ${dayText(question.last)}, both days included (${data.zone})`;
    const body = rows.slice(0, MOST_LISTED).map((row) => {
      const open = element("button", "", row.id);
      open.type = "button";
      open.onclick = () => atlas.record.openRecord(row.id);
      const cells = [row.date, data.types[row.type].label, row.place, row.summary].map((text) => element("td", "", text));
      return element("tr", "", null, element("td", "", null, open), ...cells);
    });
    const more = rows.length - body.length;
    if (more > 0) body.push(element("tr", "", null, Object.assign(element("td", "", `${more.toLocaleString("en")} more; narrow the window or search.`), { colSpan: 5 })));
    byId("table").tBodies[0].replaceChildren(...body);
    for (const id of ["from", "to"]) byId(id).value = dayText(id === "from" ? question.first : question.last);
    byId("slide-from").value = question.first;
    byId("slide-to").value = question.last;
    tempo();
  }

  function tempo() {
    const { data } = state;
    const canvas = byId("tempo");
    const [width, scale] = [canvas.clientWidth || 300, window.devicePixelRatio || 1];
    canvas.width = width * scale;
    canvas.height = 44 * scale;
    const ctx = canvas.getContext("2d");
    ctx.scale(scale, scale);
    const span = data.last - data.first + 1;
    const bins = Math.min(120, span);
    const counts = new Array(bins).fill(0);
    for (const row of data.rows)
      if (row.first !== NO_DAY && question.types.has(row.type) && question.words.every((word) => row.text.includes(word)))
        counts[Math.min(bins - 1, Math.floor(((row.first - data.first) / span) * bins))] += 1;
    const most = Math.max(1, ...counts);
    counts.forEach((n, index) => {
      const day = data.first + (index / bins) * span;
      ctx.fillStyle = day >= question.first - span / bins && day <= question.last ? "#a8401c" : "#cfc6b6";
      ctx.fillRect((index / bins) * width, 42 - (40 * n) / most, Math.max(1, width / bins - 1), (40 * n) / most);
    });
  }

  function controls() {
    const { data } = state;
    const set = (first, last) => {
      [question.first, question.last] = [Math.min(first, last), Math.max(first, last)].map((day) => Math.min(data.last, Math.max(data.first, day)));
      draw();
    };
    for (const id of ["slide-from", "slide-to", "from", "to"]) {
      byId(id).min = id.startsWith("slide") ? data.first : dayText(data.first);
      byId(id).max = id.startsWith("slide") ? data.last : dayText(data.last);
    }
    byId("slide-from").oninput = (e) => set(Number(e.target.value), question.last);
    byId("slide-to").oninput = (e) => set(question.first, Number(e.target.value));
    byId("from").onchange = (e) => e.target.value && set(dayOf(e.target.value), question.last);
    byId("to").onchange = (e) => e.target.value && set(question.first, dayOf(e.target.value));
    byId("whole").onclick = () => set(data.first, data.last);
    byId("search").oninput = (e) => {
      question.words = fold(e.target.value).split(" ").filter(Boolean);
      draw();
    };
    data.types.forEach((type, index) => type.count && byId("types").append(box(type.label, true, (on) => {
      question.types[on ? "add" : "delete"](index);
      draw();
    })));
    for (const [key, label] of [["governorates", "Governorates"], ["districts", "Districts"], ["facilities", "Facilities"]])
      byId("layers").append(box(label, state.on.has(key), (on) => {
        state.on[on ? "add" : "delete"](key);
        state.map.fire("overlayadd");
      }));
    play(set);
  }

  function box(label, checked, changed) {
    const input = element("input", "");
    input.type = "checkbox";
    input.checked = checked;
    input.onchange = () => changed(input.checked);
    return element("label", "", null, input, ` ${label}`);
  }

  /** Move a window through time; the window is as long as the one chosen, or a month. */
  function play(set) {
    const { data } = state;
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
      const length = question.last - question.first < data.last - data.first ? question.last - question.first : 30;
      let first = question.last >= data.last ? data.first : question.first;
      const step = Math.max(1, Math.round(length / 4));
      button.textContent = "Pause";
      button.setAttribute("aria-pressed", "true");
      timer = setInterval(() => {
        set(first, first + length);
        if (first + length >= data.last) stop();
        first += step;
      }, 350);
      return undefined;
    };
  }

  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f\u064b-\u0652'’ʻ`-]/g, "");

  function marginalia() {
    const { data } = state;
    for (const id of ["title", "takeaway", "as-of", "stamp"]) byId(id).textContent = data.texts[id];
    for (const id of ["marking-top", "marking-bottom"]) {
      byId(id).textContent = data.texts.marking;
      byId(id).dataset.marking = data.texts.marking;
    }
    for (const [matter, text] of data.about) byId("about").append(element("dt", "", matter), element("dd", "", text));
    byId("table").tHead.append(element("tr", "", null, ...["Id", "Date", "Type", "Place", "What the sources say"].map((head) => element("th", "", head))));
  }

  async function start() {
    const data = (state.data = await unpack());
    const names = ["id", "date", "place", "summary", "first", "last", "spot", "type", "category", "low", "text", "term"];
    data.rows = data.rows.map((values) => Object.fromEntries(names.map((name, index) => [name, values[index]])));
    for (const row of data.rows) row.text = fold(row.text);
    [question.first, question.last] = [data.first, data.last];
    data.types.forEach((type, index) => question.types.add(index));
    state.on = new Set(data.context);
    marginalia();
    const map = (state.map = L.map("map", { attributionControl: false, zoomSnap: 0.25, minZoom: 4, maxZoom: 15 }));
    L.control.scale({ imperial: false }).addTo(map);
    const [longitude, latitude, zoom] = data.place;
    map.setView([latitude, longitude], zoom);
    if (data.bounds) map.fitBounds(data.bounds);
    await atlas.basemap.start(map);
    atlas.legend.start(map, data.symbols);
    atlas.record.start(map);
    controls();
    draw();
    await atlas.marks.start(map, { symbols: data.symbols, facilities: data.facilities });
    map.on("zoomend", draw);
  }

  const writeAddress = () => {}; // a file from disk has no address to keep
  const atlas = { state, onDrawing, layersOn, element, fetchJson, announce, writeAddress, start };
  return atlas;
})();
