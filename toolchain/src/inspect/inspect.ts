import { createHash } from "node:crypto";
import { Failure } from "../base/failure.ts";
import { BadPack, decodePack } from "../facts/btf-pack.ts";
import { type Needed, neededCapabilities, setcap, together, USUAL_MACHINE } from "../facts/capabilities.ts";
import { floors } from "../facts/since.ts";
import { SCRIPT_ASSET } from "../sea/code-cache.ts";
import { localesIn } from "../sea/parts.ts";
import { type About, ITSELF } from "./about.ts";
import { type Blob, readBlob } from "./blob.ts";
import { type Bytes, damaged, exactly } from "./bytes.ts";
import { type Dynamic, type Floors, floorsOf, readDynamic } from "./dynamic.ts";
import { findBlob, readAbout, readAsset, readExecutable, withBytes } from "./executable.ts";
import { NOTICES, type Notice, type Notices, parseNotices } from "./notices.ts";
import { describeObject, isObjectFailure, type ObjectReport, objectsIn } from "./object.ts";
import { hashes } from "./sums.ts";

/** An addon in an executable. */
export interface AddonReport {
  /** The asset's name: `addon.node`. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly needs: Dynamic;
}

/** The BTF in an executable that one skeleton uses on kernels without BTF of their own. */
export interface BtfReport {
  /** The NAME of `NAME.bpf.c`. */
  readonly name: string;
  /** Of all of it as it lies in the file, in bytes. */
  readonly size: number;
  readonly sha256: string;
  /** The kernels, by release and, where it is known, distribution and version. `size` is in bytes, as the app reads it. */
  readonly kernels: readonly {
    readonly release: string;
    readonly from?: string;
    readonly size: number;
  }[];
  /** How many of them differ. */
  readonly different: number;
}

/** What an executable that `bpf-app build` has made consists of. Everything but `about` is read off its own bytes. */
export interface Inspection {
  readonly file: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
  /** The beginning of the sha256 of what was put into Node: the script, the addons, and what it says of itself. */
  readonly buildId: string;
  readonly arch: "x64" | "arm64";
  /** The version by which the Node in it names itself: `24.21.0`; undefined if it does not. */
  readonly node: string | undefined;
  /** The locales that the Node in it has data for, as Intl lists them; undefined if it has no such data. */
  readonly locales: readonly string[] | undefined;
  readonly about: About;
  /** The script that Node runs. */
  readonly script: { readonly name: string; readonly size: number; readonly sha256: string };
  readonly addons: readonly AddonReport[];
  readonly objects: readonly ObjectReport[];
  /** What it brings for kernels without BTF of their own, by skeleton. */
  readonly btf: readonly BtfReport[];
  /** The packages of npm whose code is in it; empty for a file of a bpf-app that did not note them. */
  readonly packages: readonly Pick<Notice, "name" | "version" | "licence">[];
  /** The libraries of the system that the executable itself takes. */
  readonly needs: Dynamic;
  /** The oldest library of each kind with which the executable starts, and loads its addons. */
  readonly floors: Floors;
  /** The oldest kernel that has all types of programs and maps in it: `5.8`; what takes that version, and what older ones. */
  readonly kernel: {
    readonly version: string;
    readonly because: readonly { readonly version: string; readonly what: string }[];
  };
  /** What it takes to load and attach the programs, on a machine with the kernel's own settings. */
  readonly capabilities: readonly Needed[];
  /** The command that gives the file what it needs. */
  readonly setcap: string;
  /** Whether it answers to the switch BPF_APP. */
  readonly answers: boolean;
}

/** Sizes far above what builds make, in bytes. Hostile numbers could otherwise take all memory. */
const ADDON_MAX = 256 << 20;
const ADDONS_MAX = 64;
const PACK_MAX = 64 << 20;

/**
 * Looks into an executable without running it.
 *
 * @param name - what the file is called in what is said of it
 * @throws Failure inspect-unreadable, not-built-here, built-file-damaged
 */
export function inspectFile(path: string, name = path): Promise<Inspection> {
  return withBytes(path, name, inspectBytes);
}

/**
 * The part of an inspection that decides on what the app needs of a machine. No hash is made of the file, which takes a slow
 * machine longer than all the rest.
 * @throws Failure inspect-unreadable, not-built-here, built-file-damaged
 */
export function readApp(path: string, name = path): Promise<Pick<Inspection, "about" | "objects" | "btf">> {
  return withBytes(path, name, async (bytes) => {
    const { segments } = await readExecutable(bytes);
    const blob = await readBlob(bytes, await findBlob(bytes, segments));
    const about = await readAbout(bytes, blob);
    const [, objects] = await readAddons(bytes, blob, about.skeletons);
    return { about, objects, btf: await readPacks(bytes, blob) };
  });
}

/**
 * Whether an executable answers to the switch BPF_APP. Only where it is said to be divided is read.
 * @throws Failure inspect-unreadable, not-built-here, built-file-damaged
 */
export function answersToSwitch(path: string, name = path): Promise<boolean> {
  return withBytes(path, name, async (bytes) => {
    const { segments } = await readExecutable(bytes);
    return (await readBlob(bytes, await findBlob(bytes, segments))).assets.has(ITSELF);
  });
}

/** The same for bytes that may be anything. @throws Failure not-built-here, built-file-damaged */
export async function inspectBytes(bytes: Bytes): Promise<Inspection> {
  const { header, segments } = await readExecutable(bytes);
  const where = await findBlob(bytes, segments);
  const blob = await readBlob(bytes, where);
  const about = await readAbout(bytes, blob);
  const notices = await readAsset(bytes, blob, NOTICES);
  const [addons, objects] = await readAddons(bytes, blob, about.skeletons);
  const needs = await readDynamic(bytes, segments);
  const { sha256, blobSha256, node } = await hashes(bytes, where);
  // With a code cache, what Node runs is only what starts the app's own script.
  const app = blob.assets.get(SCRIPT_ASSET) ?? blob.main;
  const script = await exactly(bytes, app.at, app.size, "its script");
  return {
    file: bytes.path,
    size: bytes.size,
    sha256,
    buildId: blobSha256.slice(0, 40),
    arch: header.arch,
    node,
    locales: await localesIn((at, length) => bytes.read(at, length), segments),
    about,
    script: { name: blob.main.name, size: app.size, sha256: sum(script) },
    addons,
    objects,
    btf: await readPacks(bytes, blob),
    packages: notices === undefined ? [] : packagesOf(parseNotices(bytes.path, notices)),
    needs,
    floors: floorsOf([needs, ...addons.map((addon) => addon.needs)].flatMap(({ versions }) => versions)),
    ...needsOf(bytes.path, objects),
    answers: blob.assets.has(ITSELF),
  };
}

function packagesOf({ notices }: Notices): Inspection["packages"] {
  return notices
    .filter(({ kind }) => kind === "package")
    .map(({ name, version, licence }) => ({
      name,
      ...(version === undefined ? {} : { version }),
      ...(licence === undefined ? {} : { licence }),
    }));
}

/** What the objects take of a kernel, and of the user who runs them. */
function needsOf(
  file: string,
  objects: readonly ObjectReport[],
): Pick<Inspection, "kernel" | "capabilities" | "setcap"> {
  const because = objects
    .flatMap((object) => floors(object))
    .map(({ kernel, what }) => ({ version: kernel.join("."), what }))
    .sort((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }));
  const capabilities = neededCapabilities(together(objects), USUAL_MACHINE);
  const names = capabilities.map(({ capability }) => capability);
  return {
    kernel: { version: because[0]?.version ?? "4.1", because },
    capabilities,
    setcap: setcap(names, file),
  };
}

