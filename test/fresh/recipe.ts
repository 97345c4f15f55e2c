/** How a bare machine is made: Debian's minimal system, and what the README asks a user to have. */
export interface Recipe {
  readonly name: string;
  /** Debian's name of the release. */
  readonly suite: string;
  /** Debian packages to be added to those without which there is no system (mmdebstrap's variant minbase). */
  readonly packages: readonly string[];
  /** Node and npm from the npm registry, where Debian's own are too old; exact versions. */
  readonly node?: { readonly node: string; readonly npm: string };
  /** systemd mounts tracefs when a machine boots; a container seldom has it. */
  readonly tracefs: boolean;
  /** The stages of `npm test` that are typed there: of those that need neither guests nor half an hour. */
  readonly stages: readonly string[];
}

/** "Linux with Node 20.19 or newer, npm and git, as root", as README has it, and certificates for HTTPS. */
export const RECIPES: readonly Recipe[] = [
  {
    name: "debian-12",
    suite: "bookworm",
    packages: ["git", "ca-certificates"],
    // Debian 12 has Node 18. This is the last Node 20, with the npm that comes with it.
    node: { node: "20.20.2", npm: "10.8.2" },
    tracefs: false,
    stages: ["setup", "packages", "check", "unit"],
  },
  {
    name: "debian-13",
    suite: "trixie",
    packages: ["git", "ca-certificates", "nodejs", "npm"],
    tracefs: true,
    // The tests run on the project's own Node on either machine, and `npm run quickstart` builds on both. So each has half
    // of the stages: the newer compiler the builds.
    stages: ["setup", "packages", "build", "live"],
  },
];

export function recipeOf(name: string): Recipe {
  const recipe = RECIPES.find((one) => one.name === name);
  if (!recipe) throw new Error(`no recipe is named ${name}: ${RECIPES.map((one) => one.name).join(", ")}`);
  return recipe;
}
