// Makes a module of a block of TypeScript, which the compiler and Node can take.
import type { Block } from "./pages.ts";

/** The module. Its folder is one below the app's. */
export function moduleOf(block: Block): string {
  const name = block.words.get("skel");
  if (name === undefined) return `${block.text}\n`;
  const state = block.words.get("state") ?? "attached";
  const imports = /^import [^;]+;$/gm;
  const steps = [
    ...(state === "open" ? [] : ["skel.load();"]),
    ...(state === "attached" ? ["skel.attach();"] : []),
  ];
  return [
    ...(block.text.match(imports) ?? []),
    `import { ${name} as $skeleton } from "../.output/${name}.skel.ts";`,
    "const signal = AbortSignal.timeout(1000);",
    "using skel = $skeleton.open();",
    ...steps,
    "{",
    block.text.replace(imports, ""),
    "}",
    "",
  ].join("\n");
}
