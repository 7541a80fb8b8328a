/* The timeline: histogram, key dates, typed dates, presets, steps and play.
   It holds no window of its own: it asks the server for one and draws the one it is given. */
const instances = new WeakMap();
const DAY_MS = 86400000;

const iso = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** Steps that come faster than this are drawn by the map alone; the panels follow when play stops. */
const PANELS_MS = 300;

const UNIT_DAYS = { day: 1, week: 7, month: 31 };

/** A typed date as first and last day: 2021, 2021-07 and 2021-07-29 are taken, and nothing that no calendar has. */
function typedDays(text) {
  const found = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(text.trim());
  if (!found) return null;
  const [year, month, day] = [Number(found[1]), Number(found[2] || 1), Number(found[3] || 1)];
  const at = new Date(Date.UTC(year, month - 1, day));
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return null;
  const first = at / DAY_MS;
  if (found[3]) return [first, first];
  return [first, addMonths(first, found[2] ? 1 : 12) - 1];
}

/* Made once: toLocaleDateString makes one anew for every label, which took longer than the rest of the chart. */
const inWords = (parts) => new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: "UTC" });
const WHOLE_DATE = inWords({ day: "numeric", month: "short", year: "numeric" });
const YEAR = inWords({ year: "numeric" });
const MONTH = inWords({ month: "short", year: "2-digit" });

const long = (day) => WHOLE_DATE.format(day * DAY_MS);

/** The same day some months on; the 31st becomes the month's last day. */
function addMonths(day, months) {
  const at = new Date(day * DAY_MS);
  const target = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1));
  const last = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(at.getUTCDate(), last));
  return Math.round(target / DAY_MS);
}

const stepDay = (day, unit, direction) =>
  unit === "month" ? addMonths(day, direction) : day + direction * (unit === "week" ? 7 : 1);

function makeInstance(root) {
  const find = (selector) => root.querySelector(selector);
  const self = { data: null, send: null, playing: false, timer: 0, sent: 0, waiting: false, ahead: null, find };

  self.ask = (first, last) => {
    const { first: low, last: high } = self.data;
    const a = Math.max(low, Math.min(high, Math.min(first, last)));
    const b = Math.max(low, Math.min(high, Math.max(first, last)));
    self.waiting = true;
    self.sent = performance.now();
    if (self.playing && Number(find(".pace").value) < PANELS_MS && window.atlasAhead) return self.fly([a, b]);
    return self.tell([a, b]);
  };

  /** Tell the map, and then the page: its panels would keep the browser from painting the map. */
  self.tell = (days) => {
    self.ahead = null;
    (window.atlasAhead?.({ window: days }) ?? Promise.resolve()).then(() => self.send("window", days));
  };

  /** Play faster than panels can follow: only the map does, and the page hears of the window that play stops at. */
  self.fly = (days) => {
    const drawn = window.atlasAhead({ window: days }, true);
    if (!drawn) return self.tell(days);
    self.ahead = days;
    return drawn.then(() => {
      self.waiting = false;
      self.tick();
    });
  };

  /** The next window, or null at the end of the records. */
  self.next = (direction) => {
    const [first, last] = self.data.window;
    const unit = find(".unit").value;
    if (find(".mode").value === "cumulative") {
      const moved = Math.min(self.data.last, Math.max(first, stepDay(last, unit, direction)));
      return moved === last ? null : [first, moved];
    }
    const length = last - first;
    const start = stepDay(first, unit, direction);
    if (direction > 0 && last >= self.data.last) return null;
    if (direction < 0 && first <= self.data.first) return null;
    const shifted = Math.max(self.data.first, Math.min(start, self.data.last - length));
    return [shifted, shifted + length];
  };

  self.step = (direction) => {
    const window = self.next(direction);
    if (window) self.ask(...window);
    return Boolean(window);
  };

  /** Ask for one step after another, each when the last has been answered and its time has come. */
  self.tick = () => {
    if (!self.playing || self.waiting) return;
    const due = self.sent + Number(find(".pace").value) - performance.now();
    clearTimeout(self.timer);
    self.timer = setTimeout(() => {
      if (self.playing && !self.waiting && !self.step(1)) self.stop();
    }, Math.max(0, due));
  };

  self.start = () => {
    self.playing = true;
    const whole = self.data.window[0] <= self.data.first && self.data.window[1] >= self.data.last;
    showPlay(self);
    if (whole || self.data.window[1] >= self.data.last) rewind(self);
    else self.tick();
  };

  self.stop = () => {
    self.playing = false;
    clearTimeout(self.timer);
    showPlay(self);
    if (self.ahead) self.tell(self.ahead);
  };

  find(".play").onclick = () => (self.playing ? self.stop() : self.start());
  find(".back").onclick = () => self.step(-1);
  find(".forward").onclick = () => self.step(1);
  for (const button of root.querySelectorAll("[data-days]")) button.onclick = () => preset(self, button.dataset.days);
  for (const input of [find(".from"), find(".to")]) {
    input.oninput = () => (input.dataset.typed = "true");
    input.onchange = () => typed(self);
  }
  // The window of the map, while the slider's handle is held.
  window.addEventListener("atlas-window", ({ detail }) => self.data && show(self, { ...self.data, window: detail }));
  const chart = find(".chart");
  chart.onmousemove = (event) => hover(self, event);
  chart.onmouseleave = () => (find(".tip").hidden = true);
  chart.onclick = (event) => choose(self, event);
  new ResizeObserver(() => self.data && draw(self)).observe(chart);
  return self;
}

