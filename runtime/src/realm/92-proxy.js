// Proxy: no trap runs while Node looks at a rejected promise, which may inherit from a proxy. That is past the end of the realm's
// tasks, where nothing can stop a function, and what it answered would be taken for a number of Node's own.
(function proxy(kit, host, $) {
  'use strict';

  const isReadByNode = kit.guarded(host.isReadByNode);
  const isHolder = (value) => $.isObject(value) || typeof value === 'function';

  /** Descriptors of the engine's are read by name: what a function has put on Object.prototype is no part of them. */
  const bare = (value) => ($.isObject(value) ? $.setPrototypeOf(value, null) : value);
  const { defineProperty, getOwnPropertyDescriptor } = $.reflect;
  const usual = {
    __proto__: null, ...$.reflect,
    defineProperty: (target, name, descriptor) => defineProperty(target, name, bare(descriptor)),
    getOwnPropertyDescriptor: (target, name) => bare(getOwnPropertyDescriptor(target, name)),
  };

  /** The traps of every proxy: `handler` is what the function gave, and is asked each time, as the language has it. */
  const traps = { __proto__: null };
  $.each($.keys(usual), (name) => {
    traps[name] = function trap(...args) {
      const { handler } = this;
      if (handler === undefined) throw new $.TypeError(`Cannot perform '${name}' on a proxy that has been revoked`);
      const own = handler[name]; // the function's own
      return own === undefined || own === null ? $.apply(usual[name], undefined, args) : $.apply(own, handler, args);
    };
  });
  const { get } = traps;
  traps.get = function trap(target, name, receiver) {
    return typeof name === 'symbol' && isReadByNode(name) ? undefined : $.apply(get, this, [target, name, receiver]);
  };
  $.freeze(traps);

  function trapped(target, handler) {
    if (!isHolder(target) || !isHolder(handler)) throw new $.TypeError('Cannot create proxy with a non-object as target or handler');
    return { __proto__: traps, handler };
  }

  function Proxy(target, handler) {
    if (new.target === undefined) throw new $.TypeError('Constructor Proxy requires \'new\'');
    return new $.Proxy(target, trapped(target, handler));
  }
  $.defineProperty(Proxy, 'prototype', { __proto__: null, value: undefined });
  // A proxy that the engine has revoked would throw when Node looks at it.
  $.define(Proxy, 'revocable', (target, given) => {
    const revoked = trapped(target, given);
    const revoke = () => {
      revoked.handler = undefined;
    };
    return { proxy: new $.Proxy(target, revoked), revoke };
  });
  $.define(globalThis, 'Proxy', Proxy);
})
