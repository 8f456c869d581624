// Puts a delta's parts back together: only changed alerts are sent, and the day's curve seldom.
(function (root) {
  'use strict';

  class Merge {
    constructor() {
      this.alerts = []; // whole rows, most important first
      this.curve = undefined;
    }

    // A snapshot or a delta -> the same with whole sections.
    whole(data) {
      if (Array.isArray(data.alerts)) this.alerts = data.alerts;
      else if (data.alerts) this.alerts = this.merged(data.alerts);
      if (data.curve) this.curve = data.curve;
      const headline = data.headline && { ...data.headline, curve: data.headline.curve || this.curve };
      return { ...data, headline, alerts: data.alerts && this.alerts };
    }

    // {order: ids, rows: those that changed}
    merged({ order, rows }) {
      const known = new Map([...this.alerts, ...rows].map((row) => [row.id, row]));
      return order.map((id) => known.get(id)).filter(Boolean);
    }
  }

  root.WarroomMerge = Merge;
})(self);
