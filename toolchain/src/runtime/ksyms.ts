import { readFileSync } from "node:fs";
import type { Needed } from "../facts/capabilities.ts";
import { StateError } from "./errors.ts";
import { missing, needs, remedy } from "./needs.ts";

/** Where in the kernel's code an address is. */
export interface Ksym {
  /** The function's name. */
  readonly name: string;
  /** The loadable module that the function belongs to; `bpf` for a BPF program, undefined for the kernel itself. */
  readonly module: string | undefined;
  /** The distance from the function's beginning, in bytes. */
  readonly offset: number;
}

const SYSLOG: Needed = {
  capability: "CAP_SYSLOG",
  reasons: ["reads the addresses in /proc/kallsyms"],
};

/** Where in a line the type and the name begin, and how long the shortest line is, in bytes. */
const TYPE = 17;
const NAME = 19;
const SHORTEST_LINE = 20;
const NEWLINE = 0x0a;
/** The letters that stand for functions in nm(1) and /proc/kallsyms: t and T, and w and W for weak ones. */
const CODE: ReadonlySet<number> = new Set(Array.from("tTwW", (letter) => letter.charCodeAt(0)));
/**
 * An address that is this many bytes from the last function before it is in no function: between the kernel and its
 * modules are wide gaps.
 */
const FAR = 1n << 20n;

/**
 * Names for addresses of the kernel's code, as they are found in its stacks. They are those of /proc/kallsyms at the time
 * when it was read: modules and BPF programs that are loaded later are not known.
 */
export class Ksyms {
  readonly #text: Buffer;
  readonly #addresses: BigUint64Array;
  /** Where in the text the names begin, in the order of the addresses. */
  readonly #names: Uint32Array;
  readonly #known = new Map<bigint, string>();

  /**
   * Reads /proc/kallsyms.
   *
   * @throws {@link StateError} if the kernel does not tell this process its addresses
   */
  static load(): Ksyms {
    const ksyms = new Ksyms(readFileSync("/proc/kallsyms"));
    if (ksyms.#addresses.at(-1)) return ksyms;
    throw new StateError(
      "ksyms",
      "the kernel hides the addresses of its functions from this process (/proc/kallsyms)",
      missing([SYSLOG]).length > 0
        ? remedy(needs(SYSLOG))
        : "Set the sysctl kernel.kptr_restrict to 0 or 1: sudo sysctl kernel.kptr_restrict=1",
    );
  }

  /** @param text - the text of /proc/kallsyms: on each line an address in 16 digits, a type, a name and maybe a module */
  constructor(text: Buffer) {
    const room = Math.ceil(text.length / SHORTEST_LINE);
    const words = new Uint32Array(2 * room);
    const names = new Uint32Array(room);
    let count = 0;
    for (let at = 0; at + NAME < text.length; ) {
      if (CODE.has(text[at + TYPE]!)) {
        words[2 * count] = hex(text, at + 8);
        words[2 * count + 1] = hex(text, at);
        names[count++] = at + NAME;
      }
      const end = text.indexOf(NEWLINE, at + NAME);
      at = end < 0 ? text.length : end + 1;
    }
    const order = ascending(words, count);
    const addresses = new BigUint64Array(words.buffer, 0, count);
    this.#text = text;
    this.#addresses = order ? BigUint64Array.from(order, (index) => addresses[index]!) : addresses;
    this.#names = order ? Uint32Array.from(order, (index) => names[index]!) : names;
  }

  /**
   * Finds the function that an address is in.
   *
   * @returns undefined for an address that is not in the kernel's code
   */
  at(address: bigint): Ksym | undefined {
    let low = 0;
    let high = this.#addresses.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#addresses[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0 || address - this.#addresses[low - 1]! >= FAR) return undefined;
    const from = this.#names[low - 1]!;
    const end = this.#text.indexOf(NEWLINE, from);
    const [name = "", module] = this.#text
      .toString("latin1", from, end < 0 ? this.#text.length : end)
      .split(/\s+\[|\]/);
    return { name, module, offset: Number(address - this.#addresses[low - 1]!) };
  }

  /**
   * Names an address as the kernel's own stack traces do.
   *
   * @returns `do_syscall_64+0x5c`, with ` [module]` after it where there is one; the address in hexadecimal where no
   * function is known
   */
  name(address: bigint): string {
    let name = this.#known.get(address);
    if (name === undefined) {
      const symbol = this.at(address);
      name = symbol ? `${symbol.name}+0x${symbol.offset.toString(16)}` : `0x${address.toString(16)}`;
      if (symbol?.module) name += ` [${symbol.module}]`;
      this.#known.set(address, name);
    }
    return name;
  }
}

/** The eight hexadecimal digits at an offset. */
function hex(text: Buffer, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i++) {
    const digit = text[i]!;
    // The characters 0 to 9 begin at 0x30, a to f at 0x61.
    value = (value << 4) | (digit < 0x40 ? digit & 15 : (digit & 15) + 9);
  }
  return value >>> 0;
}

/**
 * The order in which these 64-bit values ascend; undefined if they ascend as they are. They mostly do, but modules and BPF
 * programs come in the order in which they were loaded.
 */
function ascending(words: Uint32Array, count: number): Uint32Array | undefined {
  const compare = (a: number, b: number) =>
    words[2 * a + 1]! - words[2 * b + 1]! || words[2 * a]! - words[2 * b]!;
  let sorted = 1;
  while (sorted < count && compare(sorted - 1, sorted) <= 0) sorted++;
  return sorted >= count ? undefined : Uint32Array.from({ length: count }, (_, index) => index).sort(compare);
}
