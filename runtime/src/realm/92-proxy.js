// Replaces Proxy, so that no trap runs while Node inspects a rejected promise that inherits from a proxy. Node does so after the realm's
// tasks, where a function cannot be stopped, and could take the trap's result for a number of its own.
(function proxy(kit, host, $) {
  'use strict';

  const isReadByNode = kit.guarded(host.isReadByNode);
  const isHolder = (value) => $.isObject(value) || typeof value === 'function';

  /** Descriptors of the engine are read by name, so that properties which a function has added to Object.prototype are ignored. */
  const bare = (value) => ($.isObject(value) ? $.setPrototypeOf(value, null) : value);
  const { defineProperty, getOwnPropertyDescriptor } = $.reflect;
  const usual = {
    __proto__: null, ...$.reflect,
    defineProperty: (target, name, descriptor) => defineProperty(target, name, bare(descriptor)),
    getOwnPropertyDescriptor: (target, name) => bare(getOwnPropertyDescriptor(target, name)),
  };

  /** The traps of every proxy: `handler` is the function's object, and is queried for each trap, as the language requires. */
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
  // Without this check, a proxy that the engine has revoked would throw when Node inspects it.
  $.define(Proxy, 'revocable', (target, given) => {
    const revoked = trapped(target, given);
    const revoke = () => {
      revoked.handler = undefined;
    };
    return { proxy: new $.Proxy(target, revoked), revoke };
  });
  $.define(globalThis, 'Proxy', Proxy);
})
