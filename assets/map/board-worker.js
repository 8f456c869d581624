// The state behind the map: every precinct's cell byte, the alerts, and where they stand in the roster.
(function (root) {
  'use strict';

  const { FLAG, UNREPORTED } = root.WarroomSigns;

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

    // Counts that only the cells know: the textures' share of the legend.
    tally() {
      const counts = { uncertain: 0, unreported: 0 };
      for (const cell of this.cells) {
        if ((cell & 15) === UNREPORTED) counts.unreported += 1;
        else if (cell & FLAG.uncertain) counts.uncertain += 1;
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
      const pad = shape.extent / 2;
      const at = (values, share) => values[Math.floor((values.length - 1) * share)];
      return {
        name,
        box: [at(xs, 0.01) - pad, at(ys, 0.01) - pad, at(xs, 0.99) + pad, at(ys, 0.99) + pad],
        x: at(xs, 0.5),
        y: at(ys, 0.5),
        width: at(xs, 0.95) - at(xs, 0.05) + shape.extent,
        height: at(ys, 0.95) - at(ys, 0.05) + shape.extent,
      };
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
