// The list of all that can be connected.
import { h, icon, tile } from './dom.js';
import { form } from './form.js';
import { state, t } from './page.js';
import { fatal, message, show } from './view.js';

export function list(search = '') {
  state.edited = false;
  if (state.integrations.length === 0) {
    message(t.title, t.empty);
    return;
  }
  const results = h('ul', { class: 'choices' });
  const count = h('p', { class: 'small muted', role: 'status' });
  const fill = text => {
    const wanted = text.trim().toLowerCase();
    const found = state.integrations.filter(one =>
      [one.display_name, one.unique_key, one.provider].some(name => name.toLowerCase().includes(wanted))
    );
    count.textContent = found.length ? t.tools(found.length) : t.nothing(text);
    results.replaceChildren(
      ...found.map(one =>
        h(
          'li',
          {},
          h(
            'a',
            {
              href: `#${encodeURIComponent(one.unique_key)}`,
              onclick: event => {
                event.preventDefault();
                choose(one);
              }
            },
            tile(one.display_name),
            h('span', {}, h('strong', {}, one.display_name), h('span', { class: 'sub' }, one.unique_key)),
            icon('go')
          )
        )
      )
    );
  };
  const input = h('input', {
    class: 'input',
    id: 'q',
    type: 'search',
    autocomplete: 'off',
    value: search,
    oninput: event => fill(event.target.value)
  });
  const who = state.session.endUser?.organization?.display_name ?? state.session.endUser?.display_name;
  show(
    t.title,
    {},
    h('div', { class: 'stack tight' }, h('h1', {}, t.title), h('p', { class: 'lead' }, t.lead(who))),
    state.integrations.length > 5 &&
      h(
        'form',
        { class: 'field', role: 'search', onsubmit: event => event.preventDefault() },
        h('label', { for: 'q' }, t.find),
        input
      ),
    h('section', { 'aria-label': t.title }, count, results)
  );
  fill(search);
}

export async function choose(integration) {
  try {
    const provider = await state.api.get(`providers/${encodeURIComponent(integration.provider)}`);
    form(integration, provider);
  } catch (error) {
    fatal(error);
  }
}
