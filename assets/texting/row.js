// One request as a card: its nodes are made once and then written to, so that what somebody has opened stays open.
(function () {
  'use strict';

  const { make, write, mark, number, span, time, sign, isKnown } = window.Wall.format;
  const STATUS = {
    proposed: 'waits for approval', approved: 'approved', sending: 'being sent', sent: 'sent', refused: 'refused',
    cancelled: 'cancelled', expired: 'lapsed',
  };
  const STEPS = { approve: 'Approve', edit: 'Edit', refuse: 'Refuse', cancel: 'Cancel' };
  const STATES = [
    ['delivered', 'delivered'], ['replied', 'replied'], ['sent', 'sent, not confirmed'], ['sending', 'under way'], ['queued', 'waiting'],
    ['kept_back', 'kept back'], ['failed', 'failed'], ['unknown', 'unknown: never sent again'], ['opted_out', 'said STOP'],
  ];
  const PAST = {
    approve: 'approved', edit: 'edited', refuse: 'refused', cancel: 'cancelled', start: 'began to send', finish: 'finished', expire: 'let it lapse',
  };
  const languages = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' });
  const tongue = (code) => {
    try {
      return languages.of(code);
    } catch {
      return code; // no tag of a language
    }
  };
  const votes = (value) => (value && value < 10 ? value.toFixed(1) : number(value));
  const places = ({ precincts }) => `${number(precincts.length)} ${precincts.length === 1 ? 'precinct' : 'precincts'}`;
  const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });

  function create(id) {
    const parts = {
      status: make('p', { class: 'tx-status' }), kind: make('p', { class: 'tx-kind' }), title: make('h2', { tabindex: '-1' }),
      reason: make('p', { class: 'fd-note' }), figures: make('dl', { class: 'tx-figures' }),
      map: make('canvas', { class: 'tx-map', role: 'img' }), texts: make('div', {}), wordings: make('div', {}), bar: make('div', { class: 'tx-bar', role: 'img' }),
      became: make('p', { class: 'fd-note' }), why: make('p', { class: 'fd-note' }), history: make('ul', { class: 'tx-history' }),
      buttons: make('p', { class: 'fd-buttons' }), previews: [],
    };
    parts.past = make('details', {}, make('summary', {}, 'Who decided what'), parts.history);
    parts.steps = Object.fromEntries(Object.entries(STEPS).map(([what, word]) => {
      const button = make('button', { type: 'button', ...(what === 'approve' && { class: 'tx-first' }), onclick: () => window.Texting.act.press(parts.request, what, () => parts.previews) }, word);
      parts.buttons.append(button);
      return [what, button];
    }));
    parts.item = make('li', { 'data-request': id },
      make('div', {}, parts.status, parts.kind, parts.title, parts.reason, parts.past),
      make('div', {}, parts.figures, parts.map),
      make('div', {}, parts.texts, parts.wordings, parts.bar, parts.became, parts.why),
      parts.buttons);
    return parts;
  }

  function fill(parts, request) {
    const isNews = !parts.request || parts.request.version !== request.version;
    parts.request = request;
    mark(parts.item, 'status', request.status);
    mark(parts.item, 'version', request.version);
    const more = request.approvals_needed && request.two_person ? ` of ${request.approved_by.length ? 'a second person' : 'two people'}` : '';
    write(parts.status, `${STATUS[request.status]}${more}`);
    const { shape, word } = self.WarroomSigns.kind(request.kind);
    if (!parts.kind.childElementCount) parts.kind.append(sign(shape), make('span', {}, `${word}${request.when === 'over' ? ', over' : ''} · rule ${request.rule}`));
    write(parts.title, [request.place, request.region === request.place ? '' : request.region].filter(Boolean).join(' · '));
    write(parts.reason, request.reason);
    if (isNews) figures(parts, request);
    progress(parts, request);
    for (const [what, button] of Object.entries(parts.steps)) {
      button.hidden = !request.steps.includes(what);
      button.setAttribute('aria-label', `${STEPS[what]}: ${request.place}, rule ${request.rule}`);
    }
    return isNews;
  }

  function figures(parts, request) {
    const [low, middle, high] = request.voters;
    const pairs = [
      ['People', number(request.people), `in ${places(request)}, ${number(request.held_out)} left out by lot, to measure the effect`],
      ['Votes expected', votes(middle), `90 %: ${votes(low)} to ${votes(high)}`],
      ['Cost', dollars.format(request.cost_cents / 100), 'at most'],
      ['Approve by', time(request.latest_ms), ''],
    ];
    parts.figures.replaceChildren(...pairs.map(([name, value, note]) => {
      const small = make('small', {}, note ? ` ${note}` : '');
      if (name === 'Approve by') parts.left = small;
      return make('div', {}, make('dt', {}, name), make('dd', {}, value, small));
    }));
    parts.map.setAttribute('aria-label', `Map, ${places(request)}: ${request.precincts.slice(0, 12).join(', ')}`);
  }

  function progress(parts, request) {
    const all = Object.values(request.tally).reduce((sum, n) => sum + n, 0);
    parts.bar.hidden = !all;
    const told = STATES.filter(([state]) => request.tally[state]).map(([state, words]) => `${number(request.tally[state])} ${words}`).join(' · ');
    write(parts.became, told);
    write(parts.why, request.reasons.length ? `Why: ${request.reasons.map(({ why, messages }) => `${number(messages)} ${why}`).join('; ')}` : '');
    if (!all) return;
    parts.bar.setAttribute('aria-label', told);
    parts.bar.replaceChildren(...STATES.filter(([state]) => request.tally[state]).map(([state]) => {
      const part = make('i', { 'data-state': state });
      part.style.width = `${(request.tally[state] / all) * 100}%`;
      return part;
    }));
  }

  function detail(parts, body) {
    parts.previews = body.previews;
    parts.texts.replaceChildren(...body.previews.map(({ variant, language, text, segments }) => make('div', {},
      make('p', { class: 'fd-note' }, `${variant}, ${tongue(language)} · ${number(text.length)} characters, ${number(segments)} ${segments === 1 ? 'message' : 'messages'} · as in precinct ${body.preview_precinct}`),
      make('p', { class: 'tx-text' }, text))));
    parts.wordings.replaceChildren(...wordings(body.wordings));
    parts.history.replaceChildren(...body.history.map(({ what, by, at_ms, reason }) => make('li', {}, `${time(at_ms)} ${by} ${PAST[what] || what}${reason ? `: ${reason}` : ''}`)));
    parts.past.hidden = !body.history.length;
  }

  // what is known of each wording, one line each, best first; nothing before the first message
  function wordings(rows) {
    const share = (value) => (value * 100).toFixed(1);
    const seen = rows.filter(({ messages }) => messages).length ? rows : [];
    return seen.map(({ variant, mean, low, high, messages }) => make('p', { class: 'fd-note' }, `${variant}: ${share(mean)} % answer (90 %: ${share(low)} to ${share(high)}), of ${number(messages)} ${messages === 1 ? 'message' : 'messages'}`));
  }

  function tick(parts, now_ms) {
    const { request } = parts;
    if (!isKnown(now_ms) || !parts.left) return;
    const waits = request.status === 'proposed' || request.status === 'approved';
    write(parts.left, waits ? (now_ms < request.latest_ms ? ` ${span(request.latest_ms - now_ms)} left` : ' too late') : '');
  }

  window.Texting = { ...window.Texting, row: { create, fill, detail, tick, tongue } };
})();
