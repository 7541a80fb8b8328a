/* The map is set in the typeface of the page around it, which a frame does not share. A map in a file of its own has no page. */
"use strict";

window.incidentAtlas.typeface = new FontFace("Source Sans", 'url("/assets/typeface.woff2") format("woff2")', { weight: "200 900" })
  .load()
  .then((face) => document.fonts.add(face))
  .catch(() => null); // then one of the system's, as the styles say