/** @param skeletons - the names of the objects, which objects do not have of themselves */
async function readAddons(
  bytes: Bytes,
  { assets }: Blob,
  skeletons: readonly string[],
): Promise<[AddonReport[], ObjectReport[]]> {
  const addons: AddonReport[] = [];
  const objects: Buffer[] = [];
  const named = [...assets].filter(([name]) => name.endsWith(".node")).sort(([a], [b]) => (a < b ? -1 : 1));
  if (named.length > ADDONS_MAX) throw damaged(bytes.path, "it holds more addons than any build makes");
  for (const [name, part] of named) {
    if (part.size > ADDON_MAX) throw damaged(bytes.path, `its addon ${name} is too large`);
    const addon = await exactly(bytes, part.at, part.size, `its addon ${name}`);
    addons.push({ name, size: part.size, sha256: sum(addon), needs: await addonNeeds(bytes, name, addon) });
    const found = objectsIn(addon);
    if (found.length === 0) throw damaged(bytes.path, `its addon ${name} holds no BPF object`);
    objects.push(...found);
  }
  if (objects.length !== skeletons.length)
    throw damaged(bytes.path, `it holds ${objects.length} BPF objects and names ${skeletons.length}`);
  return [addons, skeletons.map((name, at) => readObject(bytes, name, objects[at] as Buffer))];
}

async function readPacks(bytes: Bytes, { assets }: Blob): Promise<BtfReport[]> {
  const named = [...assets].filter(([name]) => name.endsWith(".btf")).sort(([a], [b]) => (a < b ? -1 : 1));
  if (named.length > ADDONS_MAX) throw damaged(bytes.path, "it holds more BTF than any build makes");
  const reports: BtfReport[] = [];
  for (const [name, part] of named) {
    if (part.size > PACK_MAX) throw damaged(bytes.path, `its ${name} is too large`);
    reports.push(readPack(bytes.path, name, await exactly(bytes, part.at, part.size, `its ${name}`)));
  }
  return reports;
}

function readPack(path: string, name: string, bytes: Buffer): BtfReport {
  try {
    const { kernels, blobs } = decodePack(bytes);
    return {
      name: name.slice(0, -".btf".length),
      size: bytes.length,
      sha256: sum(bytes),
      kernels: kernels.map(({ release, from, blob }) => ({
        release,
        ...(from && { from }),
        size: blobs[blob]?.length ?? 0,
      })),
      different: blobs.length,
    };
  } catch (error) {
    if (!(error instanceof BadPack)) throw error;
    throw damaged(path, `its ${name} cannot be read: ${error.message}`);
  }
}

async function addonNeeds(bytes: Bytes, name: string, addon: Buffer): Promise<Dynamic> {
  const inside: Bytes = {
    path: bytes.path,
    size: addon.length,
    read: async (at, length) => addon.subarray(at, at + length),
  };
  try {
    return await readDynamic(inside, (await readExecutable(inside)).segments);
  } catch (error) {
    if (!(error instanceof Failure) || error.layer !== "inspect") throw error;
    throw damaged(bytes.path, `its addon ${name} is no library that can be loaded`);
  }
}

function readObject(bytes: Bytes, name: string, object: Buffer): ObjectReport {
  try {
    return describeObject(name, object);
  } catch (error) {
    if (!isObjectFailure(error)) throw error;
    throw damaged(bytes.path, `the BPF object ${name} in it cannot be read (${error.failure.kind})`);
  }
}

function sum(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
