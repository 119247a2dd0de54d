// The Connect page: a customer chooses a tool and connects it, in a frame of the application or in its own window.
import { Api, base, ConnectError } from './api.js';
import { h, icon, link, tile } from './dom.js';
import { direct, fault, fields } from './fields.js';
import { texts } from './texts.js';

const TOKEN_PATIENCE = 10_000;
const OWN_WORDS = ['blocked_by_browser', 'window_closed', 'connection_test_failed', 'resource_capped'];
const KEEPS_FORM = ['blocked_by_browser', 'window_closed'];

const query = new URLSearchParams(location.search);
const framed = window.parent !== window;
const preview = query.get('preview') === 'true';
const embedded = query.get('embedded') === 'true';
const { code: language, t } = texts(query.get('lang'), ...navigator.languages);
const vouched = document.querySelector('meta[name=millrace-origin]').content.split(' ').filter(Boolean);
const server = base(query.get('apiURL'), vouched);
const page = document.getElementById('page');

let api;
let session;
let integrations = [];
let edited = false;
let login = null;

document.documentElement.lang = language;
document.documentElement.toggleAttribute('data-embedded', embedded);

function tell(message) {
  if (framed) window.parent.postMessage(message, '*');
}

function close() {
  if (preview) return;
  if (edited) {
    askBeforeLeaving();
    return;
  }
  login?.cancel();
  tell({ type: 'close' });
}

/** Shown on the page itself, because browsers show no dialogs of frames from another site. */
function askBeforeLeaving() {
  const leave = () => {
    edited = false;
    close();
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
      h('button', { class: 'btn btn-quiet wide', type: 'button', onclick: () => question.remove() }, t.cancel)
    )
  );
  document.getElementById('main').prepend(question);
  question.querySelector('button').focus();
}

/** Replaces the content. The heading gets the focus, so that a screen reader announces the change. */
function show(title, { back = null, middle = false } = {}, ...content) {
  document.title = title;
  const heading = h('span', { class: 'who' });
  if (back) heading.append(h('button', { class: 'icon-btn', type: 'button', 'aria-label': t.back, onclick: back }, icon('back')));
  heading.append(session?.endUser?.organization?.display_name ?? session?.endUser?.display_name ?? '');
  const main = h('main', { class: middle ? 'connect-body middle' : 'connect-body', id: 'main' }, ...content);
  page.replaceChildren(
    h(
      'header',
      { class: 'connect-head' },
      heading,
      framed && h('button', { class: 'icon-btn', type: 'button', 'aria-label': t.close, onclick: close }, icon('close'))
    ),
    main,
    h(
      'footer',
      { class: 'connect-foot' },
      h('span', { class: 'row' }, icon('lock'), t.stored),
      session?.connectUISettings?.showWatermark !== false && h('span', { class: 'row' }, icon('mark', 24), 'Millrace')
    )
  );
  const first = main.querySelector('h1');
  if (first) {
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }
}

function message(title, text) {
  show(
    title,
    { middle: true },
    h('span', { class: 'seal bad' }, icon('bad')),
    h('div', { class: 'stack tight', role: 'alert' }, h('h1', {}, title), h('p', { class: 'lead' }, text)),
    framed && h('button', { class: 'btn wide', type: 'button', onclick: close }, t.done)
  );
}