function rewind(self) {
  const { first, last, window } = self.data;
  const length = window[1] - window[0];
  const wanted = length >= last - first ? Math.min(29, last - first) : length;
  if (self.find(".mode").value === "cumulative") self.ask(window[0] >= last ? first : window[0], stepDay(window[0], self.find(".unit").value, 1));
  else self.ask(first, first + wanted);
}

function showPlay(self) {
  const button = self.find(".play");
  button.textContent = self.playing ? "❚❚" : "▶";
  button.title = self.playing ? "Pause" : "Play";
  button.setAttribute("aria-label", button.title);
  button.classList.toggle("on", self.playing);
}

function preset(self, days) {
  if (days === "all") return self.ask(self.data.first, self.data.last);
  const last = self.data.window[1];
  self.ask(last - Number(days) + 1, last);
}

/** Typed dates are taken when both are whole; until then nothing typed is changed or lost. */
function typed(self) {
  const inputs = [self.find(".from"), self.find(".to")];
  const days = inputs.map((input) => typedDays(input.value));
  inputs.forEach((input, i) => {
    input.setAttribute("aria-invalid", String(!days[i]));
    input.title = days[i] ? "" : "Write a year, month or day: 2021, 2021-07 or 2021-07-29.";
  });
  if (!days[0] || !days[1]) return;
  for (const input of inputs) delete input.dataset.typed;
  self.ask(days[0][0], days[1][1]);
}

const scale = (self, width) => (day) => ((day - self.data.first) / Math.max(1, self.data.last + 1 - self.data.first)) * width;

function barEnds(self, index) {
  const { starts, last, unit } = self.data; // the time on offer may end after the last bin
  return [Math.max(starts[index], self.data.first), index + 1 < starts.length ? starts[index + 1] : Math.min(last + 1, starts[index] + UNIT_DAYS[unit])];
}

function draw(self) {
  const canvas = self.find("canvas");
  const box = canvas.parentElement.getBoundingClientRect();
  const ratio = window.devicePixelRatio || 1;
  canvas.width = box.width * ratio;
  canvas.height = box.height * ratio;
  const ctx = canvas.getContext("2d");
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  const style = getComputedStyle(canvas);
  const ink = style.color;
  const { starts, series, possible, dates } = self.data;
  const top = 16;
  const base = box.height - 15;
  const x = scale(self, box.width);
  const totals = starts.map((_, i) => series.reduce((sum, s) => sum + s.counts[i], 0) + possible[i]);
  const most = Math.max(1, ...totals);
  drawWindow(self, ctx, x, top, base, style);
  starts.forEach((_, i) => {
    const [from, to] = barEnds(self, i);
    const left = x(from);
    const width = Math.max(1, x(to) - left - (x(to) - left > 4 ? 1 : 0));
    let y = base;
    for (const one of series) {
      const height = (one.counts[i] / most) * (base - top);
      ctx.fillStyle = one.colour;
      ctx.fillRect(left, y - height, width, height);
      y -= height;
    }
    const height = (possible[i] / most) * (base - top);
    if (height) {
      ctx.strokeStyle = ink;
      ctx.globalAlpha = 0.45;
      ctx.lineWidth = 0.8;
      ctx.strokeRect(left + 0.5, y - height, Math.max(0.5, width - 1), height);
      ctx.globalAlpha = 1;
    }
  });
  drawAxis(self, ctx, x, top, base, box.width, ink, most);
  drawKeyDates(dates, ctx, x, top, base, ink);
}

