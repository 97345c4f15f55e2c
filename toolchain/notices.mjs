// The licences of what esbuild put into a bundle: THIRD-PARTY-NOTICES.txt, which goes with the package. MIT, ISC and
// the like ask for their text to go with every copy, and a bundle is one.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * The text for the bundles that these metafiles describe.
 * @param {readonly import("esbuild").Metafile[]} metafiles
 * @param {string} folder what the metafiles' paths are relative to
 * @throws if a package has no licence text: somebody has to look for it
 */
export function thirdPartyNotices(metafiles, folder) {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const roots = [...new Set(inputs.flatMap((input) => packageOf(resolve(folder, input)) ?? []))];
  const notices = roots.map((root) => notice(root)).sort();
  return `The programs in this folder hold code of these packages.\n\n${[...new Set(notices)].join("\n")}`;
}

/**
 * The packages of these bundles, as an executable's list of licences has them: what their package.json says, and the texts.
 * What was left out of a bundle as unused is not among them.
 * @param {readonly import("esbuild").Metafile[]} metafiles
 * @param {string} folder what the metafiles' paths are relative to
 */
export function packagesOf(metafiles, folder) {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
    ),
  );
  const roots = [...new Set(inputs.flatMap((input) => packageOf(resolve(folder, input)) ?? []))];
  const packages = roots.map((root) => {
    const { name, version, license, author, repository, homepage } = packageJson(root);
    const texts = textFiles(root).map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));
    return { package: { name, version, license, author, repository, homepage }, texts };
  });
  return packages.sort((a, b) => (a.package.name < b.package.name ? -1 : 1));
}

/** The folder of the package that a file belongs to: what follows the last node_modules, with its scope if it has one. */
function packageOf(file) {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

function notice(root) {
  const { name, version, license } = packageJson(root);
  const texts = textFiles(root).map((file) => readFileSync(join(root, file), "utf8").trim());
  return `── ${name} ${version} (${license})\n\n${texts.join("\n\n")}\n`;
}

/** Lists of names, which say in their README alone whose they are and under which licence. */
const IN_README = ["spdx-exceptions", "spdx-license-ids"];

function textFiles(root) {
  const { name, version, license } = packageJson(root);
  const names = readdirSync(root);
  const own = names.filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
  const files = own.length > 0 || !IN_README.includes(name) ? own : ["README.md"];
  if (files.length === 0 || !existsSync(join(root, files[0])))
    throw new Error(`${name} ${version} (${license}) is bundled, but its package has no licence text`);
  return files.sort();
}

function packageJson(root) {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}
