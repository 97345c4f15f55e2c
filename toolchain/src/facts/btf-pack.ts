/** The types of one kernel in a pack. */
export interface PackedKernel {
  /** As `uname -r` prints it: `5.4.0-42-generic`. */
  readonly release: string;
  /** The distribution and its version, as BTFHub names them: `ubuntu/20.04`; empty where that is not known. */
  readonly from: string;
  /** Which of the blobs holds its types. Kernels whose types are the same share one. */
  readonly blob: number;
}

/** BTF for kernels that have none of their own: NAME.btf, which lies in an executable as it lies in .output. */
export interface BtfPack {
  /** The architecture of all of its kernels, as Node names it. */
  readonly arch: string;
  readonly kernels: readonly PackedKernel[];
  /** BTF, each of them reduced to the types that one object asks for. */
  readonly blobs: readonly Uint8Array[];
}

/**
 * A pack is this text, the size in bytes of what follows when it is unpacked (32 bits, little-endian), and that, compressed
 * by Brotli: the size of the index (32 bits), the index as JSON, and the blobs one after the other. All is compressed
 * at once, because the types of one kernel are much like those of the next.
 */
const MAGIC = "BPFAPP BTF 1\n";
const HEAD = MAGIC.length + 4;

/** Far more than packs have. A hostile number could otherwise take all memory. */
const UNPACKED_MAX = 64 << 20;

interface Index {
  readonly arch: string;
  readonly kernels: readonly (readonly [release: string, from: string, blob: number])[];
  readonly sizes: readonly number[];
}

/** Asked for where it is used: this file is in every app, and hardly any unpacks anything when it starts. */
function brotli(): typeof import("node:zlib") {
  return process.getBuiltinModule("node:zlib");
}

/** Bytes are no pack that a build has made. The message goes on after a colon. */
export class BadPack extends Error {}

/** The bytes of a pack. They depend on nothing but what is in it. */
export function encodePack({ arch, kernels, blobs }: BtfPack): Uint8Array {
  const index: Index = {
    arch,
    kernels: kernels.map(({ release, from, blob }) => [release, from, blob]),
    sizes: blobs.map(({ length }) => length),
  };
  const text = Buffer.from(JSON.stringify(index));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(text.length);
  const whole = Buffer.concat([size, text, ...blobs]);
  const head = Buffer.alloc(HEAD);
  head.write(MAGIC, "latin1");
  head.writeUInt32LE(whole.length, MAGIC.length);
  return Buffer.concat([head, brotli().brotliCompressSync(whole)]);
}

/**
 * Reads the bytes of a pack, whatever they are.
 * @throws BadPack
 */
export function decodePack(bytes: Uint8Array): BtfPack {
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (packed.length < HEAD || packed.toString("latin1", 0, MAGIC.length) !== MAGIC)
    throw new BadPack("it does not begin as a pack does");
  const size = packed.readUInt32LE(MAGIC.length);
  if (size < 4 || size > UNPACKED_MAX) throw new BadPack("it has an impossible size");
  const whole = unpacked(packed.subarray(HEAD), size);
  const from = 4 + whole.readUInt32LE(0);
  if (from > whole.length) throw new BadPack("its index ends past its end");
  const { arch, kernels, sizes } = readIndex(whole.toString("utf8", 4, from));
  const blobs: Uint8Array[] = [];
  let at = from;
  for (const length of sizes) {
    blobs.push(whole.subarray(at, at + length));
    at += length;
  }
  if (at !== whole.length) throw new BadPack("its parts do not end where it does");
  if (kernels.some(([, , blob]) => blob >= blobs.length)) throw new BadPack("a kernel's types are not in it");
  return { arch, kernels: kernels.map(([release, from, blob]) => ({ release, from, blob })), blobs };
}

function unpacked(bytes: Buffer, size: number): Buffer {
  try {
    const whole = brotli().brotliDecompressSync(bytes, { maxOutputLength: size });
    if (whole.length === size) return whole;
  } catch {
    // It is longer than it says, or no Brotli.
  }
  throw new BadPack("it cannot be unpacked");
}

function readIndex(text: string): Index {
  let index: Index;
  try {
    index = JSON.parse(text);
  } catch {
    throw new BadPack("its index is no JSON");
  }
  const natural = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const well =
    typeof index?.arch === "string" &&
    Array.isArray(index.kernels) &&
    index.kernels.every(
      (one: unknown) =>
        Array.isArray(one) && typeof one[0] === "string" && typeof one[1] === "string" && natural(one[2]),
    ) &&
    Array.isArray(index.sizes) &&
    index.sizes.every(natural);
  if (!well) throw new BadPack("its index is not what builds write");
  return index;
}

/** What tells the kernels of a machine apart that have one release. */
export interface RunningKernel {
  /** `uname -r` */
  readonly release: string;
  /** `uname -v`: `#46~18.04.1-Ubuntu SMP …` */
  readonly version: string;
  /** The text of os-release(5), which in a container may be another system's than the kernel's. */
  readonly system: string;
}

/**
 * The types of a kernel, by its release. Distributions can have kernels of one release and different types: Ubuntu builds
 * the kernel of a release for the release before, too, and says so in the version (`~18.04.1`). Where that does not tell
 * them apart, the system's name does.
 *
 * @returns the BTF; or the places of those of which none can be told to be the right one, which are none if there is no
 * such kernel
 */
export function chooseBtf(
  { kernels, blobs }: BtfPack,
  running: RunningKernel,
): { readonly btf: Uint8Array } | { readonly among: readonly string[] } {
  const named = kernels.filter(({ release }) => release === running.release);
  for (const some of [named, named.filter(backported(running)), named.filter(ofSystem(running))]) {
    const different = new Set(some.map(({ blob }) => blob));
    const [blob] = different;
    if (different.size === 1 && blob !== undefined) return { btf: blobs[blob] as Uint8Array };
  }
  return { among: named.map(({ from }) => from || "a folder without a name") };
}

function backported({ version }: RunningKernel): (kernel: PackedKernel) => boolean {
  const release = /~(\d+\.\d+)/.exec(version)?.[1];
  return ({ from }) => release !== undefined && from === `ubuntu/${release}`;
}

function ofSystem({ system }: RunningKernel): (kernel: PackedKernel) => boolean {
  const own = systemName(system);
  // BTFHub has one folder for all of CentOS 7, which names itself 7.9 or 7.
  return ({ from }) => own !== undefined && (own === from || own.startsWith(`${from}.`));
}

/** A system as BTFHub names it, by the text of os-release(5): `ubuntu/20.04`; undefined if that does not say it. */
export function systemName(osRelease: string): string | undefined {
  const field = (name: string) => new RegExp(`^${name}=["']?([^"'\n]+)`, "m").exec(osRelease)?.[1];
  const [id, version] = [field("ID"), field("VERSION_ID")];
  return id === undefined || version === undefined ? undefined : `${id}/${version}`;
}
