/* A click opens the records of a place; a record opens with everything that is known of it. */
"use strict";

(() => {
  const atlas = window.incidentAtlas;
  const { element } = atlas;
  let drawer = null;
  let tip = null;
  let lastFocus = null;
  const spots = new Map(); // answers for the query now on screen
  let spotsFor = "";

  function start(map) {
    const container = map.getContainer();
    drawer = element("aside", "atlas-drawer");
    drawer.setAttribute("role", "dialog");
    drawer.setAttribute("aria-label", "Incident record");
    drawer.hidden = true;
    for (const kind of ["click", "dblclick", "wheel", "mousedown", "pointerdown"]) drawer.addEventListener(kind, (e) => e.stopPropagation());
    tip = element("div", "atlas-tip");
    tip.hidden = true;
    container.append(drawer, tip);
    document.addEventListener("keydown", (e) => e.key === "Escape" && close());
    let asked = "";
    let shownAs = null;
    atlas.onDrawing((drawing) => {
      const view = new URLSearchParams(drawing.query || "");
      const writing = ["public", "coords"].map((key) => view.get(key)).join();
      const rewritten = shownAs !== null && writing !== shownAs && atlas.state.record;
      if (drawing.open && drawing.open !== asked) openRecord(drawing.open);
      else if (rewritten) openRecord(atlas.state.record); // the same record, its points written in another way
      asked = drawing.open; // a record that the reader has closed stays closed
      shownAs = writing;
    });
  }

  /** The records of the symbol that holds a place, as it is grouped on the screen now. */
  async function markRecords(spot) {
    const { query } = atlas.state.drawing;
    const view = `${query}&zoom=${(atlas.state.drawnZoom || 0).toFixed(2)}`;
    const told = `${view} ${atlas.state.drawing.placed}`;
    if (spotsFor !== told) {
      spots.clear();
      spotsFor = told;
    }
    if (!spots.has(spot)) spots.set(spot, atlas.fetchJson(`/api/mark/${spot}?${view}`));
    return spots.get(spot);
  }

  let hovered = null;
  atlas.hover = async (spot, at) => {
    hovered = spot;
    if (spot === null) {
      tip.hidden = true;
      return;
    }
    const found = await markRecords(spot).catch(() => null);
    if (hovered !== spot || !found) return;
    const first = found.records[0];
    tip.replaceChildren(
      element("b", "", found.name),
      element("span", "", found.total === 1 ? `${first.date} · ${first.type}` : `${found.total.toLocaleString("en")} records, ${found.first} to ${found.last}`),
      element("i", "", found.precision),
    );
    tip.hidden = false;
    const box = atlas.state.map.getSize();
    tip.style.left = `${Math.min(at.x + 14, box.x - tip.offsetWidth - 6)}px`;
    tip.style.top = `${Math.max(6, at.y - tip.offsetHeight - 12)}px`;
  };

  atlas.openMark = async (spot) => {
    const found = await guarded(() => markRecords(spot));
    if (!found) return;
    if (found.total === 1) return openRecord(found.records[0].id);
    const list = element("ul", "atlas-list");
    for (const record of found.records) {
      const line = element("button", "", null, element("b", "", record.date), element("span", "", record.type));
      if (found.places > 1) line.append(element("em", "", record.place));
      line.append(element("p", "", record.summary));
      line.type = "button";
      line.onclick = () => openRecord(record.id, () => atlas.openMark(spot));
      list.append(element("li", "", null, line));
    }
    const more = found.total - found.records.length;
    const notes = [element("p", "atlas-note", found.precision)];
    if (more > 0) notes.push(element("p", "atlas-note", `${more.toLocaleString("en")} more are in the table below the map.`));
    fill(`${found.name}: ${found.total.toLocaleString("en")} records`, [...notes, list]);
    keep("");
  };

  async function openRecord(id, back) {
    const record = await guarded(() => atlas.fetchJson(atlas.relations ? atlas.relations.address(id) : `/api/incident/${encodeURIComponent(id)}`));
    if (!record) return;
    const sections = record.sections.map((section) => {
      const list = element("dl", "");
      for (const item of section.items) list.append(element("dt", "", item.label), value(item));
      return element("section", "", null, element("h4", "", section.title), list);
    });
    const around = atlas.relations ? atlas.relations.sections(record) : [];
    fill(record.title, [summary(record), ...sections, ...around], back);
    keep(id);
    if (record.place) uncover(record.place);
  }

  const BESIDE_PX = 40; // between a place and what would hide it

  /** Move the map so that the place of the open record is seen beside it, when it is not. */
  function uncover({ longitude, latitude }) {
    const { map } = atlas.state;
    const { x: width, y: height } = map.getSize();
    const free = width - drawer.offsetWidth;
    if (free < 4 * BESIDE_PX) return; // on a narrow screen the record takes nearly all of it
    const { x, y } = map.latLngToContainerPoint([latitude, longitude]);
    const out = (at, end) => (at < BESIDE_PX || at > end - BESIDE_PX ? at - end / 2 : 0);
    const by = [out(x, free), out(y, height)];
    if (by[0] || by[1]) map.panBy(by.map(Math.round));
  }

  /** The summary, with what its wording leaves unclear marked; the way out is in the mark's title. */
  function summary(record) {
    const letters = Array.from(record.summary); // Python counts letters, not UTF-16 units
    const made = element("p", "atlas-summary");
    made.dir = "auto";
    let from = 0;
    for (const [start, end, reason] of record.marks || []) {
      if (start < from) continue; // a term inside a sentence that is marked already
      const mark = element("mark", "atlas-unclear", letters.slice(start, end).join(""));
      mark.title = reason;
      made.append(element("span", "", letters.slice(from, start).join("")), mark);
      from = end;
    }
    made.append(element("span", "", letters.slice(from).join("")));
    return made;
  }

  /** Remember which record is open, in the address bar too. */
  function keep(id) {
    drawer.dataset.record = id;
    if (!id && atlas.relations) atlas.relations.clear();
    atlas.state.record = id;
    atlas.writeAddress();
  }

  /** One value; a link only where the server found a plain http or https address. */
  function value(item) {
    const cell = element("dd", item.kind || "", item.links ? null : item.text);
    if (!item.links) {
      cell.dir = "auto";
      return cell;
    }
    if (item.text && !item.links[0].record) cell.append(element("div", "", item.text));
    for (const link of item.links) {
      const line = element("div", "");
      line.dir = "auto";
      if (link.record) {
        const open = element("button", "atlas-link", link.text);
        open.type = "button";
        open.onclick = () => openRecord(link.record);
        line.append(open);
      } else if (link.href && /^https?:\/\//i.test(link.href)) {
        const anchor = element("a", "", link.text);
        anchor.href = link.href;
        anchor.target = "_blank";
        anchor.rel = "noopener noreferrer";
        line.append(anchor);
      } else line.append(element("span", "", link.text));
      if (link.note) line.append(element("small", "", ` ${link.note}`));
      cell.append(line);
    }
    return cell;
  }

  function fill(title, content, back) {
    const head = element("header", "");
    if (back) head.append(button("‹", "Back to the list", back));
    head.append(element("h3", "", title), button("×", "Close", close));
    if (drawer.hidden) lastFocus = document.activeElement;
    drawer.replaceChildren(head, ...content);
    drawer.hidden = false;
    drawer.scrollTop = 0;
    head.querySelector("button:last-child").focus({ preventScroll: true });
  }

  function button(text, label, act) {
    const made = element("button", "atlas-icon", text);
    made.type = "button";
    made.setAttribute("aria-label", label);
    made.onclick = act;
    return made;
  }

  function close() {
    if (!drawer || drawer.hidden) return;
    drawer.hidden = true;
    keep("");
    if (lastFocus) lastFocus.focus({ preventScroll: true });
  }

  /** Run a request; a failure is told in the drawer and nothing else is lost. */
  async function guarded(work) {
    try {
      return await work();
    } catch (error) {
      fill("This could not be opened", [element("p", "", error.message)]);
      return null;
    }
  }

  atlas.record = { start, close, openRecord };
})();
