import type { Capability } from "../facts/capabilities.ts";
import type { Finding } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

/** What has put this process into a container. */
interface Container {
  readonly name: string;
  /** The command that starts one, where it is started by a command of that kind. */
  readonly command?: "docker run" | "podman run";
}

/** The namespaces that the kernel begins with: PROC_UTS_INIT_INO and the like of its include/linux/proc_ns.h. */
const FIRST_NAMESPACES: Readonly<Record<string, string>> = {
  ipc: "ipc:[4026531839]",
  pid: "pid:[4026531836]",
  uts: "uts:[4026531838]",
};

/**
 * Whether a process shares all that containers have of their own. A machine whose disk was made of an image has a container's
 * marks and is none.
 */
function isOutside(machine: Machine): boolean {
  return Object.entries(FIRST_NAMESPACES).every(
    ([name, first]) => machine.link(`/proc/self/ns/${name}`) === first,
  );
}

/** The container that this process is in; undefined if it is in none, or none that says so. */
export function containerOf(machine: Machine): Container | undefined {
  if (isOutside(machine)) return undefined;
  const { environment } = machine;
  if (
    environment.KUBERNETES_SERVICE_HOST !== undefined ||
    machine.exists("/var/run/secrets/kubernetes.io/serviceaccount")
  )
    return { name: "Kubernetes" };
  // Whoever starts a container names himself so (systemd's container interface).
  const named = environment.container ?? textOf(machine, "/run/systemd/container")?.trim();
  if (named === "podman" || machine.exists("/run/.containerenv"))
    return { name: "Podman", command: "podman run" };
  if (named === "docker" || machine.exists("/.dockerenv")) return { name: "Docker", command: "docker run" };
  return named ? { name: named } : undefined;
}

const CONTAINER = "container";

/** Says that this is a container, because all that follows is then about what is seen in it. */
export function container(machine: Machine): Finding | undefined {
  const found = containerOf(machine);
  if (found === undefined) return undefined;
  return {
    subject: CONTAINER,
    state: "ok",
    detail: `${found.name}: what is missing in it is given by whoever starts it`,
  };
}

/** Adds to that finding, where several others say what the container is to be started with, all of it in one line. */
export function allInOne(found: readonly Finding[], machine: Machine): Finding[] {
  const command = containerOf(machine)?.command;
  const options = found.flatMap(({ fix }) => {
    const [first = ""] = (fix ?? "").split("\n");
    const ours = command !== undefined && first.startsWith(`${command} `) && first.endsWith(" …");
    return ours ? [first.slice(command.length + 1, -2)] : [];
  });
  if (options.length < 2) return [...found];
  const fix = `${command} ${options.join(" ")} …`;
  return found.map((one) => (one.subject === CONTAINER ? { ...one, fix } : one));
}

/** What a container is to be started with. */
export interface Wanted {
  readonly capabilities?: readonly Capability[];
  /** Without a seccomp filter. */
  readonly unconfined?: boolean;
  /** Paths of the machine that it is to see. */
  readonly paths?: readonly string[];
}

/** What to do about a container that lacks something: options of the command that starts it, or lines of its manifest. */
export function startedWith({ name, command }: Container, wanted: Wanted): string {
  const { capabilities = [], unconfined = false, paths = [] } = wanted;
  const short = capabilities.map((one) => one.replace(/^CAP_/, ""));
  if (command !== undefined) {
    const options = [
      ...short.map((one) => `--cap-add ${one}`),
      ...(unconfined ? ["--security-opt seccomp=unconfined"] : []),
      ...paths.map((path) => `-v ${path}:${path}`),
    ];
    return `${command} ${options.join(" ")} …`;
  }
  const lines = [
    ...(short.length > 0 ? [`capabilities: { add: [${short.join(", ")}] }`] : []),
    ...(unconfined ? ["seccompProfile: { type: Unconfined }"] : []),
  ];
  const parts = [
    ...(lines.length > 0 ? [`securityContext: { ${lines.join(", ")} }`] : []),
    ...paths.map((path) => `a volume hostPath: { path: ${path} }, mounted at ${path}`),
  ];
  if (name === "Kubernetes") return parts.join(", and ");
  const words = [
    ...short.map((one) => `CAP_${one}`),
    ...(unconfined ? ["no seccomp filter that refuses it"] : []),
    ...paths,
  ];
  return `Have the container (${name}) started with ${words.join(", ")}.`;
}
