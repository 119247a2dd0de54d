// What all parts of the page know: who is connected to what, in which words, and who is around the page.
import { base } from './api.js';
import { texts } from './texts.js';

export const query = new URLSearchParams(location.search);
export const framed = window.parent !== window;
export const preview = query.get('preview') === 'true';
export const embedded = query.get('embedded') === 'true';
export const { code: language, t } = texts(query.get('lang'), ...navigator.languages);
const vouched = document.querySelector('meta[name=millrace-origin]').content.split(' ').filter(Boolean);
export const server = base(query.get('apiURL'), vouched);

/** Changes as the customer goes on: the session, what can be connected, whether a form was edited, the login in a popup. */
export const state = { api: null, session: null, integrations: [], edited: false, login: null };

export function tell(message) {
  if (framed) window.parent.postMessage(message, '*');
}
