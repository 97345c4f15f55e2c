import { basename, join } from "node:path";
import { hashBytes } from "../../toolchain/src/base/hash.ts";
import { downloadFromPool, RECIPE } from "../archive/download.ts";
import { unpackArchive } from "../archive/unpack.ts";
import type { Context, Delivery, Offer, Order, Origin } from "../origin.ts";
import type { Pin, PoolFile } from "../pins.ts";
import { download as downloadSchema } from "../provenance.ts";

interface PoolOffer extends Offer {
  readonly file: PoolFile;
}

/**
 * Exact files from the pool of a Debian mirror, known by their SHA-256. An `.orig.tar` stays in the pool through many
 * revisions of its package. So neither the index nor its signature is needed, and a new revision changes nothing.
 */
export class PoolOrigin implements Origin<PoolOffer> {
  readonly name = "pool";
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
    let made = await cache.readPackage(key, downloadSchema);
    if (!made || !(await cache.copyTree(key, folder))) {
      const { path, ...download } = await downloadFromPool(file, this.#context);
      made = download;
      await cache.inScratch(async (scratch) => {
        const tree = join(scratch, "tree");
        await unpackArchive({ path, name: download.name }, { keep, drop }, tree, signal);
        await cache.addTree(key, tree);
      });
      await cache.writePackage(key, made);
      if (!(await cache.copyTree(key, folder))) throw new Error(`the cache lost ${pin.name}`);
    }
    return { version: file.version, record: { files: [made] } };
  }
}
