import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { unpackTar } from "modern-tar";
import { hashBytes } from "../../toolchain/src/base/hash.ts";
import { type Fault, OriginFault } from "../failures.ts";
import type { Context, Delivery, Offer, Order, Origin } from "../origin.ts";
import type { Pin } from "../pins.ts";

/** The file sources.json beside the archives, which says what the package carries. `bundle.ts` writes it. */
export interface Bundle {
  readonly [name: string]: {
    /** The name of a tar archive, compressed by Brotli, that has the tree at its top. */
    readonly file: string;
    readonly size: number;
    readonly sha256: string;
    readonly tag: string;
    readonly commit: string;
  };
}

const decompress = promisify(brotliDecompress);

/** The pinned sources that the published package carries. They need neither a network nor any program. */
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
    if (this.#folder === undefined) throw new OriginFault({ kind: "no-bundle" });
    const bundle = await readBundle(this.#folder);
    const entry = bundle[pin.name];
    if (!entry || entry.commit !== pin.commit)
      throw new OriginFault({ kind: "absent", what: `${pin.name} ${pin.tag}`, place });
    const bytes = await readFile(join(this.#folder, entry.file)).catch(() => undefined);
    if (!bytes) throw new OriginFault({ kind: "absent", what: entry.file, place });
    const { file, size, sha256 } = entry;
    if (hashBytes(bytes) !== sha256)
      throw new OriginFault({ kind: "corrupt", what: file, place, output: "its SHA-256 differs" });
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

/**
 * The hash has proved that `bundle.ts` made the archive. A path that leaves the folder would be a fault of that file.
 */
async function unpack(tar: Uint8Array<ArrayBuffer>, folder: string): Promise<void> {
  for (const { header, data } of await unpackTar(tar)) {
    const path = normalize(header.name);
    if (path.startsWith("..") || path.startsWith("/")) throw new Error(`${header.name} leaves the folder`);
    if (header.type !== "file") continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), data ?? "", { mode: header.mode === 0o755 ? 0o755 : 0o644 });
  }
}