function list(search = '') {
  edited = false;
  if (integrations.length === 0) {
    message(t.title, t.empty);
    return;
  }
  const results = h('ul', { class: 'choices' });
  const count = h('p', { class: 'small muted', role: 'status' });
  const fill = text => {
    const wanted = text.trim().toLowerCase();
    const found = integrations.filter(one =>
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
  const who = session.endUser?.organization?.display_name ?? session.endUser?.display_name;
  show(
    t.title,
    {},
    h('div', { class: 'stack tight' }, h('h1', {}, t.title), h('p', { class: 'lead' }, t.lead(who))),
    integrations.length > 5 &&
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

async function choose(integration) {
  try {
    const provider = await api.get(`providers/${encodeURIComponent(integration.provider)}`);
    form(integration, provider);
  } catch (error) {
    fatal(error);
  }
}

function help(integration, provider, schema) {
  const docs = session.overrides?.[integration.unique_key]?.docs_connect ?? provider.docs_connect;
  const address = docs && link(schema?.doc_section ? docs + schema.doc_section : docs);
  return (
    address &&
    h('a', { href: address, target: '_blank', rel: 'noopener' }, t.help, h('span', { class: 'vh' }, ` (${t.newWindow})`))
  );
}

function control({ name, schema }, described) {
  const common = { id: `f-${name}`, name, 'aria-describedby': described, required: !schema.optional };
  if (schema.enum) {
    return h(
      'select',
      { class: 'input', ...common },
      schema.optional && h('option', { value: '' }),
      ...schema.enum.map(value => h('option', { value, selected: value === schema.default_value }, value))
    );
  }
  return h('input', {
    class: 'input',
    type: schema.secret ? 'password' : 'text',
    value: schema.default_value ?? '',
    placeholder: schema.example,
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    ...common
  });
}

function form(integration, provider, kept = {}, failure = null) {
  const name = integration.display_name;
  const defaults = session.integrations_config_defaults?.[integration.unique_key]?.connection_config;
  const { shown, hidden } = fields(integration, provider, defaults);
  const rows = shown.map(field => {
    const id = `f-${field.name}`;
    const input = control(field, `${id}-help ${id}-error`);
    if (kept[field.name] != null) input.value = kept[field.name];
    input.addEventListener('input', () => {
      edited = true;
    });
    const { prefix, suffix, title, description } = field.schema;
    const error = h('p', { class: 'error', id: `${id}-error`, hidden: true }, icon('bad'), h('span', {}));
    const wrapped =
      prefix || suffix
        ? h('div', { class: 'affix' }, prefix && h('span', {}, prefix), input, suffix && h('span', {}, suffix))
        : input;
    const text = h('p', { class: 'help', id: `${id}-help` }, description ? `${description} ` : '', help(integration, provider, field.schema));
    return { field, input, error, element: h('div', { class: 'field' }, h('label', { for: id }, title ?? field.name), wrapped, error, text) };
  });
  const notice = h(
    'div',
    { class: 'notice bad', role: 'alert', hidden: !failure },
    icon('bad'),
    h('p', {}, failure ?? t.notYet)
  );
  const button = h('button', { class: 'btn btn-primary', type: 'submit' }, t.connectButton);
  const submit = event => {
    event.preventDefault();
    let first = null;
    const values = { credentials: { ...hidden.credentials }, params: { ...hidden.params } };
    const all = {};
    for (const { field, input, error } of rows) {
      const wrong = fault(field.schema, input.value, t);
      input.toggleAttribute('aria-invalid', false);
      if (wrong) input.setAttribute('aria-invalid', 'true');
      error.hidden = !wrong;
      error.lastChild.textContent = wrong ?? '';
      if (wrong) first ??= input;
      all[field.name] = input.value;
      if (input.value !== '' || field.schema.default_value === '') values[field.kind][field.name] = input.value;
    }
    if (first) {
      notice.lastChild.textContent = t.notYet;
      notice.hidden = false;
      first.focus();
      return;
    }
    if (!preview) connect(integration, provider, values, all, button);
  };
  const back = integrations.length > 1 ? () => list() : null;
  show(
    t.connect(name),
    { back },
    h(
      'div',
      { class: 'stack tight' },
      tile(name, 'large'),
      h('h1', {}, t.connect(name)),
      shown.length === 0 && h('p', { class: 'lead' }, help(integration, provider, null))
    ),
    notice,
    h('form', { class: 'form', novalidate: true, onsubmit: submit }, ...rows.map(row => row.element), button)
  );
}

async function connect(integration, provider, values, all, button) {
  const key = integration.unique_key;
  const post = direct(provider, values.credentials);
  button.disabled = true;
  button.textContent = t.connecting;
  try {
    let result;
    if (post) {
      if (provider.auth_mode === 'AWS_SIGV4') values.params.external_id ??= crypto.randomUUID();
      result = await api.post(post.path, key, { params: values.params }, post.body);
    } else {
      login = api.login(
        key,
        { params: values.params, overrides: values.credentials },
        session.websocketsPath,
        query.get('detectClosedAuthWindow') === 'true'
      );
      waiting(integration);
      result = await login.result;
    }
    edited = false;
    tell({
      type: 'connect',
      payload: { providerConfigKey: result.providerConfigKey, connectionId: result.connectionId, isPending: result.isPending }
    });
    success(integration, result.isPending === true);
  } catch (error) {
    failed(integration, provider, all, error);
  } finally {
    login = null;
  }
}

function waiting(integration) {
  const name = integration.display_name;
  const cancel = () => login?.cancel();
  show(
    t.continueAt(name),
    { middle: true, back: cancel },
    h('span', { class: 'seal run' }, icon('run')),
    h('div', { class: 'stack tight' }, h('h1', {}, t.continueAt(name)), h('p', { class: 'lead', role: 'status' }, t.waiting(name))),
    h(
      'div',
      { class: 'stack tight' },
      h('p', { class: 'help' }, t.noWindow),
      h('button', { class: 'btn wide', type: 'button', onclick: () => login?.focus() }, t.openAgain),
      h('button', { class: 'btn btn-quiet wide', type: 'button', onclick: cancel }, t.cancel)
    )
  );
}

function success(integration, pending) {
  const name = integration.display_name;
  const title = pending ? t.pending(name) : t.connected(name);
  show(
    title,
    { middle: true },
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
  const text = OWN_WORDS.includes(type) ? t[type] : error.message || t.broken;
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
    integrations.length > 1 && h('button', { class: 'btn btn-quiet wide', type: 'button', onclick: () => list() }, t.back),
    h(
      'details',
      { class: 'fold small' },
      h('summary', {}, t.details),
      h('dl', { class: 'kv' }, h('dt', {}, t.code), h('dd', {}, h('code', {}, type)))
    )
  );
}

function fatal(error) {
  message(t.title, error instanceof ConnectError && error.type === 'expired' ? t.expired : t.broken);
}

/** The colours and the mode from the environment or the URL. */
function dress(settings) {
  const asked = query.get('theme');
  const mode = ['light', 'dark', 'system'].includes(asked) ? asked : settings.defaultTheme;
  if (mode === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = mode;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(':root {}');
  const style = sheet.cssRules[0].style;
  style.setProperty('--brand', color(settings.theme?.light?.primary, '#0b6583', '#ffffff'));
  style.setProperty('--brand-dark', color(settings.theme?.dark?.primary, '#62b9d8', '#151a1e'));
  document.adoptedStyleSheets = [sheet];
}

/** The colour, or ours if its contrast with the mode's background is too low. */
function color(value, otherwise, surface) {
  return value && CSS.supports('color', value) && contrast(value, surface) >= 4.5 ? value : otherwise;
}

/** The contrast of two colours, as defined by WCAG. */
function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(value) {
  const probe = h('span', { hidden: true });
  probe.style.color = value;
  page.append(probe);
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3);
  probe.remove();
  const [red, green, blue] = parts.map(part => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

async function begin(token) {
  api = new Api(server, token, language);
  try {
    session = await api.get('connect/session');
    dress(session.connectUISettings);
    integrations = await api.get('integrations');
    if (integrations.length === 1 && session.allowed_integrations?.length === 1) await choose(integrations[0]);
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
  if (event.key === 'Escape' && framed) close();
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
    if (!api) message(t.title, t.noToken);
  }, TOKEN_PATIENCE);
} else {
  message(t.title, t.noToken);
}
