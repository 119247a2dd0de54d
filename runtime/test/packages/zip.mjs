/** Writes zip files of the kinds the tests need. */
import zlib from 'node:zlib';

const number = (size) => (value) => {
  const bytes = Buffer.alloc(size);
  if (size === 8) bytes.writeBigUInt64LE(BigInt(value));
  else bytes.writeUIntLE(value, 0, size);
  return bytes;
};
const two = number(2), four = number(4), eight = number(8);
const ALL = 0xffffffff;

/**
 * @param {{name: string, text: string, stored?: boolean, descriptor?: boolean, zip64?: boolean}[]} entries
 * @param {{comment?: string, zip64?: boolean}} options
 */
export function zip(entries, { comment = '', zip64 = false } = {}) {
  const parts = [];
  const directory = [];
  let offset = 0;
  const add = (...bytes) => {
    for (const part of bytes) offset += parts.push(part) && part.length;
  };
  for (const { name, text, stored = false, descriptor = false, zip64: large = false } of entries) {
    const plain = Buffer.from(text), data = stored ? plain : zlib.deflateRawSync(plain);
    const names = Buffer.from(name), crc = zlib.crc32(plain), start = offset;
    const extra = large ? Buffer.concat([two(1), two(16), eight(plain.length), eight(data.length)]) : Buffer.alloc(0);
    const sizes = large ? [four(ALL), four(ALL)] : [four(data.length), four(plain.length)];
    const common = [two(20), two(0x800 | (descriptor ? 8 : 0)), two(stored ? 0 : 8), two(0x6000), two(0x5821)];
    add(four(0x04034b50), ...common, ...(descriptor ? [four(0), four(0), four(0)] : [four(crc), ...sizes]), two(names.length), two(extra.length), names, extra, data);
    if (descriptor) add(four(0x08074b50), four(crc), four(data.length), four(plain.length));
    directory.push(Buffer.concat([
      four(0x02014b50), two(20), ...common, four(crc), ...sizes, two(names.length), two(extra.length), two(0), two(0), two(0), four(0), four(start), names, extra,
    ]));
  }
  const start = offset;
  add(...directory);
  const size = offset - start, end = offset, count = entries.length;
  if (zip64) {
    add(four(0x06064b50), eight(44), two(45), two(45), four(0), four(0), eight(count), eight(count), eight(size), eight(start));
    add(four(0x07064b50), four(0), eight(end), four(1));
  }
  const counts = zip64 ? [two(0xffff), two(0xffff), four(ALL), four(ALL)] : [two(count), two(count), four(size), four(start)];
  add(four(0x06054b50), two(0), two(0), ...counts, two(comment.length), Buffer.from(comment));
  return Buffer.concat(parts);
}
