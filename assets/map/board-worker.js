// The state behind the map: every precinct's cell byte, the alerts, and where they stand in the roster.
(function (root) {
  'use strict';

  const { FLAG, NEUTRAL, UNREPORTED } = root.WarroomSigns;
  const FAR_OFF = 0.25; // of a region's width or height: what lies farther out would shrink all others

  class Board {
    constructor() {
      this.cells = null; // one byte a precinct: colour class and flags
      this.shown = null; // class drawn, which far out is the neighbourhood's
      this.flagged = new Set(); // precincts with an open alert
      this.alerts = []; // {kind, places, region}, most important first; region: its name where it has no other place
      this.regions = []; // {name, x, y, width, height} in units
      this.hovered = -1;
      this.selected = -1;
      this.focused = -1; // region that a view of the wall is about
      this.roster = null;
      this.indexOf = new Map();
      this.siteMembers = new Map(); // site id -> indices
      this.rows = [];
    }

    // Whether precinct i lies outside the region that the view is about.
    standsBack(i) {
      return this.focused >= 0 && this.roster.region_of[i] !== this.focused;
    }

    setRoster(roster) {
      this.roster = roster;
      this.indexOf = new Map(roster.ids.map((id, i) => [id, i]));
      this.siteMembers = new Map();
      (roster.sites || []).forEach((site, i) => {
        if (!site) return;
        if (!this.siteMembers.has(site)) this.siteMembers.set(site, []);
        this.siteMembers.get(site).push(i);
      });
      this.setAlerts(this.rows);
    }

    setAlerts(rows) {
      this.rows = rows;
      this.alerts = rows.map((alert) => {
        const own = this.indexOf.get(alert.precinct);
        const places = own !== undefined ? [own] : this.siteMembers.get(alert.site) || [];
        return { kind: alert.kind, places, region: places.length ? null : alert.region };
      });
    }

    setCells(base64) {
      this.cells = bytesOf(base64);
      this.flagged = new Set();
      for (let i = 0; i < this.cells.length; i++) if (this.cells[i] & FLAG.alert) this.flagged.add(i);
    }

    // Entries of `width` bytes of index and one byte of cell -> indices of the precincts that changed.
    changeCells(base64, width) {
      const bytes = bytesOf(base64);
      const changed = [];
      for (let at = 0; at + width < bytes.length; at += width + 1) {
        let i = bytes[at] | (bytes[at + 1] << 8);
        if (width === 4) i += bytes[at + 2] * 65536 + bytes[at + 3] * 16777216;
        if (i >= this.cells.length) continue;
        this.cells[i] = bytes[at + width];
        if (this.cells[i] & FLAG.alert) this.flagged.add(i);
        else this.flagged.delete(i);
        changed.push(i);
      }
      return changed;
    }

    // The legend's counts of what is painted: every precinct is fewer, as expected, more or unreported.
    tally() {
      const counts = { fewer: 0, ok: 0, more: 0, uncertain: 0, unreported: 0 };
      for (const cell of this.cells) {
        const colour = cell & 15;
        counts[colour === UNREPORTED ? 'unreported' : colour === NEUTRAL ? 'ok' : colour < NEUTRAL ? 'fewer' : 'more'] += 1;
        if (colour !== UNREPORTED && cell & FLAG.uncertain) counts.uncertain += 1;
      }
      return counts;
    }

    // {class, shown, uncertain, silent, alert, suspect} of a precinct; null where it is unknown.
    cell(id) {
      const i = this.indexOf.get(id);
      if (i === undefined || !this.cells) return null;
      const cell = this.cells[i];
      const flags = Object.fromEntries(Object.entries(FLAG).map(([name, bit]) => [name, Boolean(cell & bit)]));
      return { class: cell & 15, shown: this.shown ? this.shown[i] : null, ...flags };
    }

    placeRegions(shape) {
      this.regions = this.roster.regions.map((name, region) => this.regionPlace(shape, name, region)).filter(Boolean);
    }

    // [left, top, right, bottom] of a region in units, by its precincts' inner points without the outermost
    // (one that lies far off would shrink all others); null for a region without a place.
    regionBox(shape, name) {
      const place = this.regionPlace(shape, name, this.roster.regions.indexOf(name));
      return place && place.box;
    }

    // Middle and size of a region by its precincts' inner points, without the outermost.
    regionPlace(shape, name, region) {
      const xs = [];
      const ys = [];
      this.roster.region_of.forEach((of, i) => {
        if (of !== region || Number.isNaN(shape.innerX[i])) return;
        xs.push(shape.innerX[i]);
        ys.push(shape.innerY[i]);
      });
      if (!xs.length) return null;
      xs.sort((a, b) => a - b);
      ys.sort((a, b) => a - b);
      const at = (values, share) => values[Math.floor((values.length - 1) * share)];
      return {
        name,
        box: this.outline(shape, region, [at(xs, 0.01), at(ys, 0.01), at(xs, 0.99), at(ys, 0.99)]),
        x: at(xs, 0.5),
        y: at(ys, 0.5),
        width: at(xs, 0.95) - at(xs, 0.05) + shape.extent,
        height: at(ys, 0.95) - at(ys, 0.05) + shape.extent,
      };
    }

    // The box of the outlines of a region's precincts, but for those that lie far off the box of most of them.
    outline(shape, region, [left, top, right, bottom]) {
      const far = Math.max(shape.extent, FAR_OFF * Math.max(right - left, bottom - top));
      const box = [left, top, right, bottom];
      this.roster.region_of.forEach((of, i) => {
        const [x, y] = [shape.innerX[i], shape.innerY[i]];
        if (of !== region || !(x >= left - far && x <= right + far && y >= top - far && y <= bottom + far)) return;
        for (let side = 0; side < 4; side++) {
          box[side] = (side < 2 ? Math.min : Math.max)(box[side], shape.box[4 * i + side]);
        }
      });
      return box;
    }
  }

  function bytesOf(base64) {
    const text = atob(base64 || '');
    const out = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
    return out;
  }

  root.WarroomBoard = Board;
})(self);
