// Fewer keys for a place: "+57" is the next precinct, "12 57" is 65012 where the sheet's ids begin with 650.
// This only writes the id out in full; what a line means the server says, by the grammar of the text messages.
(function () {
  'use strict';

  let order = []; // precinct ids, site by site
  let known = new Set();

  async function load() {
    const { status, answer } = await window.Entry.ask('../roster');
    if (status !== 200) return;
    const byId = (a, b) => String(a).localeCompare(String(b), 'en', { numeric: true });
    const rows = answer.ids.map((id, n) => [id, answer.sites[n] || '']);
    order = rows.sort((a, b) => byId(a[1], b[1]) || byId(a[0], b[0])).map(([id]) => id);
    known = new Set([...order, ...answer.sites]);
  }

  // The line with its id in full. `last` is the place of the line before, `begins` how the sheet's ids begin.
  function inFull(text, last, begins) {
    if (text.startsWith('+')) {
      const next = order[order.indexOf(last) + 1];
      return last && order.includes(last) && next ? `${next} ${text.slice(1).trim()}` : text;
    }
    if (!begins) return text;
    const words = text.split(/\s+/);
    const at = /^[wi]$/i.test(words[0]) ? 1 : 0;
    const whole = begins + words[at];
    if (!words[at] || known.has(words[at]) || !known.has(whole)) return text;
    words[at] = whole;
    return words.join(' ');
  }

  // The precinct of a line: what the server understood, or the word that is one; a wait names its site there.
  function precinctOf(line) {
    const words = [line.told && line.told.place, ...line.line.split(/\s+/)];
    return words.find((word) => order.includes(word)) || '';
  }

  window.Entry = window.Entry || {};
  window.Entry.places = { load, inFull, precinctOf, get isLoaded() { return order.length > 0; } };
})();
