import * as v from "valibot";
import { check } from "../base/json.ts";
import { damaged } from "./bytes.ts";

/** The asset in an executable that says what the executable is made of. */
export const ABOUT = "about.json";
/** The asset with the code that the switch BPF_APP runs. */
export const ITSELF = "bpf-app.cjs";

const text = v.pipe(v.string(), v.maxLength(1024));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "is not a sha256"));

const source = v.object({
  /** As upstream counts: `1.7.0`. */
  version: text,
  licence: v.exactOptional(text),
  /** How it came here: `git`, `bundled`, `pool`, `index`; absent where nothing is recorded. */
  origin: v.exactOptional(text),
  /** The commit that is checked out, or that the package was made of. */
  commit: v.exactOptional(text),
  tag: v.exactOptional(text),
  /** The commit of the kernel's tree bpf-next that libbpf was taken out of. */
  kernelCommit: v.exactOptional(text),
  url: v.exactOptional(text),
  /** A distribution's package: `elfutils 0.192-4 of Debian trixie`. */
  package: v.exactOptional(text),
  /** The archives that it was unpacked from. */
  files: v.exactOptional(v.array(v.object({ name: text, sha256 }))),
});

const about = v.object({
  /** It grows when a reader of before would misunderstand. */
  format: v.literal(1),
  /** NAME of dist/NAME. */
  name: text,
  /** The app's version, as its package.json has it. */
  version: v.exactOptional(text),
  /** The version of Node that is embedded: `24.21.0`. */
  node: text,
  arch: v.picklist(["x64", "arm64"]),
  /** The version of bpf-app that has built it. */
  bpfApp: text,
  /** The skeletons, in alphabetical order, in which their objects lie in the addon. */
  skeletons: v.array(text),
  /** Whether the app decides at run time which programs it loads, or of what type its maps are. */
  adapts: v.boolean(),
  /** What of vendor/ is linked into the addons, by name. */
  libraries: v.record(text, source),
  /** The files that it was made from, by their path in the app. */
  inputs: v.record(text, sha256),
});

/** What an executable says that it is made of. It is in the file as JSON, as the asset {@link ABOUT}. */
export type About = Readonly<v.InferOutput<typeof about>>;
export type LibrarySource = Readonly<v.InferOutput<typeof source>>;

/**
 * Reads the asset {@link ABOUT} of the file `path`.
 * @throws Failure built-file-damaged
 */
export function parseAbout(path: string, bytes: Uint8Array): About {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw damaged(path, "what it says of itself is no JSON");
  }
  const checked = check(about, value);
  if ("problem" in checked)
    throw damaged(path, `what it says of itself is not what builds write: ${checked.problem}`);
  return checked.value;
}
