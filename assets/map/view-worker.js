// Where the map stands on the canvas: device pixels = units * scale + origin.
(function (root) {
  'use strict';

  const CLOSEST_PX = 260; // css pixels that a typical precinct may fill
  const MARGIN = 0.02;
  const FRAME_MARGIN = 0.05;

  class View {
    constructor() {
      this.w = 0; // device pixels
      this.h = 0;
      this.dpr = 1;
      this.unit = 1; // device pixels that stand for one pixel of a 1080-line screen
      this.scale = 1;
      this.x = 0;
      this.y = 0;
      this.fitted = true;
      this.framed = null; // the box in units that fills the canvas, until a hand moves it
    }

    resize(w, h, dpr, shape) {
      const ratio = this.w ? w / this.w : 1;
      const centre = [(this.w / 2 - this.x) / this.scale, (this.h / 2 - this.y) / this.scale];
      Object.assign(this, { w, h, dpr });
      if (this.fitted) this.fit(shape);
      else if (this.framed) this.frame(this.framed, shape);
      else {
        this.scale *= ratio;
        this.x = w / 2 - centre[0] * this.scale;
        this.y = h / 2 - centre[1] * this.scale;
      }
    }

    fit(shape) {
      if (!shape || !this.w) return;
      const room = 1 - 2 * MARGIN;
      this.scale = Math.min((this.w * room) / (shape.width || 1), (this.h * room) / (shape.height || 1));
      this.x = (this.w - shape.width * this.scale) / 2;
      this.y = (this.h - shape.height * this.scale) / 2;
      this.fitScale = this.scale;
      this.fitted = true;
      this.framed = null;
    }

    // Bring a box [left, top, right, bottom] in units to the middle, as large as it can be.
    frame(box, shape) {
      this.fit(shape);
      const [left, top, right, bottom] = box;
      const room = 1 - 2 * FRAME_MARGIN;
      this.scale = Math.max(this.fitScale, Math.min((this.w * room) / (right - left || 1), (this.h * room) / (bottom - top || 1)));
      this.x = this.w / 2 - ((left + right) / 2) * this.scale;
      this.y = this.h / 2 - ((top + bottom) / 2) * this.scale;
      this.fitted = false;
      this.framed = box;
    }

    // Steps are in device pixels; the map's edge never leaves the middle of the canvas.
    pan(dx, dy, shape) {
      const clamp = (value, size, extent) => Math.min(size / 2, Math.max(size / 2 - extent * this.scale, value));
      this.x = clamp(this.x + dx, this.w, shape.width);
      this.y = clamp(this.y + dy, this.h, shape.height);
      this.fitted = false;
      this.framed = null;
    }

    zoom(factor, px, py, shape) {
      const most = Math.max((CLOSEST_PX * this.dpr) / shape.extent, this.fitScale);
      const scale = Math.min(most, Math.max(this.fitScale, this.scale * factor));
      if (scale === this.fitScale) return this.fit(shape);
      const applied = scale / this.scale;
      this.x = px - (px - this.x) * applied;
      this.y = py - (py - this.y) * applied;
      this.scale = scale;
      return this.pan(0, 0, shape);
    }

    // Bring precinct i to the middle, `size` css pixels wide.
    centre(shape, i, size) {
      this.scale = Math.max(this.fitScale, (size * this.dpr) / shape.extent);
      this.x = this.w / 2 - shape.innerX[i] * this.scale;
      this.y = this.h / 2 - shape.innerY[i] * this.scale;
      this.fitted = false;
      this.framed = null;
    }

    shows(shape, i) {
      const b = 4 * i;
      return (
        shape.box[b + 2] * this.scale + this.x >= 0 && shape.box[b] * this.scale + this.x <= this.w &&
        shape.box[b + 3] * this.scale + this.y >= 0 && shape.box[b + 1] * this.scale + this.y <= this.h
      );
    }

    // Typical precinct across, in pixels of a screen of 1080 lines: what an eye at the back sees.
    precinctPx(shape) {
      return (shape.extent * this.scale) / this.unit;
    }
  }

  root.WarroomView = View;
})(self);
