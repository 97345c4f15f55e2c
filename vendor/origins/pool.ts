import { basename, join } from "node:path";
import { hashBytes } from "../../toolchain/src/base/hash.ts";
import { downloadFromPool, RECIPE } from "../archive/download.ts";
import { unpackArchive } from "../archive/unpack.ts";
import type { Context, Delivery, Offer, Order, Origin } from "../origin.ts";
import type { Pin, PoolFile } from "../pins.ts";

interface PoolOffer extends Offer {
  readonly file: PoolFile;
}

/**
 * Exact files from the pool of a Debian mirror, known by their SHA-256. An `.orig.tar` stays in the pool through many
 * revisions of its package. So neither the index nor its signature is needed, and a new revision changes nothing.
 */
export class PoolOrigin implements Origin<PoolOffer> {
  readonly name = "pool";
  readonly describe = "exact files from the pool of a Debian mirror, known by their SHA-256";
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async available() {
    return undefined;
  }

  offers(pin: Pin): PoolOffer[] {
    return pin.distro.pool.map((file) => ({
      label: basename(file.path),
      version: file.version,
      file,
    }));
  }

  async fetch(pin: Pin, { file }: PoolOffer, { folder }: Order): Promise<Delivery> {
    const { cache, signal } = this.#context;
    const { keep, drop } = pin.distro;
    const key = hashBytes(JSON.stringify([RECIPE, keep, drop, file.sha256]));
    const download = await downloadFromPool(file, this.#context);
    if (!(await cache.copyTree(key, folder))) {
      await cache.inScratch(async (scratch) => {
        const tree = join(scratch, "tree");
        await unpackArchive(download, { keep, drop }, tree, signal);
        await cache.addTree(key, tree);
      });
      if (!(await cache.copyTree(key, folder))) throw new Error(`the cache lost ${pin.name}`);
    }
    const { name, size, sha256 } = download;
    return { version: file.version, record: { files: [{ name, size, sha256 }] } };
  }
}
