/** Delays the bodies of calls while the platform holds enough of them in memory. */

/** The largest body of a call; a worker has memory for a few of this size. */
export const MOST_BODY = 256 * 1024 * 1024;
/** The error for a larger body. */
export const BODY_TOO_LARGE = JSON.stringify({
  message: 'Request body larger than maxBodyLength limit: a function can send at most 256 MB in one call. Send it in parts.',
  code: 'ERR_FR_MAX_BODY_LENGTH_EXCEEDED',
});
/** The limit for bytes in transit, over all executions; a larger body is sent alone. */
const MOST_UNDER_WAY = 64 * 1024 * 1024;
/** Bodies up to this size neither wait nor count, because uploads of others may take long. */
const SMALL = 16 * 1024;

export class Outbox {
  #underWay = 0;
  #waiting = [];

  /**
   * Sends the body at once, or in order as soon as enough other calls have got their replies.
   * @param {{held: number}} call `held` is then the amount that `settled` releases
   * @param {number} size of the body in bytes
   * @param {() => boolean} send false when the body is no longer needed
   */
  add(call, size, send) {
    if (size <= SMALL) {
      send();
      return;
    }
    this.#waiting.push({ call, size, send });
    this.#flush();
  }

  /** A call has got its reply, or nobody waits for the reply any more. */
  settled({ held }) {
    if (held === 0) return;
    this.#underWay -= held;
    this.#flush();
  }

  #flush() {
    while (this.#waiting.length > 0) {
      const { call, size, send } = this.#waiting[0];
      if (this.#underWay > 0 && this.#underWay + size > MOST_UNDER_WAY) return;
      this.#waiting.shift();
      if (send()) {
        call.held = size;
        this.#underWay += size;
      }
    }
  }
}
