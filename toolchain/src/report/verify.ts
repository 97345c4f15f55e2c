import type { Comparison } from "../inspect/compare.ts";
import type { Paint } from "./paint.ts";

/** What `bpf-app verify` prints. */
export function verifyText(
  verified: Comparison & { readonly file: string; readonly sha256: string; readonly rebuilt: string },
  paint: Paint,
): string {
  const { file, sha256, rebuilt, equal, parts, inputs } = verified;
  if (equal)
    return `${paint("green", "ok")}: ${file} is what these sources give, byte for byte.\n  sha256 ${sha256}\n`;
  const list = (rows: readonly (readonly [string, string | undefined, string | undefined])[]) =>
    rows.map(
      ([what, there, here]) =>
        `  ${what}\n    in the file  ${there ?? "-"}\n    here         ${here ?? "-"}\n`,
    );
  const differing = parts.map((one) => [one.part, one.file, one.rebuilt] as const);
  const between = [["what lies between the parts", sha256, rebuilt]] as const;
  return [
    `${paint("red", "differs")}: ${file} is not what these sources give.\n`,
    "\nParts that differ, by sha256:\n",
    ...list(differing.length > 0 ? differing : between),
    ...(inputs.length > 0
      ? [
          "\nWhat they are made of, and differs:\n",
          ...list(inputs.map((one) => [one.input, one.file, one.rebuilt])),
        ]
      : [`\n${because(parts.map(({ part }) => part))}\n`]),
  ].join("");
}

/** What follows where a file says that it is made of the same. */
function because(parts: readonly string[]): string {
  return parts.some((part) => part.endsWith(".node") || part.startsWith("BPF object"))
    ? "It says that it is made of the same files. Another compiler or other settings have made it, or it was changed afterwards."
    : "It says that it is made of the same files: it was changed after it was built.";
}
