import { access, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { hashBytes } from "../../toolchain/src/base/hash.ts";
import { installOfProgram } from "../../toolchain/src/base/packages.ts";
import { Apt, aptFault, sourceLines } from "../archive/apt.ts";
import { placeOf, RECIPE } from "../archive/download.ts";
import { applyPatches, unpackArchive, unpackInner } from "../archive/unpack.ts";
import { type Fault, OriginFault } from "../failures.ts";
import type { Context, Delivery, Offer, Order, Origin } from "../origin.ts";
import type { IndexEntry, Pin } from "../pins.ts";
import { type Download, download } from "../provenance.ts";

interface IndexOffer extends Offer {
  readonly suite: string;
  readonly entry: IndexEntry;
}

/** A package and the tree that was made of it: kept in the cache for the next app. */
const entrySchema = v.object({
  files: v.array(download),
  packageVersion: v.string(),
  /** The tree's key in the cache. */
  tree: v.string(),
  patches: v.array(v.string()),
});
type Entry = Readonly<v.InferOutput<typeof entrySchema>>;

/** A package as it came. */
type Downloaded = Pick<Entry, "files" | "packageVersion">;

/**
 * Debian's source packages. They are looked up in the signed index of one suite after the other, and apt checks the
 * signature and the hash of every file. An index may name files that the mirror does not have yet; then the next suite
 * is asked.
 */
export class IndexOrigin implements Origin<IndexOffer> {
  readonly name = "index";
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async available(): Promise<Fault | undefined> {
    const { keyring, keyringPackage, name } = this.#context.pins.distro;
    const there = await access(keyring).then(
      () => true,
      () => false,
    );
    return there
      ? undefined
      : { kind: "lacks", what: `${name}'s archive keys`, install: installOfProgram(keyringPackage) };
  }

  offers(pin: Pin): IndexOffer[] {
    return pin.distro.index.flatMap((entry) =>
      ("suites" in entry ? entry.suites : this.#context.pins.distro.suites).map((suite) => ({
        label: "package" in entry ? `${entry.package} in ${suite}` : suite,
        suite,
        entry,
        ...("version" in entry ? { version: entry.version } : {}),
      })),
    );
  }

  async fetch(pin: Pin, { suite, entry }: IndexOffer, order: Order): Promise<Delivery> {
    const { cache, pins } = this.#context;
    const { keep, drop } = pin.distro;
    const key = hashBytes(JSON.stringify([RECIPE, suite, entry, keep, drop]));
    let made = await cache.readPackage(key, entrySchema);
    if (made) refuse(order, versionOf(entry, made.packageVersion));
    if (!made || !(await cache.copyTree(made.tree, order.folder))) {
      const files =
        made && (await this.#downloaded(made)) ? made : await this.#download({ pin, suite, entry, order });
      made = await this.#makeTree(pin, entry, files);
      await cache.writePackage(key, made);
      if (!(await cache.copyTree(made.tree, order.folder))) throw new Error(`the cache lost ${pin.name}`);
    }
    const { files, packageVersion, patches } = made;
    const name = "source" in entry ? entry.source : entry.package;
    return {
      version: versionOf(entry, packageVersion),
      record: { suite: `${pins.distro.name} ${suite}`, package: name, packageVersion, patches, files },
    };
  }

  /** Whether all files of a package are still in the cache. */
  async #downloaded({ files }: Downloaded): Promise<boolean> {
    for (const file of files) if (!(await this.#context.cache.findFile(file.sha256))) return false;
    return true;
  }

  /** Asks one mirror after the other. */
  async #download(request: Request): Promise<Downloaded> {
    const { cache, mirrors } = this.#context;
    let last: Fault = mirrors.fault() ?? { kind: "absent", what: request.suite, place: "every mirror" };
    for (const mirror of mirrors.alive()) {
      try {
        return await cache.inScratch((scratch) => this.#downloadFrom(mirror, request, scratch));
      } catch (error) {
        if (!(error instanceof OriginFault)) throw error;
        last = error.fault;
        mirrors.note(mirror, last);
        if (last.kind === "mismatch") break;
      }
    }
    throw new OriginFault(last);
  }

  async #downloadFrom(
    mirror: string,
    { suite, entry, order }: Request,
    scratch: string,
  ): Promise<Downloaded> {
    const { pins, cache, signal } = this.#context;
    const place = placeOf(mirror);
    const name = "source" in entry ? entry.source : entry.package;
    const apt = await Apt.open(join(scratch, "apt"), sourceLines(mirror, suite, pins.distro), signal);
    const lists = await apt.get(["update", "--error-on=any"], scratch);
    if (!lists.ok) throw new OriginFault(aptFault(lists, `suite ${suite}`, place));
    const folder = join(scratch, "download");
    await mkdir(folder);
    const args =
      "source" in entry ? ["source", "--download-only", "--only-source", name] : ["download", name];
    const names = await apt.get(["--print-uris", "-qq", ...args], folder);
    if (!names.ok) throw new OriginFault(aptFault(names, `package ${name} in ${suite}`, place));
    refuse(order, versionOf(entry, packageVersion(names.stdout, name)));
    const outcome = await apt.get(["-qq", ...args], folder);
    const arrived = (await readdir(folder)).sort();
    const files: Download[] = [];
    // The files that arrived before a fault are kept, because apt has checked their hashes.
    for (const file of arrived) files.push(await cache.addFile(join(folder, file), file));
    if (!outcome.ok) throw new OriginFault(aptFault(outcome, wanted(names.stdout, arrived), place));
    return { files, packageVersion: packageVersion(names.stdout, name) };
  }

  async #makeTree(pin: Pin, entry: IndexEntry, { files, packageVersion }: Downloaded): Promise<Entry> {
    const { cache } = this.#context;
    const tree = hashBytes(JSON.stringify([RECIPE, pin.distro.keep, pin.distro.drop, files]));
    const patches = await cache.inScratch(async (scratch) => {
      const folder = join(scratch, "tree");
      const applied = await this.#unpack(pin, entry, files, folder);
      await cache.addTree(tree, folder);
      return applied;
    });
    return { files, packageVersion, tree, patches };
  }

  /** @returns the names of the patches that were applied */
  async #unpack(pin: Pin, entry: IndexEntry, files: readonly Download[], folder: string): Promise<string[]> {
    const { cache, signal } = this.#context;
    const find = async (pattern: RegExp) => {
      const file = files.find((one) => pattern.test(one.name));
      const path = file && (await cache.findFile(file.sha256));
      if (path) return { name: file.name, path };
      throw new OriginFault({
        kind: "odd",
        what: `the package of ${pin.name}`,
        problem: `it has no file that matches ${pattern.source}`,
      });
    };
    if ("inner" in entry) {
      await unpackInner((await find(/\.deb$/)).path, entry.inner, pin.distro, folder, signal);
      return [];
    }
    await unpackArchive(await find(/\.orig\.tar\.\w+$/), pin.distro, folder, signal);
    return applyPatches((await find(/\.debian\.tar\.\w+$/)).path, folder, signal);
  }
}

