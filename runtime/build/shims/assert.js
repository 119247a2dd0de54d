// `assert`: the checks the packages use.
class AssertionError extends Error {
  constructor({ message, actual, expected, operator }) {
    super(message);
    Object.assign(this, { generatedMessage: false, code: 'ERR_ASSERTION', actual, expected, operator });
  }
  get name() {
    return 'AssertionError';
  }
}

function check(right, message, actual, expected, operator) {
  if (right) return;
  if (message instanceof Error) throw message;
  throw new AssertionError({ message: message ?? `${String(actual)} ${operator} ${String(expected)}`, actual, expected, operator });
}

function ok(value, message) {
  check(value, message ?? 'The expression evaluated to a falsy value', value, true, '==');
}

module.exports = Object.assign((value, message) => ok(value, message), {
  AssertionError,
  ok,
  equal: (actual, expected, message) => check(actual == expected, message, actual, expected, '=='),
  notEqual: (actual, expected, message) => check(actual != expected, message, actual, expected, '!='),
  strictEqual: (actual, expected, message) => check(Object.is(actual, expected), message, actual, expected, 'strictEqual'),
  notStrictEqual: (actual, expected, message) => check(!Object.is(actual, expected), message, actual, expected, 'notStrictEqual'),
  deepEqual: (actual, expected, message) => check(JSON.stringify(actual) === JSON.stringify(expected), message, actual, expected, 'deepEqual'),
  fail: (message = 'Failed') => check(false, message, undefined, undefined, 'fail'),
});
