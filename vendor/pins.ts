import * as v from "valibot";
import { Failure } from "../toolchain/src/base/failure.ts";
import { readJson } from "../toolchain/src/base/json.ts";

/** Shell patterns relative to a tree's top folder; `*` matches no slash. A folder stands for everything below it. */
const patterns = v.array(
  v.pipe(v.string(), v.regex(/^[^/-]/, "is not a pattern relative to the top folder")),
);

/** A word that is passed to git or apt as an argument, so it must not look like an option. */
const word = v.pipe(v.string(), v.nonEmpty("is empty"), v.regex(/^[^-]/, 'begins with "-"'));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "is not a sha256"));

/** One exact file in the pool of a Debian mirror, below `pool/main/`. */
const poolFile = v.strictObject({
  path: v.pipe(
    v.string(),
    v.regex(/^(?!.*\.\.)[\w./+~-]+\.orig\.tar\.\w+$/, "is not the path of an .orig.tar"),
  ),
  version: word,
  sha256,
});

/** A source package, or a binary package that contains a source archive at the path `inner`. */
const indexEntry = v.union([
  v.strictObject({ source: word }),
  v.strictObject({
    package: word,
    inner: word,
    /**
     * The version of the source inside of the archive. It does not follow from the package's, which is the kernel's.
     */
    version: word,
    /** The suites that have the package. */
    suites: v.array(word),
  }),
]);

const pin = v.strictObject({
  /** The name of the source, and of its folder below vendor/. */
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]*$/, "is not a plain folder name")),
  url: word,
  tag: word,
  /** The commit that the tag must name. */
  commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/, "is not a full commit id")),
  /** An SPDX expression. */
  licence: word,
  /** The files that a build reads, and the licences. The published package carries only these. */
  keep: patterns,
  distro: v.strictObject({
    keep: patterns,
    drop: v.optional(patterns),
    /** The preferred file comes first. */
    pool: v.array(poolFile),
    index: v.array(indexEntry),
  }),
});

const distro = v.strictObject({
  /** The name for people: `Debian`. */
  name: word,
  /** The suites, in the order in which they are asked. */
  suites: v.array(word),
  /** The path of the keys with which signatures are checked, and the package that contains them. */
  keyring: word,
  keyringPackage: word,
});

/** Headers with the types of kernels of several architectures, which only builds for another architecture fetch. */
const vmlinux = v.strictObject({
  url: word,
  /** The repository has no tags. */
  commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/, "is not a full commit id")),
});

const pins = v.strictObject({ sources: v.array(pin), vmlinux: v.optional(vmlinux), distro });

/**
 * The file vendor/pins.json: what is vendored, at which commit, under which licence, and where else it can be found.
 */
export type Pins = Readonly<v.InferOutput<typeof pins>>;
export type Pin = Readonly<v.InferOutput<typeof pin>>;
export type PoolFile = Readonly<v.InferOutput<typeof poolFile>>;
export type IndexEntry = Readonly<v.InferOutput<typeof indexEntry>>;
export type VmlinuxPin = Readonly<v.InferOutput<typeof vmlinux>>;
export type DistroPin = Readonly<v.InferOutput<typeof distro>>;

/**
 * Reads and checks a file of pins.
 * @throws Failure pins-invalid
 */
export function readPins(path: string): Promise<Pins> {
  return readJson(path, pins, (problem) => new Failure("vendor", { kind: "pins-invalid", path, problem }));
}
