/* Runs in every frame before the page's own scripts. Notes, in the top window, when the reader let go and when each
   change of the watched part was painted. Clock: performance.timeOrigin + performance.now(), the same in all frames.
   A paint is noted in a MessageChannel task after the next animation frame: it runs once that frame is committed. */
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const top = window.top;
  if (window === top) top.__bench = { released: 0, paints: [], frames: 0, ready: 0, watched: ".leaflet-container" };
  const bench = top.__bench;
  if (!bench) return;
  if (window !== top) bench.frames += 1;

  const channel = new MessageChannel();
  let waiting = false;
  channel.port1.onmessage = () => {
    waiting = false;
    bench.paints.push(now());
  };
  const changed = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => channel.port2.postMessage(0));
  };
  const inside = (node) => {
    const element = node && (node.nodeType === 1 ? node : node.parentElement);
    return Boolean(element && element.closest(bench.watched));
  };

  const wrap = (prototype, names) => {
    for (const name of names) {
      const original = prototype && prototype[name];
      if (!original) continue;
      prototype[name] = function (...args) {
        if (!waiting && inside(this.canvas)) changed();
        return original.apply(this, args);
      };
    }
  };
  wrap(window.CanvasRenderingContext2D?.prototype, ["fill", "stroke", "fillRect", "clearRect", "drawImage", "fillText"]);
  for (const kind of [window.WebGLRenderingContext, window.WebGL2RenderingContext])
    wrap(kind?.prototype, ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced"]);

  const observer = new MutationObserver((changes) => {
    if (!waiting && changes.some((change) => inside(change.target))) changed();
  });
  const first = new MutationObserver(() => (bench.ready ||= now())); // our map sets it once its frame is committed
  let observed = null;
  const observe = () => {
    if (observed === document) return;
    observed = document;
    first.observe(document, { subtree: true, attributes: true, attributeFilter: ["data-ready"] });
    observer.observe(document, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: ["style", "transform", "d", "src", "href"],
    });
  };
  observe();
  // A frame's first, empty document is replaced under the same window without this script being run again: take the
  // new one as soon as any of the page's own scripts listens to anything.
  const listen = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (...args) {
    observe();
    return listen.apply(this, args);
  };

  for (const kind of ["pointerup", "wheel"])
    window.addEventListener(kind, () => (bench.released = now()), { capture: true, passive: true });
  window.addEventListener("keydown", (event) => event.key === "Enter" && (bench.released = now()), { capture: true });

  if (window !== top) return;
  /** Start a measurement. */
  bench.arm = () => {
    bench.released = 0;
    bench.paints.length = 0;
  };
  /** Wait until something was painted after the release and nothing more for `quiet` ms; null after `limit` ms. */
  bench.settle = (quiet, limit) =>
    new Promise((resolve) => {
      const began = now();
      const look = () => {
        const after = bench.released ? bench.paints.filter((at) => at > bench.released) : [];
        if (after.length && now() - after.at(-1) > quiet)
          resolve({ first: after[0] - bench.released, last: after.at(-1) - bench.released });
        else if (now() - began > limit) resolve(null);
        else setTimeout(look, 40);
      };
      look();
    });
})();
