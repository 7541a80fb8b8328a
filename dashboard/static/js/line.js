/* The map's own line to the server: drawings come on it ahead of the panels, and what a control has changed goes out on
   it ahead of the page's own message, which is held back until the map is painted: Streamlit draws the whole page once
   when a run begins. Until the panels have followed, the page is marked as behind its map. */
"use strict";

window.incidentAtlas.line = (() => {
  const atlas = window.incidentAtlas;
  const PATIENCE_MS = 1000; // to wait for a drawing that is on its way
  const FOLLOW_MS = 3000; // to wait for the panels to follow the map
  const MAP_FIRST_MS = 150; // by which the page hears of a change in any case
  const MICROSECONDS_A_DAY = 86400e6; // Streamlit's slider counts in microseconds
  const FAINT_MS = 300; // that panels may stay behind before they are drawn faint
  const HELD_MS = 100; // a handle that is held for longer is followed by the map
  const TAKEN_MS = 1000; // within which the slider has taken a key or the last movement of a handle, on a slow machine too

  let socket = null;
  let page = window;
  let expected = ""; // key of the drawing that goes with the panels
  let asked = 0;
  let watching = 0;
  let fainting = 0;
  let open = []; // questions on their way: [number, what to do once the answer is painted]
  let holding = false; // from a question until its answer is painted
  const held = []; // what the page says meanwhile
  const committed = new MessageChannel(); // its message comes once the frame is committed, which a timer does not wait for
  committed.port1.onmessage = () => release();

  const isOpen = () => Boolean(socket && socket.readyState === WebSocket.OPEN);

  /** Keep a line open on which drawings come at once. */
  function listen(reader) {
    if (socket && socket.readyState <= WebSocket.OPEN) return;
    const address = new URL(`/api/live?reader=${encodeURIComponent(reader)}`, window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => (typeof data === "string" ? answered(Number(data)) : atlas.receive(new Uint8Array(data)));
    socket.onopen = () => atlas.state.map?.getContainer().dataset.ready && painted(atlas.state.drawing.key); // before it was
    socket.onclose = () => answered(Infinity);
  }

  function answered(number) {
    const done = open.filter(([of]) => of <= number);
    open = open.filter(([of]) => of > number);
    for (const [, resolve] of done) resolve();
    if (!open.length) requestAnimationFrame(() => committed.port2.postMessage(0)); // in the frame that paints the answer
    settled();
  }

  /** Hold back what the page sends while a question is on its way, for `MAP_FIRST_MS` at most and in its order. */
  function holdPage(signal) {
    const { prototype } = page.WebSocket;
    const { send } = prototype;
    prototype.send = function (data) {
      if (this === socket || !(holding || held.length)) return send.call(this, data);
      held.push(() => send.call(this, data));
      if (held.length === 1) setTimeout(release, MAP_FIRST_MS);
    };
    signal.addEventListener("abort", () => {
      prototype.send = send;
      release();
    });
  }

  function release() {
    holding = false;
    for (const say of held.splice(0)) say();
  }

  /** Report a change ahead of the page, `{ window: [day, day] }` or `{ filter: [name, values] }`; resolves once it is
      drawn. The page's own message must follow, and not wait for long; a `passing` change is one of many, of which
      only the last is reported to the page. Null when the line is not open: then the page's own way is the only one. */
  function ask(change, passing = false) {
    if (!isOpen()) return null;
    asked += 1;
    const number = asked;
    socket.send(JSON.stringify({ number, ...change }));
    holding = true;
    fallBehind();
    if (change.window) page.dispatchEvent(new page.CustomEvent("atlas-window", { detail: change.window }));
    clearTimeout(watching);
    if (!passing) watching = setTimeout(() => !settled() && miss(), FOLLOW_MS); // turns the map back to what its panels say
    return new Promise((resolve) => {
      open.push([number, resolve]);
      if (!passing) setTimeout(resolve, MAP_FIRST_MS);
    });
  }

  /** Hear which drawing goes with the panels; where it does not come on the line, ask for it the long way. */
  function expect(key) {
    expected = key;
    if (settled()) return;
    const lost = () => expected === key && !settled() && !("behind" in page.document.body.dataset); // or it is ahead again
    setTimeout(() => lost() && miss(), isOpen() ? PATIENCE_MS : 0);
  }

  /** Tell whether map and panels show the same; the page is then no longer marked as behind. */
  function settled() {
    const same = Boolean(atlas.state.drawing && atlas.state.drawing.key === expected);
    if (same && !open.length) catchUp();
    return same;
  }

  /** Mark the page as behind, and draw it faint once that lasts: by a timer, because a transition that only waits makes a
      layer of each panel with every move. */
  function fallBehind() {
    const { dataset } = page.document.body;
    dataset.behind = "true";
    fainting ||= setTimeout(() => (dataset.faint = "true"), FAINT_MS);
  }

  function catchUp() {
    const { dataset } = page.document.body;
    clearTimeout(fainting);
    fainting = 0;
    delete dataset.behind;
    delete dataset.faint;
  }

  /** Tell the server what is on screen: its panels have waited for it. */
  function painted(key) {
    if (isOpen()) socket.send(JSON.stringify({ painted: key }));
  }

  /** Ask the page for its drawing the long way, and for a new line, since this one may be the reason. */
  function miss() {
    socket?.close();
    socket = null;
    const layers = atlas.state.map && { layers: atlas.layersOn() };
    window.Streamlit.setComponentValue({ ...layers, missed: `${expected} ${performance.now()}` });
  }

  /** Follow Streamlit's time slider: while a handle is held, and at once when it is let go. */
  function followSlider(signal) {
    const { document } = page;
    const hand = { down: false, since: 0, last: "", busy: false };
    const inSlider = ({ target }) => target instanceof page.Element && target.closest(".st-key-window");
    const days = () =>
      [...document.querySelectorAll(".st-key-window input[type=range]")].map(({ value }) => Math.round(value / MICROSECONDS_A_DAY));
    const follow = () => {
      const window = days();
      if (window.length !== 2 || String(window) === hand.last || (hand.down && hand.busy)) return;
      hand.last = String(window);
      hand.busy = true;
      (ask({ window }, hand.down) ?? Promise.resolve()).then(() => {
        hand.busy = false;
        if (hand.down) follow();
      });
    };
    const listenTo = (name, then) => document.addEventListener(name, then, { capture: true, passive: true, signal });
    const start = (down) => (event) => {
      if (!inSlider(event)) return;
      Object.assign(hand, { down, since: performance.now(), last: String(days()) });
    };
    const release = () => {
      if (!hand.down) return;
      Object.assign(hand, { down: false, since: performance.now() });
      if (document.body.dataset.behind) hand.last = ""; // what was passing is reported for good
      setTimeout(follow); // once the slider has taken the last movement
    };
    listenTo("pointerdown", start(true));
    listenTo("keydown", start(false));
    for (const name of ["pointerup", "pointercancel"]) listenTo(name, release);
    const observer = new MutationObserver(() => {
      const held = performance.now() - hand.since;
      if (hand.down ? held > HELD_MS : held < TAKEN_MS) follow();
    });
    observer.observe(document.body, { subtree: true, attributes: true, attributeFilter: ["aria-valuetext"] });
    signal.addEventListener("abort", () => observer.disconnect());
  }

  /** Serve the page around the map; its controls report their changes to `atlasAhead`. */
  function start(around) {
    page = around;
    const ending = new AbortController();
    followSlider(ending.signal);
    holdPage(ending.signal);
    page.atlasAhead = ask;
    window.addEventListener("pagehide", () => {
      ending.abort();
      catchUp();
      if (page.atlasAhead === ask) delete page.atlasAhead;
    });
  }

  return { start, listen, expect, painted };
})();
