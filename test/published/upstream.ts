import { globSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readProjectPins } from "../forge/pins.ts";
import { realTrees } from "../forge/sources.ts";

/**
 * The real sources as upstream's repositories have them. They are made of Debian's, which lack a few texts that the
 * package is to carry (a licence lies elsewhere in the kernel's tree); a file that says so stands for each.
 */
export async function upstreamTrees(dir: string): Promise<Readonly<Record<string, string>>> {
  const trees = (await realTrees(dir)) as Readonly<Record<string, string>>;
  // The kernel's tree has headers of the processor here, which lead to a folder that upstream's bpftool does without.
  rmSync(join(trees.bpftool as string, "include/uapi/asm"), { recursive: true, force: true });
  for (const { name, keep } of readProjectPins().sources) {
    const tree = trees[name]!;
    for (const pattern of keep.filter((one) => globSync(one, { cwd: tree }).length === 0))
      writeFileSync(
        join(tree, pattern.replaceAll("*", "")),
        `This stands for upstream's file, for a test.\n`,
      );
  }
  return trees;
}
