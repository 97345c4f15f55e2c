import { readFileSync } from "node:fs";
import { StateError } from "./errors.ts";

/** Where in the kernel an address is. */
export interface Ksym {
  readonly name: string;
  /** Of a loadable module; `bpf` for BPF programs. Undefined for the kernel itself. */
  readonly module: string | undefined;
  /** Bytes from the function's beginning. */
  readonly offset: number;
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
/** The types of functions: t and T, and the weak ones. */
const CODE: ReadonlySet<number> = new Set(Array.from("tTwW", (letter) => letter.charCodeAt(0)));
/** An address this far from every function before it is in none: between the kernel and its modules are wide gaps. */
const FAR = 1n << 20n;

/** Names for addresses of the kernel's code, as found in its stacks: /proc/kallsyms, as it was when read. */
export class Ksyms {
  readonly #text: Buffer;
  readonly #addresses: BigUint64Array;
  /** Offsets of the names in the text, in the same order. */
  readonly #names: Uint32Array;
  readonly #known = new Map<bigint, string>();

  /** @throws StateError if the kernel does not tell this process its addresses */
  static load(): Ksyms {
    const ksyms = new Ksyms(readFileSync("/proc/kallsyms"));
    if (ksyms.#addresses.at(-1)) return ksyms;
    throw new StateError(
      "ksyms",
      "the kernel hides the addresses of its functions from this process (/proc/kallsyms)",
      "Run it as root or with CAP_SYSLOG, and set the sysctl kernel.kptr_restrict to 0 or 1.",
    );
  }

  /** @param text as in /proc/kallsyms: address, type, name and module, a symbol a line */
  constructor(text: Buffer) {
    const found: { address: bigint; name: number }[] = [];
    for (let at = 0; at >= 0 && at < text.length; ) {
      const type = text.indexOf(SPACE, at) + 1;
      if (type === 0) break;
      if (CODE.has(text[type]!)) {
        found.push({ address: BigInt(`0x${text.toString("latin1", at, type - 1)}`), name: type + 2 });
      }
      const end = text.indexOf(NEWLINE, type);
      at = end < 0 ? -1 : end + 1;
    }
    // The kernel's own are in order; modules and BPF programs come as they were loaded.
    found.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
    this.#text = text;
    this.#addresses = BigUint64Array.from(found, ({ address }) => address);
    this.#names = Uint32Array.from(found, ({ name }) => name);
  }

  /** The function that an address is in; undefined for one that is no code of the kernel's. */
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

  /** `do_syscall_64+0x5c`, with ` [module]` after it; the address itself where no function is known. */
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
