import { parseArgs } from "node:util";
import type { Action } from "../run/events.ts";
import { bundle } from "./bundle.ts";

/** The action `bpf-app bundle <entry> <out> --depfile <file> --node <version> [--esbuild <option>]…`. */
export const bundleAction: Action = async (args, { root }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      depfile: { type: "string" },
      node: { type: "string" },
      esbuild: { type: "string", multiple: true },
    },
  });
  const [entry = "", out = ""] = positionals;
  await bundle({
    root,
    entry,
    out,
    depfile: values.depfile ?? `${out}.d`,
    node: values.node ?? process.versions.node,
    extra: values.esbuild ?? [],
  });
  return undefined;
};