interface Request {
  readonly pin: Pin;
  readonly suite: string;
  readonly entry: IndexEntry;
  readonly order: Order;
}

/** @throws OriginFault if the version cannot be built together with the other sources */
function refuse(order: Order, version: string): void {
  const fault = order.refuse(version);
  if (fault) throw new OriginFault(fault);
}

/** Upstream's version number in that of a package: `1:1.3.dfsg+really1.3.1-1+deb13u1` is 1.3.1. */
function versionOf(entry: IndexEntry, packageVersion: string): string {
  if ("version" in entry) return entry.version;
  return packageVersion
    .replace(/^\d+:/, "")
    .replace(/-[^-]*$/, "")
    .replace(/^.*\+really/, "")
    .replace(/[.+~](?:dfsg|ds|repack).*$/, "");
}

/**
 * The version of a package, from the names of its files: NAME_VERSION.dsc or NAME_VERSION_ARCH.deb. The lines of
 * `--print-uris` are: 'URI' FILE SIZE HASH.
 */
function packageVersion(uris: string, name: string): string {
  const [version] = uris
    .split("\n")
    .flatMap((line) => / [^_ ]+_(\S+?)(?:\.dsc|_[a-z0-9]+\.deb) \d+ /.exec(line)?.[1] ?? []);
  if (version === undefined)
    throw new OriginFault({
      kind: "odd",
      what: `the package ${name}`,
      problem: `apt names its files ${uris.trim() || "not at all"}`,
    });
  return decodeURIComponent(version);
}

/** The files that were asked for and did not arrive. */
function wanted(uris: string, arrived: readonly string[]): string {
  const names = [...uris.matchAll(/^'[^']*' (\S+) \d+ /gm)].map(([, file = ""]) => file);
  return names.filter((name) => !arrived.includes(name)).join(" and ") || "the package";
}
