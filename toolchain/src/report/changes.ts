/** What `clean` has removed, with one line for each path. */
export function cleanedText(files: readonly string[]): string {
  return files.map((file) => `  CLEAN    ${file}\n`).join("");
}

/** What `add` has written, and what to do next. */
export function addedText(added: {
  readonly template: string;
  readonly files: readonly string[];
  readonly packages: readonly string[];
}): string {
  const { template, files, packages } = added;
  const install =
    packages.length > 0 ? `It needs more packages (${packages.join(", ")}): run npm install.\n` : "";
  return `${files.map((file) => `  ADD      ${file}\n`).join("")}${install}Next: npm run build -- ${template}\n`;
}
