// The Connect page: a customer chooses a tool and connects it, in a frame of the application or alone.
import { Api } from './api.js';
import { choose, list } from './list.js';
import { embedded, framed, language, preview, query, server, state, t, tell } from './page.js';
import { dress } from './theme.js';
import { close, fatal, message } from './view.js';

const TOKEN_PATIENCE = 10_000;

document.documentElement.lang = language;
document.documentElement.toggleAttribute('data-embedded', embedded);

async function begin(token) {
  state.api = new Api(server, token, language);
  try {
    state.session = await state.api.get('connect/session');
    dress(state.session.connectUISettings);
    state.integrations = await state.api.get('integrations');
    if (state.integrations.length === 1 && state.session.allowed_integrations?.length === 1) await choose(state.integrations[0]);
    else list();
  } catch (error) {
    fatal(error);
  }
}

addEventListener('message', event => {
  // Only the surrounding page may pass a session.
  if (event.source !== window.parent || !framed) return;
  if (event.data?.type === 'session_token' && typeof event.data.sessionToken === 'string') begin(event.data.sessionToken);
  if (event.data?.type === 'settings_changed' && preview) dress(event.data.payload);
});
addEventListener('message', event => {
  if (event.origin !== server.origin || event.source === window.parent) return;
  if (event.data?.type === 'nango_oauth_callback_success' || event.data?.type === 'nango_oauth_callback_error') {
    event.source?.postMessage({ type: 'nango_oauth_callback_ack' }, server.origin);
  }
});
addEventListener('keydown', event => {
  // Escape also empties a search field and ends the input of Japanese text.
  const other = event.isComposing || event.target.type === 'search';
  if (event.key === 'Escape' && framed && !other) close();
});

addEventListener('click', event => {
  const outside = event.target === document.body || event.target === document.documentElement;
  if (framed && !embedded && outside) close();
});

tell({ type: 'ready' });
const given = query.get('session_token');
if (given) {
  begin(given);
} else if (framed) {
  setTimeout(() => {
    if (!state.api) message(t.title, t.noToken);
  }, TOKEN_PATIENCE);
} else {
  message(t.title, t.noToken);
}
