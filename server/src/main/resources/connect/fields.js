// The fields of a form: those of the provider's definition, and the standard ones of its auth mode.
const FIXED = {
  API_KEY: [['apiKey', 'API key', true]],
  BASIC: [['username', 'User name', false], ['password', 'Password', true]],
  SIGNATURE: [['username', 'User name', false], ['password', 'Password', true]],
  OAUTH2_CC: [['client_id', 'Client id', false], ['client_secret', 'Client secret', true]],
  TBA: [['token_id', 'Token id', false], ['token_secret', 'Token secret', true]],
  BILL: [
    ['username', 'User name', false],
    ['password', 'Password', true],
    ['organization_id', 'Organization id', false],
    ['dev_key', 'Developer key', true]
  ],
  AWS_SIGV4: [['role_arn', 'Role ARN', false], ['region', 'Region', false]]
};

const OPTIONAL = new Set(['BASIC password', 'AWS_SIGV4 region']);

// What a customer has to know before a window of the provider opens, as a key of the words of the page.
const SENT = {
  OAUTH1: 'sent',
  OAUTH2: 'sent',
  MCP_OAUTH2: 'sent',
  MCP_OAUTH2_GENERIC: 'sent',
  APP: 'sentToInstall',
  CUSTOM: 'sentToInstall',
  INSTALL_PLUGIN: 'sentToPlugin'
};

const FORMATS = {
  hostname: /^[a-zA-Z0-9.-]+$/,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  email: /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  uri: /^https?:\/\/[^\s]+$/
};

/** The fields to show, and the values to send without showing them. */
export function fields(integration, provider, defaults) {
  const preset = new Set([
    ...Object.keys(defaults ?? {}),
    ...(integration.preconfigured_connection_config ?? []),
    ...(integration.preconfigured_credentials ?? [])
  ]);
  const shown = [];
  const hidden = { credentials: {}, params: {} };
  const declared = provider.credentials ?? {};
  const credentials = new Map();
  for (const [name, title, secret] of FIXED[provider.auth_mode] ?? []) {
    const optional = OPTIONAL.has(`${provider.auth_mode} ${name}`);
    credentials.set(name, { title: integration.credentials_label?.[name] ?? title, secret, optional, ...declared[name] });
  }
  if (FIXED[provider.auth_mode] || ['TWO_STEP', 'JWT', 'CUSTOM'].includes(provider.auth_mode)) {
    for (const [name, schema] of Object.entries(declared)) if (!credentials.has(name)) credentials.set(name, schema);
  }
  const asked = { ...provider.connection_config };
  if (provider.auth_mode === 'MCP_OAUTH2_GENERIC' && !provider.mcp_server_url) {
    asked.mcp_server_url ??= { title: 'MCP server', format: 'uri', example: 'https://mcp.example.com/mcp' };
  }
  const config = Object.entries(asked).filter(([, schema]) => !schema.automated);
  const ordered = config.filter(([, schema]) => schema.order != null).sort((a, b) => a[1].order - b[1].order);
  const others = config.filter(([, schema]) => schema.order == null);
  const add = (kind, name, schema) => {
    if (preset.has(name)) return;
    if (schema.hidden) {
      if (schema.default_value != null) hidden[kind][name] = schema.default_value;
      return;
    }
    shown.push({ kind, name, schema });
  };
  ordered.forEach(([name, schema]) => add('params', name, schema));
  credentials.forEach((schema, name) => add('credentials', name, schema));
  others.forEach(([name, schema]) => add('params', name, schema));
  return { shown, hidden };
}

/** The key of the words that tell where the customer is sent; null if no window of the provider opens. */
export function sent(provider) {
  return provider.installation === 'outbound' ? null : (SENT[provider.auth_mode] ?? null);
}

/** The error in a value, as a text; null when there is none. */
export function fault(schema, value, t) {
  if (value === '') return schema.optional || schema.default_value === '' ? null : t.required;
  if (schema.enum && !schema.enum.includes(value)) return t.mismatch(schema.enum[0]);
  if (schema.format && FORMATS[schema.format] && !FORMATS[schema.format].test(value)) return t.mismatch(schema.example);
  if (schema.pattern) {
    try {
      if (!new RegExp(schema.pattern).test(value)) return t.mismatch(schema.example);
    } catch {
      // Patterns that browsers do not support are checked by the server.
    }
  }
  return null;
}

/** Where a form is posted, and in what format; null: a login in a popup. */
export function direct(provider, values) {
  switch (provider.auth_mode) {
    case 'NONE':
      return { path: 'auth/unauthenticated', body: {} };
    case 'API_KEY':
      return { path: 'api-auth/api-key', body: values };
    case 'BASIC':
      return { path: 'api-auth/basic', body: { username: values.username ?? '', password: values.password ?? '' } };
    case 'OAUTH2_CC':
      return { path: 'oauth2/auth', body: values };
    case 'TBA':
      return { path: 'auth/tba', body: values };
    case 'TWO_STEP':
      return { path: 'auth/two-step', body: { ...values, type: 'TWO_STEP' } };
    case 'JWT':
      return { path: 'auth/jwt', body: { ...values, type: 'JWT' } };
    case 'BILL':
      return { path: 'auth/bill', body: values };
    case 'SIGNATURE':
      return { path: 'auth/signature', body: { ...values, type: 'SIGNATURE' } };
    case 'AWS_SIGV4':
      return { path: 'auth/aws-sigv4', body: values };
    case 'OAUTH2':
      return provider.installation === 'outbound' ? { path: 'auth/oauth-outbound', body: {} } : null;
    default:
      return null;
  }
}
