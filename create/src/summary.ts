import { relative } from "node:path";
import { quote } from "shlex";
import { ORIGIN_NAMES } from "../../vendor/origin-names.ts";
import type { Provenance } from "../../vendor/provenance.ts";
import { originText } from "../../vendor/words.ts";
import type { Plan } from "./plan.ts";
import type { Done } from "./scaffold.ts";

/** How a folder is best named from the working directory. It is empty for that directory itself. */
export function near(path: string): string {
  const relativePath = relative(process.cwd(), path);
  const shorter = relativePath.length < path.length ? relativePath : path;
  return shorter.startsWith("-") ? `./${shorter}` : shorter;
}

/** The commands that come after an app has been made, as they are typed. */
export function nextSteps(plan: Plan, installed: boolean): string[] {
  const { template, manager } = plan.answers;
  const path = near(plan.target.path);
  return [
    ...(path === "" ? [] : [`cd ${quote(path)}`]),
    ...(installed ? [] : [manager.install]),
    manager.run("build"),
    `sudo ./dist/${template.name}`,
  ];
}

/** The command that gives all the answers again. */
export function repeatLine({ answers, options, places, repository }: Plan): string {
  const { dir, template, manager, vendor, install } = answers;
  const all = vendor.length === ORIGIN_NAMES.length;
  const words = [
    ...["--template", template.name],
    ...["--pm", manager.name],
    ...["--vendor", all ? "auto" : vendor.join(",")],
    repository === "new" || repository === "existing" ? "--git" : "--no-git",
    install ? "--install" : "--no-install",
    ...(options.toolchain === undefined ? [] : ["--toolchain", options.toolchain]),
    ...(options.pins === undefined ? [] : ["--pins", options.pins]),
    ...(options.force ? ["--force"] : []),
    "--yes",
  ];
  const folder = quote(dir.startsWith("-") ? `./${dir}` : dir);
  const flags = words.map(quote).join(" ");
  if (places.checkout !== undefined) return `node ${quote(near(places.checkout))} ${folder} ${flags}`;
  return `${manager.create} ${folder} ${manager.name === "npm" ? "-- " : ""}${flags}`;
}

/** What was made, and what comes next. */
export function doneText(done: Done): string[] {
  const { plan, provenance, recorded } = done;
  const { template } = plan.answers;
  const path = near(plan.target.path);
  const installed = plan.install === "yes" && done.refused === undefined;
  return [
    `The app is in ${path === "" ? "this folder" : quote(path)}: ${template.title}.`,
    ...originLines(provenance),
    ...(recorded === "staged"
      ? ["Everything is staged but not committed, because git does not know your name yet."]
      : []),
    ...keptLines(plan),
    "",
    "Next:",
    ...nextSteps(plan, installed).map((step) => `  ${step}`),
    "",
    `The same again: ${repeatLine(plan)}`,
  ];
}

/** What will be done, for --dry-run and before it is done. */
export function planText(plan: Plan): string[] {
  const { template } = plan.answers;
  const path = near(plan.target.path);
  const sources = plan.pins.sources.map(({ name, tag }) => `${name} ${tag}`);
  return [
    `${template.title} (${template.name}), in ${path === "" ? "this folder" : quote(path)}:`,
    ...plan.files.map((file) => `  ${file.path}`),
    ...(sources.length > 0
      ? [`  vendor/: ${sources.join(", ")}; from ${plan.answers.vendor.join(", else ")}`]
      : []),
    ...keptLines(plan),
    "Commands:",
    ...commands(plan).map((command) => `  ${command}`),
  ];
}

/** The commands that are run in the app, as a person would type them. */
export function commands(plan: Plan): string[] {
  const { repository, submodules, pins, checkout, install } = plan;
  const { manager, template } = plan.answers;
  const git = repository === "new" || repository === "existing";
  return [
    ...(repository === "new" ? ["git init -b main"] : []),
    ...(submodules
      ? pins.sources.map(
          ({ name, url }) => `git submodule add ${url} vendor/${name}   # unless git cannot reach it`,
        )
      : []),
    ...(checkout === undefined ? [] : [`npm pack ${quote(near(checkout) || ".")}   # into vendor/`]),
    ...(install === "yes" ? [manager.install] : []),
    ...(git ? [`git commit -m ${quote(`Start from create-bpf-app's ${template.name} template`)}`] : []),
  ];
}

/** What stays as it was, and what is to be added there by hand. */
function keptLines(plan: Plan): string[] {
  if (plan.kept.length === 0) return [];
  const names = [...new Set(plan.kept.map(({ there }) => there))];
  const kept = (path: string) => plan.kept.some((one) => one.path === path);
  return [
    `${names.length === 1 ? "This file was there and stays as it is" : "These files were there and stay as they are"}: ${names.join(", ")}.`,
    ...(kept(".gitignore")
      ? [
          "The build's files are to be ignored: add node_modules/, /.output/, /dist/ and /compile_commands.json to .gitignore.",
        ]
      : []),
    ...(kept("package.json") ? packageLines(plan) : []),
  ];
}

/** What package.json needs. */
function packageLines({ answers, devDependencies }: Plan): string[] {
  const { add } = answers.manager;
  const specs = Object.entries(devDependencies).map(([name, version]) =>
    quote(version.startsWith("file:") ? version : `${name}@${version}`),
  );
  return [
    "package.json needs the packages and the scripts of an app:",
    `  ${add} ${specs.join(" ")}`,
    `  npm pkg set type=module scripts.build="bpf-app build" scripts.dev="bpf-app dev" scripts.start="bpf-app start"`,
  ];
}

/** One sentence for each origin: `Vendored from git: libbpf 1.7.0, ….` */
function originLines({ sources }: Provenance): string[] {
  const groups = new Map<string, string[]>();
  for (const [name, source] of Object.entries(sources)) {
    const { version, package: of } = source;
    const text = of && of !== name ? `${name} ${version} (${of})` : `${name} ${version}`;
    groups.set(originText(source), [...(groups.get(originText(source)) ?? []), text]);
  }
  return [...groups].map(([from, names]) => `Vendored from ${from}: ${names.join(", ")}.`);
}
