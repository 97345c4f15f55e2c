import type { Action } from "../run/events.ts";

/**
 * The built-in actions of a plan, by verb. Each is loaded only when it runs, so that a build with nothing to do loads
 * none of them. Each is also a verb of the command line, so that a printed command can be pasted into a shell.
 */
export const ACTIONS: Readonly<Record<string, Action>> = {
  skeleton: async (args, io) => (await import("../skeleton/index.ts")).skeletonAction(args, io),
  "skeleton-c": async (args, io) =>
    (await import("../skeleton/addon-source.ts")).skeletonSourceAction(args, io),
  "min-core-btf": async (args, io) => (await import("../core-btf/action.ts")).minCoreBtfAction(args, io),
  bundle: async (args, io) => (await import("../bundle/action.ts")).bundleAction(args, io),
  "code-cache": async (args, io) => (await import("../sea/actions.ts")).codeCacheAction(args, io),
  blob: async (args, io) => (await import("../sea/actions.ts")).blobAction(args, io),
  trim: async (args, io) => (await import("../sea/actions.ts")).trimAction(args, io),
  inject: async (args, io) => (await import("../sea/actions.ts")).injectAction(args, io),
  about: async (args, io) => (await import("../inspect/about-action.ts")).aboutAction(args, io),
  notices: async (args, io) => (await import("../inspect/notices-action.ts")).noticesAction(args, io),
  sha256: async (args, io) => (await import("../inspect/about-action.ts")).sha256Action(args, io),
  "fetch-node": async (args, io) => (await import("../cross/node.ts")).fetchNodeAction(args, io),
  "fetch-vmlinux": async (args, io) => (await import("../cross/vmlinux.ts")).fetchVmlinuxAction(args, io),
  "strip-base": async (args, io) => (await import("../sea/actions.ts")).stripBaseAction(args, io),
};
