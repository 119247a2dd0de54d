// Calls of the server, and logins in a popup.
// Query parameters that travel as they are.
const PLAIN = ['ws_client_id'];

export class ConnectError extends Error {
  constructor(type, message) {
    super(message);
    this.type = type;
  }
}

/** The server's URL: the page's own, or one that this server confirms. */
export function base(given, vouched) {
  const own = new URL('..', location.href);
  own.search = '';
  own.hash = '';
  if (!given) return own;
  try {
    const url = new URL(given);
    const known = [location.origin, ...vouched];
    if (known.includes(url.origin)) {
      url.pathname = url.pathname.replace(/\/?$/, '/');
      url.search = '';
      url.hash = '';
      return url;
    }
  } catch {
    // Not a URL.
  }
  return own;
}

export class Api {
  constructor(server, token, language) {
    this.server = server;
    this.token = token;
    this.language = language;
  }

  async get(path) {
    const response = await fetch(new URL(path, this.server), {
      headers: { Authorization: `Bearer ${this.token}`, 'Accept-Language': this.language },
      referrerPolicy: 'strict-origin'
    });
    if (response.status === 401) throw new ConnectError('expired', '');
    if (response.status !== 200) throw new ConnectError('broken', '');
    return (await response.json()).data;
  }

  query(config) {
    const query = new URLSearchParams({ connect_session_token: this.token });
    for (const [name, value] of Object.entries(config.params ?? {})) query.append(`params[${name}]`, value);
    for (const [name, value] of Object.entries(config.overrides ?? {})) query.append(`credentials[${name}]`, value);
    for (const name of PLAIN) if (config[name]) query.append(name, config[name]);
    return query;
  }

  /** Posts credentials; resolves to {connectionId, providerConfigKey}. */
  async post(path, key, config, body) {
    const url = new URL(`${path}/${encodeURIComponent(key)}`, this.server);
    url.search = this.query(config);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body)
    });
    if (response.status === 401) throw new ConnectError('expired', '');
    // A proxy in front of the server may answer with a page.
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
      throw new ConnectError(answer.error?.code ?? 'unknown_error', answer.error?.message ?? '');
    }
    return answer;
  }

  /**
   * A login in a popup; resolves to {connectionId, providerConfigKey, isPending}. The window is opened first, because browsers allow it
   * only directly after a click.
   */
  login(key, config, socketsPath, detectClosed) {
    const popup = window.open('', '_blank', 'popup,width=500,height=600');
    const socketUrl = new URL(socketsPath ?? '/', this.server);
    socketUrl.protocol = socketUrl.protocol.replace('http', 'ws');
    let cancel = () => {};
    const result = new Promise((resolve, reject) => {
      if (!popup) {
        reject(new ConnectError('blocked_by_browser', ''));
        return;
      }
      const socket = new WebSocket(socketUrl);
      let watch = 0;
      let finished = false;
      const finish = (settle, value) => {
        if (finished) return;
        finished = true;
        clearInterval(watch);
        settle(value);
        setTimeout(() => {
          popup.close();
          socket.close();
        }, 500);
      };
      cancel = () => finish(reject, new ConnectError('window_closed', ''));
      // The server may be full or stopping, or a proxy may have ended the connection.
      for (const end of ['error', 'close']) socket.addEventListener(end, () => finish(reject, new ConnectError('broken', '')));
      socket.addEventListener('message', event => {
        const message = JSON.parse(event.data);
        if (message.message_type === 'connection_ack') {
          const url = new URL(`oauth/connect/${encodeURIComponent(key)}`, this.server);
          url.search = this.query({ ...config, ws_client_id: message.ws_client_id });
          popup.location = url;
        } else if (message.message_type === 'success') {
          finish(resolve, {
            connectionId: message.connection_id,
            providerConfigKey: message.provider_config_key,
            isPending: message.is_pending
          });
        } else if (message.message_type === 'error') {
          finish(reject, new ConnectError(message.error_type, message.error_desc));
        }
      });
      if (detectClosed) {
        watch = setInterval(() => {
          if (popup.closed) cancel();
        }, 500);
      }
    });
    return { result, cancel: () => cancel(), focus: () => (popup?.closed ? cancel() : popup?.focus()) };
  }
}
