import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The mirrors from which this machine's own apt gets Debian. They may be the only ones that it can reach. Both formats
 * of sources.list(5) are read. Security archives are left out, because they have only the security suites.
 *
 * @param etc the folder of apt's configuration
 * @returns URIs in the order of their appearance, each once
 */
export async function findMirrors(etc = "/etc/apt"): Promise<string[]> {
  const found: string[] = [];
  for (const path of await sourceFiles(etc)) {
    const text = await readFile(path, "utf8").catch(() => "");
    found.push(...(path.endsWith(".sources") ? parseDeb822(text) : parseOneLine(text)));
  }
  return [...new Set(found.map((uri) => uri.replace(/\/+$/, "")))];
}

async function sourceFiles(etc: string): Promise<string[]> {
  const names = await readdir(join(etc, "sources.list.d")).catch(() => []);
  const parts = names.filter((name) => /\.(list|sources)$/.test(name)).sort();
  return [join(etc, "sources.list"), ...parts.map((name) => join(etc, "sources.list.d", name))];
}

/** Reads the format with one line for each source: `deb [options] URI SUITE COMPONENT…`. */
export function parseOneLine(text: string): string[] {
  const found: string[] = [];
  for (const line of text.split("\n")) {
    const [, uri, suite = "", components = ""] =
      /^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line) ?? [];
    if (uri !== undefined && isDebian(uri, [suite], words(components))) found.push(uri);
  }
  return found;
}

/** Reads the format with stanzas of `Field: value`. A line that begins with a blank continues the one before it. */
export function parseDeb822(text: string): string[] {
  const found: string[] = [];
  for (const stanza of text.split(/\n\s*\n/)) {
    const fields = new Map<string, string[]>();
    let last: string[] | undefined;
    for (const line of stanza.split("\n")) {
      if (line.startsWith("#")) continue;
      const [, name, value = ""] = /^([A-Za-z-]+):(.*)$/.exec(line) ?? [];
      if (name !== undefined) {
        last = words(value);
        fields.set(name.toLowerCase(), last);
      } else if (/^\s/.test(line)) last?.push(...words(line));
    }
    if (fields.get("enabled")?.[0]?.toLowerCase() === "no") continue;
    const suites = fields.get("suites") ?? [];
    for (const uri of fields.get("uris") ?? [])
      if (isDebian(uri, suites, fields.get("components") ?? [])) found.push(uri);
  }
  return found;
}

/** The names of Debian's suites. Those of Ubuntu and of third parties have other names. */
const SUITES =
  /^(?:stable|oldstable|oldoldstable|testing|unstable|sid|bullseye|bookworm|trixie|forky|duke)(?:-updates|-backports)?$/;

function isDebian(uri: string, names: readonly string[], components: readonly string[]): boolean {
  return (
    components.includes("main") &&
    names.some((name) => SUITES.test(name)) &&
    !/security|archive\.debian\.org|raspbian|snapshot/.test(uri) &&
    /^(?:https?|mirror(?:\+\w+)?|file|copy|tor\+https?):/.test(uri)
  );
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
