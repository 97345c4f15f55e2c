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
}

export function findPlaces(): Places {
  const own = fileURLToPath(new URL("..", import.meta.url));
  const { version } = JSON.parse(readFileSync(join(own, "package.json"), "utf8")) as { version: string };
  const bundled = fileURLToPath(new URL("templates", import.meta.url));
  if (existsSync(bundled))
    return { own, version, templates: bundled, pins: fileURLToPath(new URL("pins.json", import.meta.url)) };
  return {
    own,
    version,
    templates: join(own, "..", "templates"),
    pins: join(own, "..", "vendor", "pins.json"),
  };
}
