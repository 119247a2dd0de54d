// Connecting: a form is posted, or a window of the provider is waited for; then how it went.
import { ConnectError } from './api.js';
import { h, icon } from './dom.js';
import { direct } from './fields.js';
import { form } from './form.js';
import { list } from './list.js';
import { framed, query, state, t, tell } from './page.js';
import { close, show } from './view.js';

const OWN_WORDS = ['blocked_by_browser', 'window_closed', 'connection_test_failed', 'resource_capped', 'expired', 'broken'];
const KEEPS_FORM = ['blocked_by_browser', 'window_closed'];

export async function connect(integration, provider, values, all, button) {
  const key = integration.unique_key;
  const post = direct(provider, values.credentials);
  button.disabled = true;
  button.textContent = t.connecting;
  try {
    let result;
    if (post) {
      result = await state.api.post(post.path, key, { params: values.params }, post.body);
    } else {
      state.login = state.api.login(
        key,
        { params: values.params, overrides: values.credentials },
        state.session.websocketsPath,
        query.get('detectClosedAuthWindow') === 'true'
      );
      waiting(integration);
      result = await state.login.result;
    }
    state.edited = false;
    tell({
      type: 'connect',
      payload: { providerConfigKey: result.providerConfigKey, connectionId: result.connectionId, isPending: result.isPending }
    });
    success(integration, result.isPending === true);
  } catch (error) {
    failed(integration, provider, all, error);
  } finally {
    state.login = null;
  }
}

function waiting(integration) {
  const name = integration.display_name;
  const cancel = () => state.login?.cancel();
  show(
    t.continueAt(name),
    { middle: true, back: cancel, backLabel: t.cancel },
    h('span', { class: 'seal run' }, icon('run')),
    h('div', { class: 'stack tight' }, h('h1', {}, t.continueAt(name)), h('p', { class: 'lead', role: 'status' }, t.waiting(name))),
    h(
      'div',
      { class: 'stack tight' },
      h('p', { class: 'help' }, t.noWindow),
      h('button', { class: 'btn wide', type: 'button', onclick: () => state.login?.focus() }, t.openAgain),
      h('button', { class: 'btn btn-quiet wide', type: 'button', onclick: cancel }, t.cancel)
    )
  );
}

function success(integration, pending) {
  const name = integration.display_name;
  const title = pending ? t.pending(name) : t.connected(name);
  show(
    title,
    { middle: true, closeLabel: t.done },
    h('span', { class: 'seal' }, icon('ok')),
    h(
      'div',
      { class: 'stack tight', role: 'status' },
      h('h1', {}, title),
      h('p', { class: 'lead' }, pending ? t.pendingLead : t.connectedLead)
    ),
    framed && h('button', { class: 'btn btn-primary', type: 'button', onclick: close }, t.done)
  );
}

function failed(integration, provider, all, error) {
  const type = error instanceof ConnectError ? error.type : 'unknown_error';
  // The messages of other errors are the browser's own.
  const text = OWN_WORDS.includes(type) ? t[type] : (error instanceof ConnectError && error.message) || t.broken;
  tell({ type: 'error', payload: { errorType: type, errorMessage: text } });
  if (KEEPS_FORM.includes(type) || direct(provider, {})) {
    form(integration, provider, all, text);
    return;
  }
  const name = integration.display_name;
  show(
    t.failed(name),
    { middle: true },
    h('span', { class: 'seal bad' }, icon('bad')),
    h('div', { class: 'stack tight', role: 'alert' }, h('h1', {}, t.failed(name)), h('p', { class: 'lead' }, text)),
    h('button', { class: 'btn btn-primary', type: 'button', onclick: () => form(integration, provider, all) }, t.again),
    state.integrations.length > 1 && h('button', { class: 'btn btn-quiet wide', type: 'button', onclick: () => list() }, t.back),
    h(
      'details',
      { class: 'fold small' },
      h('summary', {}, t.details),
      h('dl', { class: 'kv' }, h('dt', {}, t.code), h('dd', {}, h('code', {}, type)))
    )
  );
}
