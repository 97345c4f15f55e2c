import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Debian keeps two archives: the main one, whose mirrors are many, and the one of security updates. Neither holds the
 * suites of the other.
 */
export type ArchiveKind = "main" | "security";

/** A suite of an archive, as one entry of sources.list(5) names it. */
interface Entry {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/**
 * Where this machine's own apt gets Debian from: a mirror near it, or one behind a firewall. Both formats of
 * sources.list(5) are read.
 *
 * @param etc the folder of apt's configuration
 * @returns URIs in the order of their appearance, each once
 */
export async function findMirrors(etc = "/etc/apt", kind: ArchiveKind = "main"): Promise<string[]> {
  const found: string[] = [];
  for (const path of await sourceFiles(etc)) {
    const text = await readFile(path, "utf8").catch(() => "");
    const entries = path.endsWith(".sources") ? parseDeb822(text) : parseOneLine(text);
    found.push(...entries.filter((entry) => isDebian(entry, kind)).map(({ uri }) => uri));
  }
  return [...new Set(found.map((uri) => uri.replace(/\/+$/, "")))];
}

async function sourceFiles(etc: string): Promise<string[]> {
  const names = await readdir(join(etc, "sources.list.d")).catch(() => []);
  const parts = names.filter((name) => /\.(list|sources)$/.test(name)).sort();
  return [join(etc, "sources.list"), ...parts.map((name) => join(etc, "sources.list.d", name))];
}

/** `deb [options] URI SUITE COMPONENT…` */
function parseOneLine(text: string): Entry[] {
  const found: Entry[] = [];
  for (const line of text.split("\n")) {
    const [, uri, suite = "", components = ""] =
      /^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line) ?? [];
    if (uri !== undefined) found.push({ uri, suites: [suite], components: words(components) });
  }
  return found;
}

/** Stanzas of `Field: value`, continued on lines that begin with a blank. */
function parseDeb822(text: string): Entry[] {
  const found: Entry[] = [];
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
    const components = fields.get("components") ?? [];
    for (const uri of fields.get("uris") ?? []) found.push({ uri, suites, components });
  }
  return found;
}

/** A Debian suite, by name or by class; Ubuntu's and those of third parties have other names. */
const RELEASE = "(?:stable|oldstable|oldoldstable|testing|unstable|sid|bullseye|bookworm|trixie|forky|duke)";

const SUITES: Readonly<Record<ArchiveKind, RegExp>> = {
  main: new RegExp(`^${RELEASE}(?:-updates|-backports)?$`),
  security: new RegExp(`^${RELEASE}-security$`),
};

function isDebian({ uri, suites, components }: Entry, kind: ArchiveKind): boolean {
  return (
    components.includes("main") &&
    suites.some((name) => SUITES[kind].test(name)) &&
    !/archive\.debian\.org|raspbian|snapshot/.test(uri) &&
    (kind === "security" || !/security/.test(uri)) &&
    /^(?:https?|mirror(?:\+\w+)?|file|copy|tor\+https?):/.test(uri)
  );
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
