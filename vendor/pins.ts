import * as v from "valibot";
import { Failure } from "../toolchain/src/base/failure.ts";
import { readJson } from "../toolchain/src/base/json.ts";

/** Shell patterns relative to a tree's top folder; `*` matches no slash. A folder means all below it. */
const patterns = v.array(
  v.pipe(v.string(), v.regex(/^[^/-]/, "is not a pattern relative to the top folder")),
);

/** An argument of git or apt must not look like an option. */
const word = v.pipe(v.string(), v.nonEmpty("is empty"), v.regex(/^[^-]/, 'begins with "-"'));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "is not a sha256"));

/** One exact file of a Debian mirror's pool, below `pool/main/`. */
const poolFile = v.strictObject({
  path: v.pipe(
    v.string(),
    v.regex(/^(?!.*\.\.)[\w./+~-]+\.orig\.tar\.\w+$/, "is not the path of an .orig.tar"),
  ),
  version: word,
  sha256,
});

/** A source package, or a binary package that holds a source archive at `inner`. */
const indexEntry = v.union([
  v.strictObject({ source: word }),
  v.strictObject({
    package: word,
    inner: word,
    /** What the archive holds: a kernel's version says nothing of bpftool's. */
    version: word,
    /** Those of the list of suites that have it. */
    suites: v.array(word),
  }),
]);

const pin = v.strictObject({
  /** Folder below vendor/. */
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]*$/, "is not a plain folder name")),
  url: word,
  tag: word,
  /** The commit that the tag must name. */
  commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/, "is not a full commit id")),
  /** SPDX expression. */
  licence: word,
  /** What a build reads of the repository, with the licences: the part that the published package carries. */
  keep: patterns,
  distro: v.strictObject({
    keep: patterns,
    drop: v.optional(patterns),
    /** In the order of preference. */
    pool: v.array(poolFile),
    index: v.array(indexEntry),
  }),
});

const distro = v.strictObject({
  /** For people: `Debian`. */
  name: word,
  /** In the order in which they are asked. */
  suites: v.array(word),
  /** Path of the keys that its signatures are checked with, and the package that has them. */
  keyring: word,
  keyringPackage: word,
});

const pins = v.strictObject({ sources: v.array(pin), distro });

/** vendor/pins.json: what is vendored, at which commit, under which licence, and where else the same is to be had. */
export type Pins = Readonly<v.InferOutput<typeof pins>>;
export type Pin = Readonly<v.InferOutput<typeof pin>>;
export type PoolFile = Readonly<v.InferOutput<typeof poolFile>>;
export type IndexEntry = Readonly<v.InferOutput<typeof indexEntry>>;
export type DistroPin = Readonly<v.InferOutput<typeof distro>>;

/** @throws Failure pins-invalid */
export function readPins(path: string): Promise<Pins> {
  return readJson(path, pins, (problem) => new Failure("vendor", { kind: "pins-invalid", path, problem }));
}
