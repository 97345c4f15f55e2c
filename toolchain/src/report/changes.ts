/** What `clean` removed, a line a file. */
export function cleanedText(files: readonly string[]): string {
  return files.map((file) => `  CLEAN    ${file}\n`).join("");
}

/** What `add` wrote, and what is due next. */
export function addedText(added: {
  readonly template: string;
  readonly files: readonly string[];
  readonly packages: readonly string[];
}): string {
  const { template, files, packages } = added;
  const install =
    packages.length > 0 ? `It wants more packages (${packages.join(", ")}): run npm install.\n` : "";
  return `${files.map((file) => `  ADD      ${file}\n`).join("")}${install}Next: npm run build -- ${template}\n`;
}
