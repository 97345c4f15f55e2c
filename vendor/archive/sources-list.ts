import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Where this machine's own apt gets Debian from: a mirror near it, or one behind a firewall. Both formats of
 * sources.list(5) are read. Security archives hold no plain suites and are left out.
 *
 * @returns URIs in the order of their appearance, without repetition.
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

/** `deb [options] URI SUITE COMPONENT…` */
export function parseOneLine(text: string): string[] {
  const found: string[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (match && isDebian(match[1]!, [match[2]!], match[3]!.split(/\s+/))) found.push(match[1]!);
  }
  return found;
}

/** Stanzas of `Field: value`, continued on lines that begin with a blank. */
export function parseDeb822(text: string): string[] {
  const found: string[] = [];
  for (const stanza of text.split(/\n\s*\n/)) {
    const fields = new Map<string, string[]>();
    let last: string[] | undefined;
    for (const line of stanza.split("\n")) {
      if (line.startsWith("#")) continue;
      const match = /^([A-Za-z-]+):(.*)$/.exec(line);
      if (match) {
        last = words(match[2]!);
        fields.set(match[1]!.toLowerCase(), last);
      } else if (/^\s/.test(line)) last?.push(...words(line));
    }
    if (fields.get("enabled")?.[0]?.toLowerCase() === "no") continue;
    const suites = fields.get("suites") ?? [];
    for (const uri of fields.get("uris") ?? [])
      if (isDebian(uri, suites, fields.get("components") ?? [])) found.push(uri);
  }
  return found;
}

/** A Debian suite, by name or by class; Ubuntu's and those of third parties have other names. */
const suites =
  /^(?:stable|oldstable|oldoldstable|testing|unstable|sid|bullseye|bookworm|trixie|forky|duke)(?:-updates|-backports)?$/;

function isDebian(uri: string, names: readonly string[], components: readonly string[]): boolean {
  return (
    components.includes("main") &&
    names.some((name) => suites.test(name)) &&
    !/security|archive\.debian\.org|raspbian|snapshot/.test(uri) &&
    /^(?:https?|mirror(?:\+\w+)?|file|copy|tor\+https?):/.test(uri)
  );
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
