/** Maps positions in a bundle to the author's lines, with the bundle's inline source map. */
import { SourceMap } from 'node:module';

const INLINE = /\n\/\/# sourceMappingURL=data:application\/json[^,\n]*;base64,([A-Za-z0-9+/=]+)\s*$/;

export class Positions {
  #file;
  #bytes;
  #map;

  /**
   * @param {string} file the name stack traces show for the bundle
   * @param {string} code
   */
  constructor(file, code) {
    this.#file = file;
    const [, encoded] = INLINE.exec(code) ?? [];
    // Kept as bytes outside the heap, because most maps are never used.
    this.#bytes = encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
  }

  /**
   * @param {string} file
   * @param {number} line from 1, as stack traces count
   * @param {number} column from 1
   * @returns {string} `source:line:column`; empty when nothing is known of that place
   */
  original(file, line, column) {
    if (file !== this.#file || this.#bytes === undefined) return '';
    try {
      this.#map ??= new SourceMap(JSON.parse(this.#bytes.toString('utf8')));
      const { originalSource, originalLine, originalColumn } = this.#map.findEntry(line - 1, column - 1);
      return originalSource === undefined ? '' : `${originalSource.replace(/^(?:\.{1,2}\/)+/, '')}:${originalLine + 1}:${originalColumn + 1}`;
    } catch {
      this.#bytes = undefined; // a broken map counts as no map
      return '';
    }
  }
}
