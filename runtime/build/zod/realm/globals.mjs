// Replaces values that zod reads from the global object, where functions do not have them or could replace them.

// A name for `require` that the bundler does not recognise.
export const URL = requireOfFunction('url').URL;

/** Functions have no files, so nothing is an instance of this class. */
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
    bytes = Uint8Array.fromBase64(`${text}`); // like `atob`, it ignores white space and missing padding
  } catch {
    throw invalidCharacter('The string to be decoded is not correctly encoded.');
  }
  const AT_ONCE = 8192; // limit of arguments for one call
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
