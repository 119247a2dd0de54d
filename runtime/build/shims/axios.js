// `axios`: every request fails; soap sends its requests through the option `request` instead.
const { refusal } = require('./unavailable.js');

const refuse = async () => {
  throw refusal('axios', 'functions reach the network through the nango object only');
};
const METHODS = ['request', 'get', 'delete', 'head', 'options', 'post', 'put', 'patch', 'postForm', 'putForm', 'patchForm'];

class AxiosError extends Error {
  get isAxiosError() {
    return true;
  }
}

function create() {
  const client = () => refuse();
  for (const method of METHODS) client[method] = refuse;
  client.defaults = { headers: {} };
  return client;
}

const axios = create();
module.exports = Object.assign(axios, {
  __esModule: true, default: axios, create, AxiosError, isAxiosError: (error) => error?.isAxiosError === true,
});
