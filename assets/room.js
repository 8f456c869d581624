// Dark room or light: the address says (`?room=light`), else a wall is dark and other screens follow the device.
(function () {
  'use strict';

  const WALL_PX = 1800;
  const asked = new URLSearchParams(window.location.search).get('room');
  const device = window.matchMedia('(prefers-color-scheme: light)');

  function choose() {
    const isWall = /\/wall\/?$/.test(window.location.pathname) || window.innerWidth >= WALL_PX;
    const isLight = asked ? asked === 'light' : device.matches && !isWall;
    document.documentElement.dataset.room = isLight ? 'light' : 'dark';
    document.dispatchEvent(new Event('warroom-room'));
  }

  choose();
  device.addEventListener('change', choose); // a laptop that turns dark at sunset
})();
