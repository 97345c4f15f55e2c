import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { unpackTar } from "modern-tar";
import { hashBytes } from "../../toolchain/src/base/hash.ts";
import { type Fault, OriginFault } from "../failures.ts";
import type { Context, Delivery, Offer, Order, Origin } from "../origin.ts";
import type { Pin } from "../pins.ts";

/** sources.json beside the archives: what the package carries, written by bundle.ts. */
export interface Bundle {
  readonly [name: string]: {
    /** A tar archive, compressed by Brotli, with the tree at its top. */
    readonly file: string;
    readonly size: number;
    readonly sha256: string;
    readonly tag: string;
    readonly commit: string;
  };
}

const decompress = promisify(brotliDecompress);

/** The pinned sources as the published package carries them: nothing is asked for and no program is needed. */
export class BundledOrigin implements Origin {
  readonly name = "bundled";
  readonly #folder: string | undefined;

  constructor({ bundle }: Context) {
    this.#folder = bundle;
  }

  async available(): Promise<Fault | undefined> {
    return this.#folder ? undefined : { kind: "no-bundle" };
  }

  offers(pin: Pin): Offer[] {
    return [{ label: pin.tag, version: pin.tag.replace(/^v/, "") }];
  }

  async fetch(pin: Pin, _: Offer, { folder }: Order): Promise<Delivery> {
    const place = "this package";
    const bundle = await readBundle(this.#folder as string);
    const entry = bundle[pin.name];
    if (!entry || entry.commit !== pin.commit)
      throw new OriginFault({ kind: "absent", what: `${pin.name} ${pin.tag}`, place });
    const bytes = await readFile(join(this.#folder as string, entry.file)).catch(() => undefined);
    if (!bytes) throw new OriginFault({ kind: "absent", what: entry.file, place });
    const { file, size, sha256 } = entry;
    if (hashBytes(bytes) !== sha256)
      throw new OriginFault({ kind: "corrupt", what: file, place, output: "its sha256 is another one" });
    await unpack(await decompress(bytes), folder);
    const { url, tag, commit } = pin;
    return {
      version: tag.replace(/^v/, ""),
      record: { url, tag, commit, files: [{ name: file, size, sha256 }] },
    };
  }
}

async function readBundle(folder: string): Promise<Bundle> {
  return JSON.parse(await readFile(join(folder, "sources.json"), "utf8")) as Bundle;
}

/** The archive's bytes are known by their hash; a path out of the folder would be a fault of bundle.ts. */
async function unpack(tar: Uint8Array<ArrayBuffer>, folder: string): Promise<void> {
  for (const { header, data } of await unpackTar(tar)) {
    const path = normalize(header.name);
    if (path.startsWith("..") || path.startsWith("/")) throw new Error(`${header.name} leaves the folder`);
    if (header.type !== "file") continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), data ?? "", { mode: header.mode === 0o755 ? 0o755 : 0o644 });
  }
}
