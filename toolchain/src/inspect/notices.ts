import * as v from "valibot";
import { check } from "../base/json.ts";
import { damaged } from "./bytes.ts";

/** The asset in an executable with the licences of everything that is in the executable. */
export const NOTICES = "licenses.json";

const text = v.pipe(v.string(), v.maxLength(4096));

const notice = v.object({
  /** What it is: the app itself, the Node in it, a library that is linked into it, or a package of npm. */
  kind: v.picklist(["app", "node", "library", "package"]),
  name: text,
  version: v.exactOptional(text),
  /** As the package, or the record of its origin, says it; mostly an SPDX expression. */
  licence: v.exactOptional(text),
  author: v.exactOptional(text),
  /** Why there is no text, and where there is one. */
  missing: v.exactOptional(text),
  texts: v.array(v.object({ file: text, text: v.string() })),
});

const notices = v.object({
  /** It grows when a reader of before would misunderstand. */
  format: v.literal(1),
  notices: v.array(notice),
});

/** The licence of a part of an executable. */
export type Notice = Readonly<v.InferOutput<typeof notice>>;
export type Notices = Readonly<v.InferOutput<typeof notices>>;

/**
 * Reads the asset {@link NOTICES} of the file `path`.
 * @throws Failure built-file-damaged
 */
export function parseNotices(path: string, bytes: Uint8Array): Notices {
  const checked = check(notices, jsonOf(path, bytes, "the licences in it are"));
  if ("problem" in checked)
    throw damaged(path, `the licences in it are not what builds write: ${checked.problem}`);
  return checked.value;
}

/** @throws Failure built-file-damaged, of which `what` is the beginning */
export function jsonOf(path: string, bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw damaged(path, `${what} no JSON`);
  }
}
