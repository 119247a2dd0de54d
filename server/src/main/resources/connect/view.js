// The frame of each view: heading, content, foot; messages; the way out.
import { ConnectError } from './api.js';
import { h, icon } from './dom.js';
import { framed, preview, state, t, tell } from './page.js';

const page = document.getElementById('page');

export function close() {
  if (preview) return;
  if (state.edited) {
    askBeforeLeaving();
    return;
  }
  state.login?.cancel();
  tell({ type: 'close' });
}

/** On the page itself: browsers show no dialogs of frames that belong to another site. */
function askBeforeLeaving() {
  const leave = () => {
    state.edited = false;
    close();
  };
  const before = document.activeElement;
  const stay = () => {
    question.remove();
    before?.focus();
  };
  document.getElementById('leave')?.remove();
  const question = h(
    'div',
    { class: 'notice warn', role: 'alert', id: 'leave' },
    icon('bad'),
    h(
      'div',
      { class: 'stack tight' },
      h('p', {}, t.leave),
      h('button', { class: 'btn wide', type: 'button', onclick: leave }, t.close),
      h('button', { class: 'btn btn-quiet wide', type: 'button', onclick: stay }, t.cancel)
    )
  );
  document.getElementById('main').prepend(question);
  question.querySelector('button').focus();
}

/** Replaces what is shown. The heading takes the focus, so that a screen reader tells of the change. */
export function show(title, { back = null, middle = false, backLabel = t.back, closeLabel = t.close } = {}, ...content) {
  document.title = title;
  const heading = h('span', { class: 'who' });
  if (back) heading.append(h('button', { class: 'icon-btn', type: 'button', 'aria-label': backLabel, onclick: back }, icon('back')));
  heading.append(state.session?.endUser?.organization?.display_name ?? state.session?.endUser?.display_name ?? '');
  const main = h('main', { class: middle ? 'connect-body middle' : 'connect-body', id: 'main' }, ...content);
  page.replaceChildren(
    h(
      'header',
      { class: 'connect-head' },
      heading,
      framed && h('button', { class: 'icon-btn', type: 'button', 'aria-label': closeLabel, onclick: close }, icon('close'))
    ),
    main,
    h(
      'footer',
      { class: 'connect-foot' },
      h('span', { class: 'row' }, icon('lock'), t.stored),
      state.session?.connectUISettings?.showWatermark !== false && h('span', { class: 'row' }, icon('mark', 24), 'Millrace')
    )
  );
  const first = main.querySelector('h1');
  if (first) {
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }
}

export function message(title, text) {
  show(
    title,
    { middle: true },
    h('span', { class: 'seal bad' }, icon('bad')),
    h('div', { class: 'stack tight', role: 'alert' }, h('h1', {}, title), h('p', { class: 'lead' }, text)),
    framed && h('button', { class: 'btn wide', type: 'button', onclick: close }, t.done)
  );
}

export function fatal(error) {
  message(t.title, error instanceof ConnectError && error.type === 'expired' ? t.expired : t.broken);
}
