import { readFileSync } from "node:fs";
import { Failure } from "../base/failure.ts";

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;

/** What a 64-bit little-endian ELF file asks of the dynamic loader. A static file asks for nothing. */
export interface Needs {
  readonly interpreter?: string;
  readonly libraries: readonly string[];
  /** The machine that it is for (`e_machine`). */
  readonly machine: number;
}

/** Reads PT_INTERP and the DT_NEEDED entries. @throws Error when the file is not a 64-bit little-endian ELF */
export function needs(file: string): Needs {
  const bytes = readFileSync(file);
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
    throw new Error(`${file} is not a 64-bit little-endian ELF file`);
  }
  const headers = segments(bytes);
  const interp = headers.find((h) => h.type === PT_INTERP);
  const interpreter = interp && cString(bytes, interp.offset);
  const dynamic = headers.find((h) => h.type === PT_DYNAMIC);
  const libraries: number[] = [];
  let strings = 0;
  for (let at = dynamic?.offset ?? 0; dynamic && at < dynamic.offset + dynamic.size; at += 16) {
    const tag = Number(bytes.readBigInt64LE(at));
    const value = Number(bytes.readBigUInt64LE(at + 8));
    if (tag === 0) break;
    if (tag === DT_NEEDED) libraries.push(value);
    if (tag === DT_STRTAB) strings = value;
  }
  const load = headers.find(
    (h) => h.type === PT_LOAD && strings >= h.address && strings < h.address + h.size,
  );
  const base = load ? strings - load.address + load.offset : 0;
  return {
    ...(interpreter ? { interpreter } : {}),
    machine: bytes.readUInt16LE(18),
    libraries: libraries.map((offset) => cString(bytes, base + offset)),
  };
}

function segments(bytes: Buffer) {
  const start = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, i) => {
    const at = start + i * size;
    return {
      type: bytes.readUInt32LE(at),
      offset: Number(bytes.readBigUInt64LE(at + 8)),
      address: Number(bytes.readBigUInt64LE(at + 16)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
    };
  });
}

function cString(bytes: Buffer, at: number): string {
  return bytes.toString("utf8", at, bytes.indexOf(0, at));
}

/**
 * The libraries that files need, theirs included, each with the file that provides it.
 * @param find gives the path of a library by its name
 * @throws Failure library-missing
 */
export function libraryClosure(
  files: readonly string[],
  find: (name: string) => string | undefined,
): Map<string, string> {
  const result = new Map<string, string>();
  const queue = [...files];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    for (const name of needs(file).libraries) {
      if (result.has(name)) continue;
      const path = find(name);
      if (path === undefined) throw new Failure("guest", { kind: "library-missing", file, name });
      result.set(name, path);
      queue.push(path);
    }
  }
  return result;
}