function drawWindow(self, ctx, x, top, base, style) {
  const [first, last] = self.data.window;
  ctx.fillStyle = style.getPropertyValue("--st-primary-color") || "#1f6f8b";
  ctx.globalAlpha = 0.1;
  ctx.fillRect(x(first), top - 4, Math.max(2, x(last + 1) - x(first)), base - top + 4);
  ctx.globalAlpha = 1;
}

function drawAxis(self, ctx, x, top, base, width, ink, most) {
  ctx.fillStyle = ctx.strokeStyle = ink;
  ctx.globalAlpha = 0.65;
  ctx.font = "11px sans-serif";
  ctx.lineWidth = 0.8;
  ctx.beginPath();
  ctx.moveTo(0, base + 0.5);
  ctx.lineTo(width, base + 0.5);
  ctx.stroke();
  const months = (self.data.last - self.data.first) / 30.4;
  const every = [1, 2, 3, 6, 12, 24, 60, 120].find((n) => (months / n) * 62 <= width) || 120;
  const at = new Date(self.data.first * DAY_MS);
  let month = at.getUTCFullYear() * 12 + at.getUTCMonth();
  month += (every - (month % every)) % every;
  for (let day; (day = Date.UTC(Math.floor(month / 12), month % 12, 1) / DAY_MS) <= self.data.last; month += every) {
    if (day < self.data.first) continue;
    const label = (every >= 12 ? YEAR : MONTH).format(day * DAY_MS);
    ctx.fillRect(x(day), base, 0.8, 4);
    if (x(day) + ctx.measureText(label).width + 3 < width) ctx.fillText(label, x(day) + 3, base + 12);
  }
  const label = `${most} a ${self.data.unit}`;
  ctx.globalAlpha = 0.25;
  ctx.fillRect(0, top, width, 0.7);
  ctx.globalAlpha = 0.75;
  ctx.fillText(label, 2, top + 10);
  ctx.globalAlpha = 1;
}

