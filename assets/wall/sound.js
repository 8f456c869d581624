// One short tone when a new high alert comes up. Off until somebody at this screen turns it on; the browser
// keeps the choice, and after a reload the tone still waits for a first touch.
(function () {
  'use strict';

  const { write, mark } = window.Wall.format;
  const KEY = 'warroom-sound';
  const TONES = [[660, 0], [880, 0.18]]; // Hz, seconds after the start
  const TONE_S = 0.16;
  const LOUDNESS = 0.12;
  const MOST_KNOWN = 2000;

  let isOn = window.localStorage.getItem(KEY) === 'on';
  let context = null; // made by a hand only
  let known = null; // ids of high alerts already heard or there before; null until the first list
  let played = 0;

  function label() {
    const button = document.getElementById('sound');
    if (!button) return;
    button.setAttribute('aria-pressed', String(isOn));
    mark(button, 'state', !isOn ? 'off' : context ? 'on' : 'waiting');
    write(button, !isOn ? 'Sound off' : context ? 'Sound on' : 'Sound on: touch once');
  }

  function toggle() {
    isOn = !isOn || !context; // one that waits for a touch has now got it
    window.localStorage.setItem(KEY, isOn ? 'on' : 'off');
    if (isOn) {
      wake();
      play();
    }
    label();
  }

  // Called from a hand's event only.
  function wake() {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!isOn || !Context) return;
    context ||= new Context();
    if (context.state === 'suspended') context.resume();
    label();
  }

  function play() {
    if (!isOn || !context) return;
    played += 1;
    for (const [hertz, after_s] of TONES) {
      const start = context.currentTime + after_s;
      const tone = context.createOscillator();
      const level = context.createGain();
      tone.frequency.value = hertz;
      level.gain.setValueAtTime(0, start);
      level.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
      level.gain.linearRampToValueAtTime(0, start + TONE_S);
      tone.connect(level).connect(context.destination);
      tone.start(start);
      tone.stop(start + TONE_S);
    }
  }

  // New high alerts sound once; what was there when the page opened does not, nor does an update.
  // Returns whether there was a new one.
  function hear(alerts) {
    const high = alerts.filter((alert) => alert.severity === 'high').map((alert) => alert.id);
    const isFirst = known === null;
    known ||= new Set();
    const fresh = high.filter((id) => !known.has(id));
    fresh.forEach((id) => known.add(id));
    while (known.size > MOST_KNOWN) known.delete(known.values().next().value);
    if (isFirst || !fresh.length) return false;
    play();
    return true;
  }

  function mount() {
    document.getElementById('sound').addEventListener('click', toggle);
    label();
  }

  for (const type of ['pointerdown', 'keydown']) document.addEventListener(type, (event) => {
    if (!(event.target.closest && event.target.closest('#sound'))) wake();
  });

  window.Wall.sound = { mount, hear, state: () => ({ isOn, isReady: Boolean(context), played }) };
})();
