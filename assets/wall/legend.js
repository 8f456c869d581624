// The legend draws its samples with the map's own colours, textures and shapes.
(function () {
  'use strict';

  const { make, number, sign } = window.Wall.format;

  function draw() {
    const signs = self.WarroomSigns;
    const scale = document.getElementById('legend-scale');
    if (!scale || scale.childElementCount) return;
    signs.paints.classes.slice(0, signs.UNREPORTED).forEach((colour, i) => {
      const swatch = make('span', { title: signs.CLASS_WORDS[i] });
      swatch.style.background = colour;
      scale.append(swatch);
    });
    for (const sample of document.querySelectorAll('[data-sample]')) sampleOf(sample);
  }

  function sampleOf(box) {
    const signs = self.WarroomSigns;
    const { sample } = box.dataset;
    if (signs.SHAPES[sample]) {
      box.append(sign(sample));
      return;
    }
    const dpr = window.devicePixelRatio || 1;
    const unit = Math.max(0.7, Math.min(window.innerHeight, window.innerWidth) / 1080);
    const tile = make('canvas');
    const samples = { unreported: signs.UNREPORTED, watch: signs.NEUTRAL - 1 };
    box.style.backgroundColor = signs.paints.classes[samples[sample] ?? signs.NEUTRAL];
    if (sample === 'stipple') signs.drawStipple(tile, dpr * unit);
    else if (sample === 'hatch') signs.drawHatch(tile, dpr * unit);
    else return;
    box.style.backgroundImage = `url(${tile.toDataURL()})`;
    box.style.backgroundSize = `${tile.width / dpr}px`;
  }

  // The signs on the map with how many alerts of each kind are open; a kind without one takes no room.
  function count(open) {
    const list = document.getElementById('legend-alerts');
    const told = JSON.stringify(open);
    if (!list || list.dataset.told === told) return;
    list.dataset.told = told;
    list.replaceChildren(...Object.entries(self.WarroomSigns.KINDS)
      .filter(([kind, { brief }]) => brief && open[kind])
      .map(([kind, { shape, word, brief }]) => make('li', { title: word },
        make('span', { class: 'sample' }, sign(shape)), make('span', {}, brief), make('b', {}, number(open[kind])))));
  }

  window.Wall.legend = { draw, count };
})();
