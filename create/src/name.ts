/**
 * A valid npm package name made of a folder's name.
 *
 * @param taken names of packages the app depends on: npm refuses to install a package into one of the same name.
 */
export function packageName(folder: string, taken: readonly string[] = []): string {
  const name = folder
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/-{2,}/g, "-")
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "")
    .slice(0, 200);
  if (name === "") return "my-bpf-app";
  return [...reserved, ...taken].includes(name) ? `${name}-app` : name;
}

const reserved = ["node_modules", "favicon.ico"];
