/* How every script of the map makes an element: from a record comes text, never markup. */
"use strict";

window.incidentElement = (() => {
  /** Controls that turn the direction of all that follows on a line; geodata/plain_text.py has the same list. */
  const turns = /[\u202a-\u202e\u2066-\u2069]/g;

  /** Build an element; text is always text. */
  return function element(tag, className, text, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined && text !== null) node.textContent = String(text).replace(turns, "");
    node.append(...children);
    return node;
  };
})();
