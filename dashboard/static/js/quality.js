/* Shares as bars that are buttons: a click asks the server to set or clear the bar's filter. */
const SVG = "http://www.w3.org/2000/svg";

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

/** One thin column per month, all bars of one group on one scale. */
function columns(counts, most) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${Math.max(1, counts.length)} 20`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("aria-hidden", "true");
  counts.forEach((count, at) => {
    if (!count) return;
    const height = Math.max(1, (20 * count) / most);
    const column = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ x: at, y: 20 - height, width: 0.9, height })) column.setAttribute(name, value);
    picture.append(column);
  });
  return picture;
}

function bar(measure, one, most, periods, send) {
  const share = measure.total ? (100 * one.count) / measure.total : 0;
  const row = element("button", one.chosen ? "row on" : "row");
  row.type = "button";
  row.setAttribute("aria-pressed", String(one.chosen));
  row.dataset.filter = measure.name;
  row.dataset.value = one.value;
  const peak = one.columns.indexOf(Math.max(...one.columns));
  row.title = one.columns.length ? `${periods[0]} to ${periods[periods.length - 1]}; most in ${periods[peak]}: ${one.columns[peak]}` : "";
  const track = element("span", "track");
  const fill = element("i", "");
  fill.style.width = `${share.toFixed(2)}%`;
  track.append(fill);
  row.append(element("span", "", one.label), track, element("span", "number", `${one.count.toLocaleString("en")} · ${share.toFixed(0)}%`), columns(one.columns, most));
  row.onclick = () => send("bar", [measure.name, one.value]);
  return row;
}

function group(measure, periods, send) {
  const box = element("section", "");
  const head = element("h4", "", measure.label);
  head.append(" ", element("small", "", `of ${measure.total.toLocaleString("en")} records`));
  const most = Math.max(1, ...measure.bars.flatMap((one) => one.columns));
  box.append(head, ...measure.bars.map((one) => bar(measure, one, most, periods, send)));
  return box;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".quality");
  root.replaceChildren(...data.measures.map((measure) => group(measure, data.periods, setTriggerValue)));
}
