import { dirname, resolve } from "node:path";
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { Failure } from "../base/failure.ts";
import type { Action } from "../run/events.ts";
import { makeBlob } from "./blob.ts";
import { makeCodeCache } from "./code-cache.ts";
import { writeGuard } from "./guarded.ts";
import { inject } from "./inject.ts";
import { stripBase } from "./strip.ts";
import { makeTrim } from "./trim.ts";
import { ALL_USED, askedOf, keptOf, localesNote, readUses } from "./uses.ts";

/** `bpf-app strip-base <base> <out>` */
export const stripBaseAction: Action = async (args, { root }) => {
  const { positionals } = parse("strip-base", args, {}, 2);
  const [base = "", out = ""] = positionals.map((path) => resolve(root, path));
  await stripBase({ base, out });
  return undefined;
};

/** `bpf-app code-cache --node <path> --script <NAME.cjs> <out>` */
export const codeCacheAction: Action = async (args, { root, signal }) => {
  const { values, positionals } = parse(
    "code-cache",
    args,
    { node: { type: "string" }, script: { type: "string" } },
    1,
  );
  await makeCodeCache({
    node: resolve(root, required("code-cache", values, "node")),
    script: resolve(root, required("code-cache", values, "script")),
    out: resolve(root, positionals[0] ?? ""),
    signal,
  });
  return undefined;
};

/** `bpf-app blob --node <path> --main <NAME.cjs> [--code-cache <path>] [--guard <path>] [--asset key=path]… [--exec-argv <option>]… <out>` */
export const blobAction: Action = async (args, { root, signal }) => {
  const { values, positionals } = parse(
    "blob",
    args,
    {
      node: { type: "string" },
      main: { type: "string" },
      "code-cache": { type: "string" },
      guard: { type: "string" },
      asset: { type: "string", multiple: true },
      "exec-argv": { type: "string", multiple: true },
    },
    1,
  );
  const out = resolve(root, positionals[0] ?? "");
  const codeCache = values["code-cache"];
  await makeBlob({
    node: resolve(root, required("blob", values, "node")),
    main: resolve(root, required("blob", values, "main")),
    assets: assetsOf(list(values.asset), root),
    ...(typeof codeCache === "string" ? { codeCache: resolve(root, codeCache) } : {}),
    ...(typeof values.guard === "string" ? { guard: resolve(root, values.guard) } : {}),
    execArgv: list(values["exec-argv"]),
    out,
    scratch: dirname(out),
    signal,
  });
  return undefined;
};

/** `bpf-app trim --base <path> [--uses <path>] [--locales all|<tag>,…] <out> <guard>` */
export const trimAction: Action = async (args, { root, note }) => {
  const { values, positionals } = parse(
    "trim",
    args,
    { base: { type: "string" }, uses: { type: "string" }, locales: { type: "string" } },
    2,
  );
  const [out = "", guard = ""] = positionals.map((path) => resolve(root, path));
  const uses = typeof values.uses === "string" ? await readUses(resolve(root, values.uses)) : ALL_USED;
  const asked = typeof values.locales === "string" ? values.locales : undefined;
  const { locales } = await makeTrim({
    base: resolve(root, required("trim", values, "base")),
    icu: keptOf(uses, asked),
    typescript: uses.typescript,
    out,
  });
  // A script that writes and compares nothing by a language starts without the guard.
  const left = uses.formats ? locales : undefined;
  await writeGuard(guard, {
    all: left?.all ?? [],
    kept: left?.kept ?? [],
    asked: asked === undefined ? uses.literals : askedOf(asked),
    temporal: uses.temporal,
  });
  if (asked === undefined && (locales !== undefined || uses.dynamic)) note(localesNote(uses));
  return undefined;
};

/** `bpf-app inject --base <path> --blob <path> [--trim <path>] <out>` */
export const injectAction: Action = async (args, { root }) => {
  const { values, positionals } = parse(
    "inject",
    args,
    { base: { type: "string" }, blob: { type: "string" }, trim: { type: "string" } },
    1,
  );
  await inject({
    base: resolve(root, required("inject", values, "base")),
    blob: resolve(root, required("inject", values, "blob")),
    trim: typeof values.trim === "string" ? resolve(root, values.trim) : undefined,
    out: resolve(root, positionals[0] ?? ""),
  });
  return undefined;
};

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

function wrong(action: string, problem: string): Failure<"sea"> {
  return new Failure("sea", { kind: "sea-arguments", action, problem });
}

function parse(
  action: string,
  args: readonly string[],
  options: ParseArgsOptionsConfig,
  paths: number,
): { values: Values; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (positionals.length !== paths)
      throw new Error(`${paths} path(s) expected, ${positionals.length} given`);
    return { values, positionals };
  } catch (error) {
    throw wrong(action, (error as Error).message);
  }
}

function required(action: string, values: Values, name: string): string {
  const value = values[name];
  if (typeof value !== "string") throw wrong(action, `--${name} is missing`);
  return value;
}

function list(value: Values[string]): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function assetsOf(words: readonly string[], root: string): Record<string, string> {
  const assets: Record<string, string> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at <= 0) throw wrong("blob", `--asset takes key=path, not ${word}`);
    assets[word.slice(0, at)] = resolve(root, word.slice(at + 1));
  }
  return assets;
}
