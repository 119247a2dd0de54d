// The form of one integration.
import { h, icon, link, tile } from './dom.js';
import { fault, fields, sent } from './fields.js';
import { list } from './list.js';
import { connect } from './login.js';
import { preview, state, t } from './page.js';
import { show } from './view.js';

function help(integration, provider, schema) {
  const docs = state.session.overrides?.[integration.unique_key]?.docs_connect ?? provider.docs_connect;
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
      schema.default_value == null && h('option', { value: '' }),
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

/** Shows the external id, which the customer must enter in the role's trust policy. */
function trust(external) {
  return h(
    'div',
    { class: 'stack tight' },
    h('p', { class: 'lead' }, t.externalId),
    h('p', {}, h('code', { id: 'external-id' }, external))
  );
}

export function form(integration, provider, kept = {}, failure = null) {
  const name = integration.display_name;
  const defaults = state.session.integrations_config_defaults?.[integration.unique_key]?.connection_config;
  const { shown, hidden } = fields(integration, provider, defaults);
  const rows = shown.map(field => {
    const id = `f-${field.name}`;
    const input = control(field, `${id}-help ${id}-error`);
    if (kept[field.name] != null) input.value = kept[field.name];
    input.addEventListener('input', () => {
      state.edited = true;
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
    if (external) values.params.external_id = all.external_id = external;
    if (!preview) connect(integration, provider, values, all, button);
  };
  const external = provider.auth_mode === 'AWS_SIGV4' ? (defaults?.external_id ?? kept.external_id ?? crypto.randomUUID()) : null;
  const where = sent(provider);
  const back = state.integrations.length > 1 ? () => list() : null;
  show(
    t.connect(name),
    { back },
    h(
      'div',
      { class: 'stack tight' },
      tile(name, 'large'),
      h('h1', {}, t.connect(name)),
      where && h('p', { class: 'lead' }, t[where](name)),
      external && !state.session.isReconnecting && trust(external),
      shown.length === 0 && h('p', { class: 'lead' }, help(integration, provider, null))
    ),
    notice,
    h('form', { class: 'form', novalidate: true, onsubmit: submit }, ...rows.map(row => row.element), button)
  );
}
