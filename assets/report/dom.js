// Small helpers for the page. Text goes in as text, never as HTML.

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'click') element.addEventListener('click', value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const button = (words, click, attributes = {}) => h('button', { type: 'button', click, ...attributes }, words);
const note = (words, kind = '') => h('p', { class: `note ${kind}` }, words);

// A tap that looks chosen or not; one of several.
const chip = (words, chosen, click) => button(words, click, { class: 'chip', 'aria-pressed': String(chosen) });

function heading(words, level = 'h2') {
  return h(level, { tabindex: '-1' }, words);
}

// A question over the page; gives true or false. Without `yes` it only tells.
function ask(title, lines, yes, no) {
  return new Promise((done) => {
    const box = h('dialog', { 'aria-labelledby': 'ask-title' });
    const end = (answer) => { box.close(); box.remove(); done(answer); };
    box.append(h('h2', { id: 'ask-title' }, title), ...lines.map((line) => h('p', {}, line)),
      h('div', { class: 'row' }, button(no, () => end(false), { autofocus: true }), ...(yes ? [button(yes, () => end(true), { class: 'second' })] : [])));
    box.addEventListener('cancel', (event) => { event.preventDefault(); end(false); });
    document.body.append(box);
    box.showModal();
  });
}
