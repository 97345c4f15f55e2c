import type { CreateFailure } from "./failures.ts";

/** What a person reads: what happened, why where that helps, and the next thing to do. */
export interface Words {
  readonly what: string;
  readonly why?: string;
  readonly next: string;
}

/** The one place where create-bpf-app words its failures. */
export function words(failure: CreateFailure): Words {
  switch (failure.kind) {
    case "usage":
      return { what: failure.problem, next: "create-bpf-app --help lists the flags." };
    case "unknown-template":
      return {
        what: `There is no template "${failure.name}".`,
        why: `Templates: ${failure.known.join(", ")}.`,
        next: failure.guess
          ? `Did you mean --template ${failure.guess}?`
          : "create-bpf-app --list-templates says what each one shows.",
      };
    case "template-invalid":
      return {
        what: `${failure.path} is not a valid template description: ${failure.problem}.`,
        next: "templates/README.md describes the fields.",
      };
    case "target-not-empty":
      return {
        what: `${failure.path} is not empty: it holds ${failure.found}.`,
        why: "Nothing in it was touched.",
        next: "Name another folder, or empty this one yourself.",
      };
    case "target-not-a-folder":
      return {
        what: `${failure.path} is a ${failure.found}, not a folder.`,
        why: "It was not touched.",
        next: "Name another folder.",
      };
    case "target-unwritable":
      return {
        what: `Cannot create ${failure.path} (${failure.code}).`,
        next: "Name a folder you may write to.",
      };
    case "interrupted":
      return {
        what: "Interrupted; nothing was left behind.",
        next: "Run the same command again to start over.",
      };
    case "tool-missing":
      return {
        what: `${failure.tool} was not found; it is needed to ${failure.purpose}.`,
        next: `Install it: apt-get install ${failure.package}`,
      };
    case "command-failed":
      return {
        what: `${failure.command} failed${failure.exitCode === undefined ? "" : ` with exit code ${failure.exitCode}`}.`,
        why: failure.output,
        next: "Nothing was left behind; solve what it complains about and run the same command again.",
      };
    case "install-failed":
      return {
        what: `${failure.command} failed.`,
        why: failure.output,
        next: "Without a network, use --no-install and run npm install in the folder later.",
      };
    case "toolchain-not-built":
      return {
        what: `The toolchain in ${failure.folder} could not be built.`,
        why: failure.output,
        next: "Run npm install in the checkout, then npm run build.",
      };
    case "not-an-app":
      return {
        what: `${failure.path} is not an app made by create-bpf-app: it has no package.json or no src folder.`,
        next: "Run this in the app's folder.",
      };
    case "file-exists":
      return {
        what: `The template ${failure.template} would overwrite ${failure.paths.join(", ")}.`,
        why: "Nothing was changed.",
        next: "Rename those files, then add the template again.",
      };
    case "dependency-conflict":
      return {
        what: `The app depends on ${failure.name} ${failure.have}, the template needs ${failure.want}.`,
        why: "Nothing was changed.",
        next: `Settle on one version of ${failure.name} in package.json, then add the template again.`,
      };
    default:
      return vendorWords(failure);
  }
}

function vendorWords(failure: Extract<CreateFailure, { kind: VendorKind }>): Words {
  switch (failure.kind) {
    case "pins-invalid":
      return {
        what: `${failure.path} is not a valid list of pins: ${failure.problem}.`,
        next: "vendor/README.md describes the fields.",
      };
    case "forge-unreachable":
      return {
        what: `${failure.url} cannot be reached.`,
        why: failure.output,
        next: "Check the network, or take the sources from Debian's archive: --vendor distro",
      };
    case "forge-refused":
      return {
        what: `${failure.url} could not be fetched.`,
        why: failure.output,
        next: "Solve what git complains about, or use --vendor distro.",
      };
    case "tag-missing":
      return {
        what: `${failure.url} has no tag ${failure.tag}.`,
        next: `The pin of ${failure.name} needs to be moved; please report it.`,
      };
    case "tag-moved":
      return {
        what: `The tag ${failure.tag} of ${failure.url} is at ${failure.found}, but ${failure.pinned} is pinned.`,
        why: "Somebody moved the tag, or this is not the repository it should be. Nothing of it was used.",
        next: `Do not build from it; report it, or take ${failure.name} from Debian's archive: --vendor distro`,
      };
    case "keyring-missing":
      return {
        what: `${failure.distro}'s archive keys (${failure.path}) are not on this machine, so its packages cannot be verified.`,
        next: `Install them: apt-get install ${failure.package}`,
      };
    case "archive-unknown":
      return {
        what: `This machine's apt knows no archive of ${failure.distro}.`,
        why: "Neither /etc/apt/sources.list nor a file in /etc/apt/sources.list.d names one.",
        next: `Add a mirror of ${failure.distro} there, or use --vendor git where the forge can be reached.`,
      };
    case "archive-unreachable":
      return {
        what: `The package archive cannot be reached (tried ${failure.archives.join(", ")}).`,
        why: failure.output,
        next: "Check the network and apt's proxy settings, or use --vendor git.",
      };
    case "archive-unsigned":
      return {
        what: `The signature of ${failure.archive} could not be verified.`,
        why: failure.output,
        next: "Update debian-archive-keyring; if that does not help, do not use this archive.",
      };
    case "download-corrupt":
      return {
        what: `What the archive sent as ${failure.package} is not what its signed index promises.`,
        why: failure.output,
        next: "Nothing of it was used. Try again later or with another archive, or use --vendor git.",
      };
    case "package-missing":
      return {
        what: `${failure.suite} has no package ${failure.package}.`,
        why: failure.output,
        next: "Use --vendor git.",
      };
    case "package-odd":
      return {
        what: `The package ${failure.package} is not as expected: ${failure.problem}.`,
        next: "Use --vendor git, and please report it.",
      };
  }
}

type VendorKind = import("./failures.ts").VendorFailure["kind"];
