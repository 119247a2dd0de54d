// What zod takes from the global object, where functions do not have it, or could replace it.

// A name for `require` that means nothing to the bundler.
export const URL = requireOfFunction('url').URL;

/** Functions have no files: nothing is an instance of it. */
export const File = class File {
  constructor() {
    throw new TypeError('Illegal constructor');
  }
};

function invalidCharacter(message) {
  return Object.assign(new Error(message), { name: 'InvalidCharacterError', code: 5 });
}

export function atob(text) {
  let bytes;
  try {
    bytes = Uint8Array.fromBase64(`${text}`); // it ignores white space and missing padding as `atob` does
  } catch {
    throw invalidCharacter('The string to be decoded is not correctly encoded.');
  }
  const AT_ONCE = 8192; // arguments of one call
  let decoded = '';
  for (let start = 0; start < bytes.length; start += AT_ONCE) decoded += String.fromCharCode(...bytes.subarray(start, start + AT_ONCE));
  return decoded;
}

export function btoa(text) {
  const bytes = Uint8Array.from(`${text}`, (character) => {
    const code = character.codePointAt(0);
    if (code > 255) throw invalidCharacter('Invalid character');
    return code;
  });
  return bytes.toBase64();
}
