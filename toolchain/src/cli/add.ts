import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { addTemplate } from "../../../create/src/add.ts";
import { terminal } from "../report/terminal.ts";

/** Puts a template's program into the app: `bpf-app add tc`. Nothing that is there is overwritten. */
export async function add(root: string, template: string): Promise<number> {
  const { files, packages } = await addTemplate({ app: root, template, templates: templatesFolder() });
  for (const file of files) terminal.out(`  ADD      ${file}\n`);
  if (packages.length > 0)
    terminal.out(`It wants more packages (${packages.join(", ")}): run npm install.\n`);
  terminal.out(`Next: npm run build -- ${template}\n`);
  return 0;
}

/** Beside the bundle in a package, at the top of the repository otherwise. */
function templatesFolder(): string {
  const places = ["./templates", "../templates", "../../../templates"].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return places.find(existsSync) ?? (places[0] as string);
}
