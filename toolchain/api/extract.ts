import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
  type IConfigFile,
} from "@microsoft/api-extractor";
import { ApiPackage } from "@microsoft/api-extractor-model";

/** What an entry point offers, from its declarations. */
export interface Extracted {
  /** The report: every signature, without the comments. */
  readonly report: string;
  /** The same with the comments, to make a reference of. */
  readonly api: ApiPackage;
  /** What is wrong with the API: undocumented, exported by nothing, or written in no TSDoc. */
  readonly problems: readonly string[];
}

export interface Entry {
  /** The folder of the package. */
  readonly folder: string;
  /** The entry point's declarations, relative to it. */
  readonly types: string;
  /** Whether types that are not exported are no fault, and belong to the report because exported ones are made of them. */
  readonly forgotten?: boolean;
}

/** Reads the declarations of an entry point with API Extractor, which brings a TypeScript of its own. */
export function extract({ folder, types, forgotten = false }: Entry): Extracted {
  const out = mkdtempSync(join(tmpdir(), "bpf-app-api-"));
  try {
    // API Extractor complains of a folder for reports that is not there.
    mkdirSync(join(out, "report"));
    const messages: ExtractorMessage[] = [];
    Extractor.invoke(configuration(folder, types, out, forgotten), {
      localBuild: true,
      messageCallback(message) {
        message.handled = true;
        if (message.logLevel === "warning" || message.logLevel === "error") messages.push(message);
      },
    });
    const report = readFileSync(join(out, "report/api.public.api.md"), "utf8");
    const problems = messages.filter((message) => isProblem(message, report, forgotten));
    return {
      report,
      api: ApiPackage.loadFromJsonFile(join(out, "api.json")),
      problems: problems.map((message) => told(message, folder)),
    };
  } finally {
    rmSync(out, { recursive: true });
  }
}

function configuration(folder: string, types: string, out: string, forgotten: boolean): ExtractorConfig {
  const entry = join(folder, types);
  const warn = { logLevel: ExtractorLogLevel.Warning };
  const off = { logLevel: ExtractorLogLevel.None };
  const configObject: IConfigFile = {
    projectFolder: folder,
    mainEntryPointFilePath: entry,
    newlineKind: "lf",
    compiler: { overrideTsconfig: { compilerOptions: COMPILER, include: [entry] } },
    apiReport: {
      enabled: true,
      reportFileName: "api.api.md",
      reportFolder: join(out, "report"),
      reportTempFolder: join(out, "temp"),
      // Without what is marked @internal.
      reportVariants: ["public"],
      includeForgottenExports: forgotten,
    },
    docModel: { enabled: true, apiJsonFilePath: join(out, "api.json") },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: { default: warn },
      extractorMessageReporting: {
        default: warn,
        "ae-undocumented": warn,
        // Everything is public but what is marked @internal.
        "ae-missing-release-tag": off,
      },
      tsdocMessageReporting: { default: warn },
    },
  };
  const packageJsonFullPath = join(folder, "package.json");
  return ExtractorConfig.prepare({ configObject, configObjectFullPath: undefined, packageJsonFullPath });
}

/** The declarations are read as an app's would be. */
const COMPILER = {
  target: "es2024",
  lib: ["es2024", "esnext.disposable", "esnext.iterator"],
  module: "nodenext",
  moduleResolution: "nodenext",
  types: ["node"],
  typeRoots: [join(import.meta.dirname, "../../node_modules/@types")],
  strict: true,
  skipLibCheck: true,
};

/** A type that is not exported is no fault where only members speak of it that are marked @internal. */
function isProblem({ messageId, text }: ExtractorMessage, report: string, forgotten: boolean): boolean {
  const name = /"([^"]+)"/.exec(text)?.[1] ?? "";
  switch (messageId) {
    case "console-api-report-created":
      return false;
    case "ae-forgotten-export":
      return !forgotten && new RegExp(`\\b${name}\\b`).test(report);
    case "ae-undocumented":
      return !forgotten || new RegExp(`^export [a-z ]+ ${name}\\b`, "m").test(report);
    default:
      return true;
  }
}

function told({ messageId, text, sourceFilePath, sourceFileLine }: ExtractorMessage, folder: string): string {
  const place = sourceFilePath ? `${relative(folder, sourceFilePath)}:${sourceFileLine}: ` : "";
  return `${place}${text} (${messageId})`;
}
