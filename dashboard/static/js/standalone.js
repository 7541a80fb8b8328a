/* One file without a server: the part of the page's map that asks a server is answered here from the file's own data. */
"use strict";

window.incidentAtlas = (() => {
  const element = window.incidentElement;
  const state = { map: null, drawing: null, listeners: [], data: null, on: new Set() };
  const NO_DAY = 2147483647;
  const DAY_MS = 86400000;
  const MOST_LISTED = 500;
  const ROW = /^row:(\d+)$/; // how a record is named where its id may not be in the file
  const QUIET_MS = 200; // nothing asked for this long: table and option counts follow the map

  function onDrawing(listener) {
    state.listeners.push(listener);
    if (state.drawing) listener(state.drawing);
  }

  const layersOn = () => [...state.on];

  /** Set the readiness signal once the frame that holds the drawing is painted. */
  function announce() {
    requestAnimationFrame(() =>
      setTimeout(() => {
        const told = state.map.getContainer().dataset;
        told.shown = state.drawing.shown;
        told.marks = state.drawing.marks.length + state.drawing.margin.length;
        told.ready = "true";
        told.painted = told.painted || Math.round(performance.now()); // since the file was opened
      }),
    );
  }

  /* --- reading the file ------------------------------------------------------------------------------------------- */

  function bytesOf(base64) {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  async function inflated(base64) {
    const plain = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Response(plain);
  }

  const part = (id) => document.getElementById(id).textContent.trim();
  const readJson = async (base64) => (await inflated(base64)).json();

  /** Columns of whole numbers from planes of bytes (dashboard/products/packed.py). */
  function readColumns(buffer, specs) {
    const columns = {};
    let at = 0;
    for (const [name, width, least, length] of specs) {
      const values = new Int32Array(length).fill(least);
      for (let plane = 0; plane < width; plane += 1, at += length) {
        const bytes = new Uint8Array(buffer, at, length);
        const unit = 2 ** (8 * plane);
        for (let i = 0; i < length; i += 1) values[i] += bytes[i] * unit;
      }
      columns[name] = values;
    }
    return columns;
  }

  /** Undo the two codings that make columns small: steps from day to day, and places numbered as first seen. */
  function readRows(columns, data) {
    const { step, length, term, site, siteSpot } = columns;
    const n = site.length;
    const [first, last, ends, spot] = [0, 0, 0, 0].map(() => new Int32Array(n));
    const termed = [];
    let day = 0;
    let fresh = 0; // number of the next site that was not seen before
    for (let i = 0; i < n; i += 1) {
      const dated = i < data.dated;
      if (dated) day += step[i];
      first[i] = dated ? day : NO_DAY;
      last[i] = dated ? day + length[i] : NO_DAY;
      ends[i] = data.inForce ? last[i] + term[i] : last[i];
      if (term[i]) termed.push(i);
      site[i] = fresh - site[i];
      if (site[i] === fresh) fresh += 1;
      spot[i] = siteSpot[site[i]];
    }
    let longest = 0;
    const isLong = new Uint8Array(n);
    const long = [];
    for (let i = 0; i < data.dated; i += 1) {
      if (ends[i] === first[i]) continue;
      isLong[i] = 1;
      long.push(i);
      longest = Math.max(longest, ends[i] - first[i]);
    }
    return { n, first, last, ends, spot, site, term, termed, longest, isLong, long: Int32Array.from(long) };
  }

  async function readData() {
    const [data, buffer] = await Promise.all([readJson(part("data")), inflated(part("columns")).then((found) => found.arrayBuffer())]);
    data.columns = readColumns(buffer, data.columns);
    data.rows = readRows(data.columns, data);
    data.dimension = Object.fromEntries(data.dimensions.map((dimension) => [dimension.name, dimension]));
    data.texts = new Array(data.rows.n);
    const scale = 10 ** -data.decimals;
    const text = (name) => Array.from(data.columns[`spot_${name}`], (code) => data.spotTexts[name][code]);
    const [names, areas, precisions] = ["name", "area_id", "precision"].map(text);
    data.spots = names.map((name, i) => ({
      name,
      longitude: data.columns.longitude[i] * scale,
      latitude: data.columns.latitude[i] * scale,
      radius: data.columns.radius[i],
      potential: data.columns.potential[i] === 1,
      area: areas[i],
      precision: precisions[i],
      reach: data.reach[i] || [],
    }));
    return data;
  }

  /** Codes of a dimension, one for each record; those of the place are spread over its records when first asked for. */
  function codesOf(name) {
    const { data } = state;
    const codes = data.columns[name];
    if (!data.dimension[name].perPlace) return codes;
    data.spread = data.spread || {};
    data.spread[name] = data.spread[name] || data.rows.site.map((site) => codes[site]);
    return data.spread[name];
  }

  /** Texts follow after the first picture: the last records first, a pack at a time so that the page stays quick. */
  async function readTexts() {
    const { data } = state;
    const ids = part("ids").split(" ").filter(Boolean);
    if (ids.length) {
      const [head, buffer] = [await readJson(ids[0]), await (await inflated(ids[1])).arrayBuffer()];
      data.ids = { ...readColumns(buffer, head.columns), prefixes: head.prefixes };
    }
    let upto = data.rows.n;
    for (const pack of part("texts").split(" ").filter(Boolean)) {
      const lines = await readJson(pack);
      upto -= lines.length;
      lines.forEach(([id, date, place, words, told], i) => (data.texts[upto + i] = { id, date, place, words: fold(words), told }));
    }
    for (const id of ["data", "columns", "ground", "ids", "texts"]) document.getElementById(id).textContent = "";
    state.map.getContainer().dataset.texts = "true";
    atlas.ask.textsCame();
  }

  /* --- one record ------------------------------------------------------------------------------------------------- */

  const dayText = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);

  function idOf(row) {
    const { texts, ids } = state.data;
    if (texts[row]) return texts[row].id;
    if (!ids) return "";
    const digits = ids.digits[row] ? String(ids.number[row]).padStart(ids.digits[row], "0") : "";
    return ids.prefixes[ids.prefix[row]] + digits;
  }

  const labelsOf = (name, row) => {
    const dimension = state.data.dimension[name];
    return dimension.cells[codesOf(name)[row]].map((value) => dimension.values[value]).join(" and ");
  };

  /** What the table shows of a record; from its columns where the file does not carry its text. */
  function lineOf(row) {
    const { rows, texts, spots } = state.data;
    const carried = texts[row];
    const [first, last] = [rows.first[row], rows.last[row]];
    const days = first === NO_DAY ? "no date" : first === last ? dayText(first) : `${dayText(first)} to ${dayText(last)}`;
    const spot = spots[rows.spot[row]];
    return {
      row,
      key: `row:${row}`,
      id: idOf(row) || `record ${(row + 1).toLocaleString("en")}`,
      date: carried ? carried.date : days,
      type: labelsOf("type", row),
      place: (carried && carried.place) || (spot ? spot.name : ""),
      placed: Boolean(spot),
      summary: carried ? carried.told.summary : `Target: ${labelsOf("target", row)}. Claimed by: ${labelsOf("claimed", row)}. Assessed to: ${labelsOf("assessed", row)}.`,
      carried: Boolean(carried),
    };
  }

  /** Describe a record; one whose text is not in the file says so and shows what its columns know. */
  function describe(row) {
    const { data } = state;
    if (data.texts[row]) return data.texts[row].told;
    const line = lineOf(row);
    const spot = data.spots[data.rows.spot[row]];
    const known = data.dimensions.map((dimension) => ({ label: dimension.label, text: labelsOf(dimension.name, row), kind: "" }));
    const place = spot ? `${spot.name}\n${data.precisionWords[spot.precision]}` : data.reasonOf.unplaced;
    return {
      id: line.id,
      title: `${line.type}, ${line.date}`,
      summary: `The text of this record is not in this file: ${carriedText()} It stands in the data file named below the map.`,
      sections: [
        { title: "Where, and how exactly", items: [{ label: "Placed at", text: place, kind: "strong" }] },
        { title: "What is known of it here", items: known },
      ],
    };
  }

  /** Say whose text the file carries. */
  function carriedText() {
    const { carried, rows, carriesIds } = state.data;
    if (carried === rows.n) return "";
    const [some, all] = [carried, rows.n].map((n) => n.toLocaleString("en"));
    return `Every one of the ${all} records is drawn, counted and filtered; the full text of the newest ${some} is in this file${carriesIds ? ", and the id of all" : ""}.`;
  }

  function findRow(id) {
    const named = ROW.exec(id);
    if (named) return Number(named[1]);
    for (let row = 0; row < state.data.rows.n; row += 1) if (idOf(row) === id) return row;
    return -1;
  }

  /** Answer what the page's scripts ask of its server. */
  async function fetchJson(path) {
    const layer = /basemap\/(\w+)\.geojson/.exec(path);
    if (layer) return (await state.ground)[layer[1]];
    const record = /^\/api\/incident\/(.*)$/.exec(path);
    if (record) {
      const row = findRow(decodeURIComponent(record[1]));
      if (row < 0) throw new Error("This file does not hold that record.");
      return describe(row);
    }
    const mark = /^\/api\/mark\/(\d+)/.exec(path);
    if (mark) return markRecords(Number(mark[1]));
    throw new Error("This file cannot answer that.");
  }

  /** List the records of the symbol that stands at a place. */
  function markRecords(head) {
    const { data } = state;
    const spots = atlas.draw.spotsOf(head);
    const { rows, total, first, last } = atlas.ask.rowsAt(spots, MOST_LISTED);
    const words = new Set([...spots].slice(0, MOST_LISTED).map((spot) => data.precisionWords[data.spots[spot].precision]));
    return {
      name: spots.size === 1 ? data.spots[head].name : `${spots.size.toLocaleString("en")} places`,
      places: spots.size,
      precision: [...words].join(" "),
      first: lineOf(first).date,
      last: lineOf(last).date,
      total,
      records: rows.map((row) => ({ ...lineOf(row), id: `row:${row}` })),
    };
  }

  const fold = (text) =>
    text.toLowerCase().replace(/['’ʻ`]/g, "").normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}_]+/gu, " ").trim();

  /* --- start ------------------------------------------------------------------------------------------------------ */

  async function start() {
    state.ground = readJson(part("ground"));
    const data = (state.data = await readData());
    state.on = new Set(data.context);
    const map = (state.map = L.map("map", { attributionControl: false, zoomSnap: 0.25, minZoom: 4, maxZoom: 15 }));
    L.control.scale({ imperial: false }).addTo(map);
    const [longitude, latitude, zoom] = data.place;
    map.setView([latitude, longitude], zoom, { animate: false });
    if (data.bounds) map.fitBounds(data.bounds, { animate: false });
    atlas.page.start();
    await atlas.basemap.start(map);
    atlas.legend.start(map, data.symbols);
    atlas.record.start(map);
    atlas.ask.now();
    await atlas.marks.start(map, { symbols: data.symbols, facilities: data.facilities });
    map.on("zoomend moveend", atlas.ask.moved);
    setTimeout(readTexts);
  }

  const writeAddress = () => {}; // a file from disk has no address to keep
  const atlas = {
    state, onDrawing, layersOn, element, fetchJson, announce, writeAddress, start,
    fold, codesOf, lineOf, dayText, carriedText, NO_DAY, DAY_MS, QUIET_MS,
  };
  return atlas;
})();
