// The base layer: every precinct filled with its class and texture, on a canvas behind the screen.
// Precinct by precinct beats one path per class five to one in software rendering (measured:
// 25 ms against 110 ms for 4,036 precincts), and makes a delta as cheap as the precincts it holds.
(function (root) {
  'use strict';

  const signs = root.WarroomSigns;
  const OUTLINE_FROM_PX = 16; // pixels (see View.precinctPx) of a typical precinct from which outlines are worth drawing
  const AREAS_BELOW_PX = 14; // below this the map shows neighbourhoods

  class Painter {
    constructor(shape) {
      this.shape = shape;
      this.canvas = new OffscreenCanvas(1, 1);
      this.ctx = this.canvas.getContext('2d', { alpha: false });
      this.borders = [];
      this.patterns = null;
      this.standsBack = () => false; // whether precinct i is not what the view is about
    }

    resize(view) {
      this.canvas.width = view.w;
      this.canvas.height = view.h;
      const tile = () => new OffscreenCanvas(1, 1);
      this.patterns = {
        stipple: this.ctx.createPattern(signs.drawStipple(tile(), view.unit), 'repeat'),
        hatch: this.ctx.createPattern(signs.drawHatch(tile(), view.unit), 'repeat'),
      };
    }

    // `shown[i]` is the class to draw; `cells[i]` carries the flags.
    all(view, cells, shown) {
      this.ctx.fillStyle = signs.paints.water;
      this.ctx.fillRect(0, 0, view.w, view.h);
      for (let i = 0; i < this.shape.count; i++) {
        if (view.shows(this.shape, i)) this.one(view, i, cells, shown);
      }
    }

    some(view, indices, cells, shown) {
      for (const i of indices) if (view.shows(this.shape, i)) this.one(view, i, cells, shown);
    }

    one(view, i, cells, shown) {
      const { ctx } = this;
      trace(ctx, this.shape, view, i);
      ctx.fillStyle = signs.paints.classes[shown[i]];
      ctx.fill();
      if (cells[i] & signs.FLAG.silent) {
        ctx.fillStyle = this.patterns.hatch;
        ctx.fill();
      } else if (cells[i] & signs.FLAG.uncertain) {
        ctx.fillStyle = this.patterns.stipple;
        ctx.fill();
      }
      if (this.standsBack(i)) {
        ctx.fillStyle = signs.paints.veil; // over the regions that a view is not about
        ctx.fill();
      }
      if (view.precinctPx(this.shape) >= OUTLINE_FROM_PX) {
        ctx.strokeStyle = signs.paints.water;
        ctx.lineWidth = view.unit;
        ctx.stroke();
      }
      if (this.borders[i]) this.border(view, this.borders[i]);
    }

    border(view, edges) {
      const { ctx } = this;
      ctx.beginPath();
      for (let k = 0; k < edges.length; k += 4) {
        ctx.moveTo(edges[k] * view.scale + view.x, edges[k + 1] * view.scale + view.y);
        ctx.lineTo(edges[k + 2] * view.scale + view.x, edges[k + 3] * view.scale + view.y);
      }
      ctx.strokeStyle = signs.paints.border;
      ctx.lineWidth = view.unit;
      ctx.stroke();
    }
  }

  function trace(ctx, shape, view, i) {
    const { x, y, ringStart, pointStart } = shape;
    ctx.beginPath();
    for (let r = ringStart[i]; r < ringStart[i + 1]; r++) {
      const first = pointStart[r];
      const end = pointStart[r + 1];
      ctx.moveTo(x[first] * view.scale + view.x, y[first] * view.scale + view.y);
      for (let p = first + 1; p < end; p++) ctx.lineTo(x[p] * view.scale + view.x, y[p] * view.scale + view.y);
      ctx.closePath();
    }
  }

  root.WarroomPaint = { Painter, trace, AREAS_BELOW_PX };
})(self);
