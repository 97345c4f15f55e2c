import { parseArgs } from "node:util";
import type { Action } from "../run/events.ts";
import { bundle } from "./bundle.ts";

/**
 * The action `bpf-app bundle <entry> <out> --depfile <file> [--uses <file>] --node <version> [--packages <file>]
 * [--esbuild <option>]…`.
 */
export const bundleAction: Action = async (args, { root, note }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      depfile: { type: "string" },
      uses: { type: "string" },
      node: { type: "string" },
      packages: { type: "string" },
      esbuild: { type: "string", multiple: true },
    },
  });
  const [entry = "", out = ""] = positionals;
  const warnings = await bundle({
    root,
    entry,
    out,
    depfile: values.depfile ?? `${out}.d`,
    uses: values.uses,
    node: values.node ?? process.versions.node,
    packages: values.packages,
    extra: values.esbuild ?? [],
  });
  for (const warning of warnings) note(warning);
  return undefined;
};
