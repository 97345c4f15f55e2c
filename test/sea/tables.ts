import { makeGnuHash } from "../../toolchain/src/sea/gnu-hash.ts";
import type { SymbolTables } from "../../toolchain/src/sea/symbols.ts";

const UNHASHED = ["", "write", "read"];
const HASHED = ["used", "napi_throw", "_ZTISt9exception", "environ", "dropped", "_ZN2v85dropEv"];

/**
 * The tables of a small program: it imports write and read, exports six names, of which one comes from the C library and
 * one is referred to by a relocation, and needs one version of one library.
 */
export function tablesOf(): SymbolTables {
  const made = makeGnuHash(HASHED, UNHASHED.length);
  const names = [...UNHASHED, ...made.order.map((index) => HASHED[index] as string)];
  const texts = [...names, "libc.so.6", "GLIBC_2.17"];
  const strings = Buffer.from(`\0${texts.slice(1).join("\0")}\0`, "latin1");
  const at = (text: string) => (text === "" ? 0 : strings.indexOf(`\0${text}\0`) + 1);
  const symbols = Buffer.alloc(names.length * 24);
  const versions = Buffer.alloc(names.length * 2);
  names.forEach((name, index) => {
    const imported = index < UNHASHED.length;
    symbols.writeUInt32LE(at(name), index * 24);
    symbols.writeUInt8(index === 0 ? 0 : 0x12, index * 24 + 4);
    symbols.writeUInt16LE(imported ? 0 : 12, index * 24 + 6);
    symbols.writeBigUInt64LE(imported ? 0n : BigInt(0x401000 + index), index * 24 + 8);
    versions.writeUInt16LE(index === 0 ? 0 : imported || name === "environ" ? 2 : 1, index * 2);
  });
  const needs = Buffer.alloc(32);
  needs.writeUInt16LE(1, 0);
  needs.writeUInt16LE(1, 2);
  needs.writeUInt32LE(at("libc.so.6"), 4);
  needs.writeUInt32LE(16, 8);
  needs.writeUInt16LE(2, 16 + 6);
  needs.writeUInt32LE(at("GLIBC_2.17"), 16 + 8);
  const relocation = Buffer.alloc(24);
  relocation.writeUInt32LE(6, 8);
  relocation.writeUInt32LE(names.indexOf("used"), 12);
  return { hash: made.bytes, symbols, strings, versions, needs, relocations: [relocation] };
}
