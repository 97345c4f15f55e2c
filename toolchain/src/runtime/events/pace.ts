/** How long events are gathered at most, in milliseconds, if the app does not say. */
export const LATENCY = 2;
/** How many events in a millisecond are frequent, and how few are rare again. */
const FREQUENT = 1.5;
const RARE = 1.25;
/** How many events are counted before they are called frequent: at random moments some come close together. */
const COUNT = 64;
/** The first wait by the clock, in milliseconds: a burst that is over by then has cost no event more than this. */
const FIRST = 0.25;
/** How many events a wait by the clock is expected to gather at least. So few may as well be none by chance. */
const FEW = 2;
/** The shortest one. Below it a wait for the next event costs as little. */
const SHORTEST = 0.05;
/** How many bytes come in a millisecond at most, from one moment to the next: two events a microsecond, of 48 bytes. */
const FASTEST = 100_000;

/** @throws `RangeError` if it is no length of time */
export function checkLatency(latency: number | undefined): void {
  if (latency !== undefined && !(typeof latency === "number" && latency >= 0))
    throw new RangeError(`a latency of ${String(latency)}: it is a number of milliseconds, 0 or more`);
}

/**
 * Decides how a reader that has read everything waits for more: for the next event while events are rare, and by the clock
 * while they are frequent, so that one wake serves many events. The time grows from wake to wake up to the latency that
 * the app allows, and is never so long that half of the ring could be filled meanwhile: neither at twice the rate of
 * late, nor by a burst out of nothing.
 */
export class Pace {
  /** How long is waited by the clock, in milliseconds; 0 where the next event is waited for. */
  #delay = 0;
  /** Since when events are counted, how many there were then, and how many bytes. */
  #since = 0;
  #events = 0;
  #bytes = 0;
  /** Events in a millisecond, while the clock is in use: late ones count more than earlier ones. */
  #rate = 0;

  /**
   * What a reader does that has read everything.
   *
   * @param events - how many events were read from the beginning
   * @param bytes - how many bytes they took in the ring, modulo 2^32
   * @param size - the size of the ring, in bytes
   * @param latency - how long an event may wait, in milliseconds
   * @returns how long to wait, in milliseconds; 0 for the next event
   */
  next(events: number, bytes: number, size: number, latency: number): number {
    const count = events - this.#events;
    // While events are rare, not even the clock is looked at for each.
    if (this.#delay === 0 && count < COUNT) return 0;
    const now = performance.now();
    const time = now - this.#since;
    if (this.#delay === 0) {
      if (count < FREQUENT * time) {
        this.#restart(now, events, bytes);
        return 0;
      }
      this.#rate = count / time;
      this.#delay = Math.max(FIRST, FEW / this.#rate) / 2;
    } else {
      const over = count === 0 && this.#rate * time > 2 * FEW;
      this.#rate += (count / time - this.#rate) / 4;
      if (over || this.#rate < RARE) {
        this.#restart(now, events, bytes);
        this.#delay = 0;
        return 0;
      }
    }
    const speed = Math.max((2 * ((bytes - this.#bytes) >>> 0)) / time, FASTEST);
    this.#restart(now, events, bytes);
    this.#delay = Math.min(2 * this.#delay, latency, size / 2 / speed);
    if (this.#delay < SHORTEST) this.#delay = 0;
    return this.#delay;
  }

  #restart(now: number, events: number, bytes: number): void {
    this.#since = now;
    this.#events = events;
    this.#bytes = bytes;
  }
}