function drawKeyDates(dates, ctx, x, top, base, ink) {
  ctx.fillStyle = ctx.strokeStyle = ink;
  for (const mark of dates) {
    const at = x(mark.day);
    ctx.globalAlpha = 0.3;
    ctx.lineWidth = 0.8;
    ctx.beginPath();
    ctx.moveTo(at, top - 4);
    ctx.lineTo(at, base);
    ctx.stroke();
    ctx.globalAlpha = 0.85;
    ctx.beginPath();
    ctx.moveTo(at - 3.5, top - 10);
    ctx.lineTo(at + 3.5, top - 10);
    ctx.lineTo(at, top - 4);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

function under(self, event) {
  const box = self.find(".chart").getBoundingClientRect();
  const at = event.clientX - box.left;
  const x = scale(self, box.width);
  const date = event.clientY - box.top < 16 ? self.data.dates.find((mark) => Math.abs(x(mark.day) - at) < 6) : null;
  const bin = self.data.starts.findIndex((_, i) => at >= x(barEnds(self, i)[0]) && at < x(barEnds(self, i)[1]));
  return { at, box, date, bin };
}

function hover(self, event) {
  const { at, box, date, bin } = under(self, event);
  const tip = self.find(".tip");
  tip.hidden = !date && bin < 0;
  if (tip.hidden) return;
  if (date) tip.textContent = `${long(date.day)}\n${date.title}\n${date.detail}`;
  else {
    const [from, to] = barEnds(self, bin);
    const lines = self.data.series.filter((s) => s.counts[bin]).map((s) => `${s.label}: ${s.counts[bin]}`);
    if (self.data.possible[bin]) lines.push(`may fall here: ${self.data.possible[bin]}`);
    tip.textContent = [to - from > 1 ? `${long(from)} to ${long(to - 1)}` : long(from), ...lines].join("\n");
  }
  tip.style.left = `${Math.max(0, Math.min(at - 20, box.width - tip.offsetWidth))}px`;
}

/** A click takes the bar's days as the window; on a key date, 30 days around it. */
function choose(self, event) {
  const { date, bin } = under(self, event);
  if (date) return self.ask(date.day - 15, date.day + 15);
  if (bin < 0) return;
  const [from, to] = barEnds(self, bin);
  self.ask(from, to - 1);
}

/** Fetch a file of our own server as text. */
const fetchText = async (path) => (await fetch(path)).text();

/** Build the timeline inside the component's root; its page, style and key dates are fetched once. */
async function build(parentElement, version) {
  const root = parentElement.querySelector(".timeline");
  const at = `${window.location.origin}/assets`;
  const [page, style, dates] = await Promise.all([
    fetchText(`${at}/timeline.html?v=${version}`),
    fetchText(`${at}/css/timeline.css?v=${version}`),
    fetch(`${window.location.origin}/api/key-dates`).then((answer) => answer.json()),
  ]);
  const sheet = document.createElement("style");
  sheet.textContent = style;
  root.innerHTML = page; // our own file; nothing of a record is in it
  root.append(sheet);
  const self = makeInstance(root);
  self.dates = dates.dates;
  root.removeAttribute("aria-busy");
  return self;
}

function take(self, data) {
  const dates = self.dates.filter((mark) => mark.day >= data.first && mark.day <= data.last);
  if (!self.ahead) self.waiting = false;
  show(self, { ...data, dates, window: self.ahead || data.window });
  if (self.playing) self.tick();
}

/** Draw the histogram and the window in it. */
function show(self, data) {
  self.data = data;
  const [from, to] = [self.find(".from"), self.find(".to")];
  for (const [input, day] of [[from, data.window[0]], [to, data.window[1]]]) {
    // An answer to the first date may arrive while the second is being typed: what is in hand stays.
    if (input.dataset.typed && input.getRootNode().activeElement === input) continue;
    delete input.dataset.typed;
    input.value = iso(day);
    input.setAttribute("aria-invalid", "false");
    input.title = `Records: ${iso(data.first)} to ${iso(data.last)}`;
  }
  const length = data.window[1] - data.window[0] + 1;
  const whole = data.window[0] <= data.first && data.window[1] >= data.last;
  for (const button of self.find(".presets").querySelectorAll("button"))
    button.classList.toggle("on", button.dataset.days === "all" ? whole : Number(button.dataset.days) === length);
  self.find(".words").textContent = `${long(data.window[0])} to ${long(data.window[1])}`;
  draw(self);
}

const charts = new Map(); // by name: the server sends a chart once, and afterwards only its name
const MOST_CHARTS = 20;

/** The chart that goes with the data; null when it never came, and then it is asked for. */
function chartOf(data, send) {
  if (data.charted) charts.set(data.chart, data.charted);
  if (charts.size > MOST_CHARTS) charts.delete(charts.keys().next().value);
  const chart = charts.get(data.chart);
  if (!chart) send("missed", data.chart);
  return chart;
}

/* Streamlit (1.67) closes a popover that took more than 50 ms to open by the very click that opened it: the symbol clicked on has been
   replaced meanwhile, so its listener on the document takes the click for one elsewhere. On a slow machine it would never open. */
document.body.addEventListener("click", (event) => {
  const opened = event.composedPath().some((node) => node.matches?.('[data-testid="stPopoverButton"]'));
  if (opened && document.querySelectorAll('[data-testid="stPopoverBody"]').length === 1) event.stopPropagation();
});

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  if (!instances.has(parentElement)) instances.set(parentElement, { latest: null, made: build(parentElement, data.version) });
  const instance = instances.get(parentElement);
  instance.latest = data;
  const chart = chartOf(data, setTriggerValue);
  instance.made.then((self) => {
    self.send = setTriggerValue;
    if (chart && instance.latest === data) take(self, { ...data, ...chart });
  });
  return () => instance.made.then((self) => self.stop());
}
