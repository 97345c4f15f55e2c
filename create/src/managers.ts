import { quote } from "shlex";

/** The package managers that an app can be used with. */
export const MANAGER_NAMES = ["npm", "pnpm", "yarn", "bun"] as const;

export type ManagerName = (typeof MANAGER_NAMES)[number];

/** What one package manager calls things. Every command is a line as a person types it. */
export interface Manager {
  readonly name: ManagerName;
  /** The major version, for the workflow that installs it. */
  readonly major: string;
  /** Installs what package.json names. */
  readonly install: string;
  /** Installs exactly what the lock file names, on a build server. */
  readonly ci: string;
  /** Installs the package manager itself. */
  readonly get: string;
  /** Runs a program of an installed package. */
  readonly exec: string;
  /** Adds packages for development in exact versions. */
  readonly add: string;
  /** Starts this scaffolder with the words that follow. */
  readonly create: string;
  /** Runs a script of package.json. */
  readonly run: (script: string, args?: readonly string[]) => string;
}

interface Words {
  readonly major: string;
  readonly ci: string;
  readonly get: (major: string) => string;
  readonly exec: string;
  readonly add: string;
  readonly create: string;
  /** The scripts that need no `run`. Others could be commands of the package manager itself, as `pnpm doctor` is. */
  readonly plain: readonly string[];
  /** What separates a script from its arguments. */
  readonly separator: string;
}

const WORDS: Readonly<Record<ManagerName, Words>> = {
  npm: {
    major: "11",
    ci: "npm ci",
    get: (major) => `npm install --global npm@${major}`,
    exec: "npx",
    add: "npm install --save-dev --save-exact",
    create: "npm create bpf-app@latest",
    plain: ["start", "test"],
    separator: "-- ",
  },
  pnpm: {
    major: "12",
    ci: "pnpm install --frozen-lockfile",
    get: (major) => `npm install --global pnpm@${major}`,
    exec: "pnpm exec",
    add: "pnpm add --save-dev --save-exact",
    create: "pnpm create bpf-app",
    plain: ["build", "dev", "start", "test"],
    separator: "",
  },
  yarn: {
    major: "1",
    ci: "yarn install --frozen-lockfile",
    // From its second version on, Yarn is published under another name.
    get: (major) => `npm install --global ${major === "1" ? "yarn" : "@yarnpkg/cli-dist"}@${major}`,
    exec: "yarn",
    add: "yarn add --dev --exact",
    create: "yarn create bpf-app",
    plain: ["build", "dev", "start", "test"],
    separator: "",
  },
  bun: {
    major: "1",
    ci: "bun install --frozen-lockfile",
    get: (major) => `npm install --global bun@${major}`,
    exec: "bunx",
    add: "bun add --dev --exact",
    create: "bun create bpf-app",
    // `bun test` is a test runner of its own.
    plain: [],
    separator: "",
  },
};

/** The words of a package manager. Without a version, the current one is assumed. */
export function manager(name: ManagerName, version?: string): Manager {
  const { major: current, get, plain, separator, ...words } = WORDS[name];
  const major = version?.split(".")[0] ?? current;
  return {
    name,
    major,
    ...words,
    install: `${name} install`,
    get: get(major),
    run: (script, args = []) => {
      const base = plain.includes(script) ? `${name} ${script}` : `${name} run ${script}`;
      return args.length === 0 ? base : `${base} ${separator}${args.map(quote).join(" ")}`;
    },
  };
}

/**
 * The package manager that has started this process, and its version, from the variable with which all of them name
 * themselves: `pnpm/10.34.8 npm/? node/v24.21.0 linux x64`.
 */
export function startedBy(
  agent: string | undefined,
): { readonly name: ManagerName; readonly version: string | undefined } | undefined {
  const [, word, version] = /^([a-z]+)\/(\d[\w.-]*)?/.exec(agent ?? "") ?? [];
  const name = MANAGER_NAMES.find((known) => known === word);
  return name && { name, version };
}
