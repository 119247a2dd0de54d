/**
 * The wire format between the platform and a worker; PROTOCOL.md describes every frame. Layout: `[u32 length of the rest][u8 type][u32
 * execution][u32 call][u32 head length][head: JSON][body: bytes]`.
 */

import { checkText, viewOf } from './border.mjs';

export const Type = Object.freeze({
  RUN: 1,
  REPLY: 2,
  ERROR_REPLY: 3,
  ABORT: 4,
  SHUTDOWN: 6,
  PART: 7,
  READY: 16,
  CALL: 17,
  NOTIFY: 18,
  DONE: 19,
  FAILED: 20,
  HEARTBEAT: 21,
  ENTER: 22,
});

const HEADER = 17;
const NOTHING = Buffer.alloc(0);

/**
 * Accepts only real strings and byte arrays, so that an object of a function cannot determine the length of a frame.
 * @param {number} type
 * @param {number} execution
 * @param {number} call
 * @param {string} head JSON text
 * @param {string | Uint8Array | undefined} body
 * @returns {Buffer}
 */
export function encode(type, execution, call, head, body) {
  const headLength = Buffer.byteLength(checkText(head, 'The head of a frame'));
  const bytes = body === undefined || typeof body === 'string' ? undefined : viewOf(body);
  const bodyLength = bytes === undefined ? (body === undefined ? 0 : Buffer.byteLength(body)) : bytes.length;
  const frame = Buffer.allocUnsafeSlow(HEADER + headLength + bodyLength);
  frame.writeUInt32BE(HEADER - 4 + headLength + bodyLength, 0);
  frame.writeUInt8(type, 4);
  frame.writeUInt32BE(execution, 5);
  frame.writeUInt32BE(call, 9);
  frame.writeUInt32BE(headLength, 13);
  frame.write(head, HEADER);
  if (bytes !== undefined) frame.set(bytes, HEADER + headLength);
  else if (body !== undefined) frame.write(body, HEADER + headLength);
  return frame;
}

/** Splits a byte stream into frames; chunks are joined only when a whole frame has arrived. */
export class Decoder {
  #chunks = [];
  #length = 0;

  /**
   * @param {Buffer} chunk
   * @param {(frame: {type: number, execution: number, call: number, head: string, body: Buffer}) => void} onFrame
   */
  push(chunk, onFrame) {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= HEADER) {
      const size = this.#peekLength() + 4;
      if (this.#length < size) return;
      const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks, this.#length);
      const rest = all.subarray(size);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#length = rest.length;
      onFrame(parse(all, size));
    }
  }

  #peekLength() {
    if (this.#chunks[0].length < 4) this.#chunks = [Buffer.concat(this.#chunks, this.#length)];
    return this.#chunks[0].readUInt32BE(0);
  }
}

function parse(bytes, size) {
  const bodyStart = HEADER + bytes.readUInt32BE(13);
  return {
    type: bytes.readUInt8(4),
    execution: bytes.readUInt32BE(5),
    call: bytes.readUInt32BE(9),
    head: bytes.toString('utf8', HEADER, bodyStart),
    body: bodyStart === size ? NOTHING : bytes.subarray(bodyStart, size),
  };
}
