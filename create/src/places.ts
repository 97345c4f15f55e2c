import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where create-bpf-app's own parts are: beside its bundle in a package, in the neighbouring folders in a checkout. */
export interface Places {
  /** The folder of the package. */
  readonly own: string;
  readonly version: string;
  readonly templates: string;
  readonly pins: string;
  /** The folder with the sources that the published package carries; a checkout has none. */
  readonly bundle: string | undefined;
}

export function findPlaces(): Places {
  const own = fileURLToPath(new URL("..", import.meta.url));
  const { version } = JSON.parse(readFileSync(join(own, "package.json"), "utf8")) as { version: string };
  const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const bundle = existsSync(beside("sources")) ? beside("sources") : undefined;
  if (existsSync(beside("templates")))
    return { own, version, templates: beside("templates"), pins: beside("pins.json"), bundle };
  const root = join(own, "..");
  return {
    own,
    version,
    templates: join(root, "templates"),
    pins: join(root, "vendor", "pins.json"),
    bundle,
  };
}
