import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

/** The dynamic loader of musl, by the names that processors have in it. */
const LOADERS = ["x86_64", "aarch64"].map((arch) => `lib/ld-musl-${arch}.so.1`);

/** Where to look, other than at this machine and this process. */
export interface LibcPlace {
  /** The folder that holds the machine's files. */
  readonly root?: string;
  /** The version of glibc that this process runs on; undefined where it is another C library. */
  readonly glibc?: () => string | undefined;
}

/**
 * The path of musl's loader, where musl is this system's C library, as in Alpine; undefined elsewhere. A system of glibc may
 * have musl as well, for programs that are compiled for it, and then Node runs on glibc.
 */
export function muslLoader({ root = "/", glibc = glibcVersion }: LibcPlace = {}): string | undefined {
  const loader = LOADERS.map((path) => join(root, path)).find((path) => existsSync(path));
  return loader === undefined || glibc() !== undefined ? undefined : loader;
}

/** The version of glibc that this process runs on: `2.36`; undefined where it is another C library. */
export function glibcVersion(): string | undefined {
  // Names of hosts, which take long to find, would be in the report otherwise.
  Object.assign(process.report ?? {}, { excludeNetwork: true });
  const report = process.report?.getReport() as { readonly header?: Readonly<Record<string, unknown>> };
  const version = report?.header?.glibcVersionRuntime;
  return typeof version === "string" ? version : undefined;
}

const PT_INTERP = 3;
const [EHDR_SIZE, PHDR_SIZE, PHDRS_MAX, PATH_MAX] = [64, 56, 256, 4096];

/**
 * The loader that an executable names (its segment PT_INTERP): `/lib/ld-musl-x86_64.so.1`. Undefined where there is none, and
 * for what is no ELF file of 64 bits.
 */
export function loaderOf(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return undefined;
  }
  const read = (at: number, size: number) => {
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readSync(file, bytes, 0, size, at));
  };
  try {
    const header = read(0, EHDR_SIZE);
    if (header.length < EHDR_SIZE || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2)
      return undefined;
    const count = Math.min(header.readUInt16LE(56), PHDRS_MAX);
    const table = read(Number(header.readBigUInt64LE(32)), count * PHDR_SIZE);
    for (let at = 0; at + PHDR_SIZE <= table.length; at += PHDR_SIZE) {
      if (table.readUInt32LE(at) !== PT_INTERP) continue;
      const size = Math.min(Number(table.readBigUInt64LE(at + 32)), PATH_MAX);
      return read(Number(table.readBigUInt64LE(at + 8)), size)
        .toString("utf8")
        .replace(/\0.*$/s, "");
    }
    return undefined;
  } catch {
    // Its numbers lead out of the file.
    return undefined;
  } finally {
    closeSync(file);
  }
}
