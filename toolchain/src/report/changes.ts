import type { Template } from "../base/template.ts";

/** What `clean` has removed, with one line for each path. */
export function cleanedText(files: readonly string[]): string {
  return files.map((file) => `  CLEAN    ${file}\n`).join("");
}

interface Added {
  readonly template: string;
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

/** What `add` has written, and what to do next; or the templates from which one is to be chosen. */
export function addText(report: Added | { readonly templates: readonly Template[] }): string {
  return "templates" in report ? templatesText(report.templates) : addedText(report);
}

function templatesText(templates: readonly Template[]): string {
  const width = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  const name = width(templates.map((template) => template.name));
  const kernel = width(templates.map((template) => `Linux ${template.kernel}`));
  const rows = templates.map((template) => {
    const oldest = `Linux ${template.kernel}`.padEnd(kernel);
    return `${template.name.padEnd(name)}  ${oldest}  ${template.title}\n`;
  });
  return `${rows.join("")}\nThe version is that of the oldest kernel. Next, for example: npx bpf-app add ${templates[0]?.name}\n`;
}

function addedText({ template, files, packages }: Added): string {
  const install =
    packages.length > 0 ? `It needs more packages (${packages.join(", ")}): run npm install.\n` : "";
  return `${files.map((file) => `  ADD      ${file}\n`).join("")}${install}Next: npm run build -- ${template}\n`;
}
