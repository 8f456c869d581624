// What this phone has sent, what it has not, and what became of it; each with its age or its time.

const SHOWN = 60;

function drawSignal() {
  const unsent = app.items.filter((item) => item.state === 'unsent');
  const oldest = Math.min(...unsent.map((item) => item.made));
  const last = Math.max(0, ...app.items.filter((item) => item.state === 'arrived').map((item) => item.ended));
  let words = '';
  if (unsent.length) words = t('unsent', { n: unsent.length, age: span(Date.now() - oldest) });
  else if (last) words = `${t('allSent')} · ${when(dayNow(last))}`;
  if (!navigator.onLine) words = [words, t('offline')].filter(Boolean).join(' · ');
  const signal = document.getElementById('signal');
  if (signal.textContent !== words) signal.textContent = words;
  signal.dataset.state = unsent.length ? 'unsent' : 'sent';
}

function drawList() {
  const list = document.getElementById('list');
  if (!list) return;
  const told = document.getElementById('told');
  if (told.textContent === t('kept') && !app.items.some(isUnsent)) told.textContent = ''; // it has arrived
  const shown = app.items.filter((item) => item.body.kind !== 'correction').slice(0, SHOWN);
  renew(list, shown.length ? shown.map(row) : [h('li', {}, t('none'))]);
}

// Puts rows in their places and changes only what differs: a finger or the focus may rest on a button.
function renew(list, rows) {
  const held = new Map([...list.children].map((li) => [li.dataset.id, li]));
  const kept = rows.map((fresh) => {
    const old = held.get(fresh.dataset.id);
    if (!old) return fresh;
    if (fresh.dataset.state) old.dataset.state = fresh.dataset.state;
    const parts = [...fresh.children];
    [...old.children].forEach((was, n) => {
      const now = parts[n];
      if (was.isEqualNode(now)) return;
      const focused = was.contains(document.activeElement);
      was.replaceWith(now);
      if (focused) now.querySelector('button')?.focus();
    });
    return old;
  });
  for (const li of held.values()) if (!kept.includes(li)) li.remove();
  kept.forEach((li, n) => { if (list.children[n] !== li) list.insertBefore(li, list.children[n] || null); });
}

function row(item) {
  const said = item.label || item.body;
  const state = stateOf(item);
  const actions = [];
  if (state.name === 'arrived' && item.body.kind === 'checkins') actions.push(['takeBack', takeBack]);
  if (state.name === 'unsent' && item.tries === 0) actions.push(['remove', takeBack]);
  else if (state.name === 'unsent' && item.body.kind === 'checkins') actions.push(['takeBack', takeBack]);
  if (state.name === 'refused') actions.push(['remove', takeBack]);
  if (state.name === 'arrived' && said.kind === 'incident' && !isSolved(item)) actions.push(['solved', solve]);
  return h('li', { 'data-state': state.name, 'data-id': item.id },
    h('span', {}, h('b', {}, describe(said)), h('small', {}, [item.body.kind === 'test' ? t('test') : null, item.place, when(Date.parse(item.body.at))].filter(Boolean).join(' · '))),
    h('span', { class: 'state' }, state.words),
    h('span', { class: 'acts' }, ...actions.map(([word, act]) => button(t(word), () => act(item), { class: 'small', 'aria-label': `${t(word)}: ${describe(said)}` }))));
}

function describe(said) {
  const { kind } = said;
  if (kind === 'checkins') return `${t('count')} ${said.count}${said.precinct ? ` · ${counterName(said.precinct)}` : ''}`;
  if (kind === 'wait') return `${t('line')} ${said.minutes ? t('minutes', { n: said.minutes }) : t('noLine')}`;
  if (kind === 'incident') return `${t(said.category)}: ${t(said.severity)}`;
  if (kind === 'resolved') return t('resolved', { what: t(said.category) });
  if (kind === 'shift') return t(said.status);
  return t('test');
}

function counterName(id) {
  const places = [app.place, ...((app.me && app.me.places) || [])].filter(Boolean);
  const counter = places.flatMap((place) => place.precincts).find((p) => p.id === id);
  return counter && counter.name && counter.name !== id ? counter.name : `${t('precinct')} ${id}`;
}

const isSolved = (item) => app.items.some((other) => other.made > item.made && other.label && other.label.kind === 'resolved'
  && other.label.category === item.body.category);

// {name, words}: what is known of a report's fate.
function stateOf(item) {
  const taken = app.items.find((other) => other.body.kind === 'correction' && other.body.corrects === item.id);
  const told = ((app.me && app.me.own) || []).find((reading) => reading.id === item.id);
  if (taken) return taken.state === 'arrived' ? { name: 'back', words: t('s_back') } : { name: 'backing', words: t('s_backing') };
  if (item.state === 'unsent' && item.who !== who(app.token)) return { name: 'other', words: t('s_other') };
  if (item.state === 'unsent') return { name: 'unsent', words: t('s_unsent', { age: span(Date.now() - item.made) }) };
  if (item.state === 'refused') return { name: 'refused', words: `${t('s_refused')}: ${refusal(item)}` };
  if (told && told.doubt) return { name: 'arrived', words: t('doubted', { why: t(told.doubt) }) };
  return { name: 'arrived', words: t('s_arrived', { time: when(dayNow(item.ended)) }) };
}

function refusal({ reason, remedy }) {
  const known = WORDS[app.lang][`r_${reason}`];
  return known || [t('r_any'), remedy].filter(Boolean).join(' ');
}
