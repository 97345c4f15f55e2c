import { readFileSync } from "node:fs";
import { StateError } from "./errors.ts";

/** A function of the kernel and how far into it an address lies. */
export interface KernelSymbol {
  readonly name: string;
  readonly offset: number;
  /** "" for the kernel itself. */
  readonly module: string;
}

export interface KernelSymbols {
  /** The function an address belongs to; undefined for one outside the kernel's text. */
  resolve(address: bigint): KernelSymbol | undefined;
  /** The address of a function. */
  find(name: string): bigint | undefined;
  /** How many functions are known. */
  readonly size: number;
}

let loaded: KernelSymbols | undefined;

/**
 * The kernel's functions, read from /proc/kallsyms at the first call: 100,000 to 200,000 lines, some 100 ms.
 *
 * @throws StateError if the kernel hides addresses from this process
 */
export function kernelSymbols(): KernelSymbols {
  loaded ??= parseKallsyms(readFileSync("/proc/kallsyms", "latin1"));
  return loaded;
}

/** @param text lines of `ffffffff81000000 T name\t[module]`, in any order */
export function parseKallsyms(text: string): KernelSymbols {
  const found: { address: bigint; at: number }[] = [];
  for (let at = 0; at < text.length; ) {
    let end = text.indexOf("\n", at);
    if (end < 0) end = text.length;
    const space = text.indexOf(" ", at);
    // Functions only, also weak ones.
    if (space > 0 && space < end && "tTwW".includes(text[space + 1]!)) {
      found.push({ address: BigInt(`0x${text.slice(at, space)}`), at: space + 3 });
    }
    at = end + 1;
  }
  if (found.length > 0 && found.every(({ address }) => address === 0n)) {
    throw new StateError(
      "kernelSymbols",
      "the kernel hides its addresses from this process",
      "Run it with sudo, or as root set kernel.kptr_restrict to 1 or 0.",
    );
  }
  found.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  const addresses = BigUint64Array.from(found, ({ address }) => address);
  const names = Uint32Array.from(found, ({ at }) => at);

  const entry = (index: number): { name: string; module: string } => {
    const at = names[index]!;
    const end = text.indexOf("\n", at);
    const [name = "", module = ""] = text.slice(at, end < 0 ? undefined : end).split("\t");
    return { name, module: module.slice(1, -1) };
  };
  /** The last address that is not above; of several names at one address the first. */
  const below = (address: bigint): number => {
    let low = 0;
    let high = addresses.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (addresses[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    let index = low - 1;
    while (index > 0 && addresses[index - 1] === addresses[index]) index--;
    return index;
  };
  return {
    size: addresses.length,
    resolve(address) {
      const index = below(address);
      // Beyond the last symbol lies no kernel.
      if (index < 0 || address - addresses.at(-1)! > LARGEST) return undefined;
      return { ...entry(index), offset: Number(address - addresses[index]!) };
    },
    find(name) {
      for (let i = 0; i < addresses.length; i++) if (entry(i).name === name) return addresses[i];
      return undefined;
    },
  };
}

/** A function beyond the last symbol's address may be that long. */
const LARGEST = 0x10000n;
