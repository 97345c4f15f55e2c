// The app of the tests about what a kernel has and what a process may: its verbs do something, and say in JSON how it went.
import { readdirSync, readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import {
  BpfError,
  type Capability,
  dropPrivileges,
  type OpenOptions,
  type Program,
  probe,
} from "bpf-app/runtime";
import { trial } from "../.output/trial.skel.ts";

type Trial = ReturnType<typeof trial.open>;
type Name = keyof Trial["progs"];

/** Where a BPF token is taken from, if one is to be used. */
const { TRIAL_TOKEN } = process.env;
const OPTIONS: OpenOptions = TRIAL_TOKEN === undefined ? {} : { tokenPath: TRIAL_TOKEN };

/** What the compiler has to accept, and to refuse. It is never called. */
export function types(skel: Trial): void {
  const way: "new" | "old" = skel.choose({ new: ["by_fentry"], old: ["by_kprobe", "by_kretprobe"] });
  const kind: "fentry" | "tp" = skel.choose("fentry", "tp");
  // @ts-expect-error: there is no such program
  skel.choose({ way: ["by_nothing"] });
  // @ts-expect-error: there is no such kind of sections
  skel.choose("way");
  // @ts-expect-error: it is one of the groups
  const other: "other" = skel.choose({ way: ["by_fentry"] });
  // @ts-expect-error: there is no such capability
  dropPrivileges({ keep: ["CAP_ALL"] });
  say([way, kind, other]);
}

/** What happened, or the error's parts. */
function attempt<T>(what: () => T): { value?: T; code?: string; message?: string; name?: string } {
  try {
    return { value: what() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      name: error.name,
      code: error instanceof BpfError ? error.code : "",
      message: error.message,
    };
  }
}

function say(value: unknown): void {
  console.log(JSON.stringify(value));
}

function alone(name: Name): { skel: Trial; program: Program } {
  const skel = trial.open(OPTIONS);
  const program = skel.progs[name];
  program.setAutoload(true);
  skel.bss.subject = process.pid;
  return { skel, program };
}

/** How programs of a section are attached to a function or tracepoint that the section does not name. */
const WAYS: Readonly<Record<string, { name: Name; attach?: (program: Program, target: string) => unknown }>> =
  {
    fentry: { name: "by_fentry" },
    fexit: { name: "by_fexit" },
    tp_btf: { name: "by_tp_btf" },
    lsm: { name: "by_lsm" },
    kprobe: { name: "by_kprobe", attach: (program, target) => program.attachKprobe(target) },
    kretprobe: {
      name: "by_kretprobe",
      attach: (program, target) => program.attachKprobe(target, { retprobe: true }),
    },
    raw_tp: { name: "by_raw_tp", attach: (program, target) => program.attachRawTracepoint(target) },
    tp: {
      name: "by_tp",
      attach: (program, target) => program.attachTracepoint(...(target.split("/") as [string, string])),
    },
  };

/** Attaches a real program: what a probe's answer is compared with. */
function really(section: string): void {
  const [kind = "", ...target] = section.split("/");
  const way = WAYS[kind];
  if (way === undefined) throw new Error(`no way to attach ${section}`);
  const { skel, program } = alone(way.name);
  using _ = skel;
  if (!way.attach) program.setAttachTarget(target.join("/"));
  skel.load();
  if (way.attach) way.attach(program, target.join("/"));
  else program.attach();
}

/** Makes system calls. */
function call(): void {
  readdirSync("/proc/self/task");
}

const VERBS: Readonly<Record<string, (args: string[]) => unknown>> = {
  /** probe SECTION…: what the probe says of each section, and what happens when a real program is attached. */
  probe(sections) {
    using _ = trial.open(OPTIONS);
    for (const section of sections) {
      const asked = attempt(() => probe.whyNot(section) ?? null);
      const done = attempt(() => really(section) ?? true);
      const attached = done.value === true;
      say({ section, why: asked.value, refused: asked.message, attached, error: done.message });
    }
  },

  /** struct TYPE[:MEMBER]… */
  struct(types) {
    using _ = trial.open();
    for (const type of types) {
      const [name = "", member] = type.split(":");
      say({ type, has: attempt(() => probe.struct(name, member)) });
    }
  },

  /** choose TARGET: fentry at the target, then kprobes on a system call, then a tracepoint; and what nobody can attach. */
  choose([target = "vfs_read"]) {
    using skel = trial.open(OPTIONS);
    const way = attempt(() => {
      skel.progs.by_fentry.setAttachTarget(target);
      skel.progs.by_fexit.setAttachTarget(target);
      return skel.choose({ fentry: ["by_fentry", "by_fexit"], ksyscall: ["by_ksyscall"], tp: ["by_tp"] });
    });
    const kind = attempt(() => skel.choose("ksyscall", "tp"));
    const only = attempt(() => skel.choose({ a: ["by_fentry", "by_iter"], b: ["by_iter"] }));
    skel.progs.by_raw_tp.setAutoload(true);
    skel.load();
    const loaded = Object.values(skel.progs).filter(({ fd }) => fd >= 0);
    const late = attempt(() => skel.choose("tp"));
    say({ way, kind, only, loaded: loaded.map(({ name }) => name), late });
  },

  /** none: what is said when nothing attaches, and what is not accepted. */
  none() {
    using skel = trial.open(OPTIONS);
    const groups = { hook: ["by_missing_hook"], tracepoint: ["by_iter", "by_missing_tp"] } as const;
    const wrong = { none: [], other: ["by_iter", "by_nothing"] } as const;
    say({
      none: attempt(() => skel.choose(groups)),
      empty: attempt(() => skel.choose({ none: wrong.none })),
      unknown: attempt(() => skel.choose({ other: wrong.other } as never)),
      kind: attempt(() => skel.choose("usdt")),
      autoload: Object.values(skel.progs)
        .filter(({ autoload }) => autoload)
        .map(({ name }) => name),
    });
  },

  /** as PROGRAM: loads and attaches one program. */
  as([name = ""]) {
    say(
      attempt(() => {
        const { skel, program } = alone(name as Name);
        using _ = skel;
        if (name === "by_fentry") program.setAttachTarget("vfs_read");
        skel.load();
        const how = BY_HAND[name as Name];
        if (how) how(program);
        else skel.attach();
        return true;
      }),
    );
  },

  /** drop [UID]: attaches, gives everything up, and sees what still works and what does not. */
  async drop([uid]) {
    const worker = new Worker("setInterval(() => {}, 1000)", { eval: true });
    await new Promise((resolve) => worker.once("online", resolve));
    const { skel } = alone("by_raw_tp");
    using _ = skel;
    skel.load();
    skel.attach();
    const keep: Capability[] = process.argv.includes("--keep-bpf") ? ["CAP_BPF"] : [];
    dropPrivileges(
      uid === undefined || uid.startsWith("-") ? { keep } : { keep, uid: Number(uid), gid: Number(uid) },
    );
    const events: number[] = [];
    for (let tries = 0; tries < 50 && events.length === 0; tries++) {
      call();
      skel.maps.events.drain((e) => void events.push(e.pid));
    }
    const counted = attempt(() => skel.maps.counts.get(0) ?? 0);
    const again = attempt(() => trial.openAndLoad().destroy());
    const threads = readdirSync("/proc/self/task").map((thread) => {
      const status = readFileSync(`/proc/self/task/${thread}/status`, "latin1");
      const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1];
      return {
        name: field("Name"),
        effective: field("CapEff"),
        permitted: field("CapPrm"),
        inheritable: field("CapInh"),
        bounding: field("CapBnd"),
        ambient: field("CapAmb"),
        noNewPrivileges: field("NoNewPrivs"),
        uid: field("Uid"),
      };
    });
    await worker.terminate();
    say({ events: events.filter((pid) => pid === process.pid).length, counted, again, threads });
  },
};

const BY_HAND: Partial<Record<Name, (program: Program) => unknown>> = {
  by_socket: (program) => program.attachSocketFilter("lo"),
  by_tc: (program) => program.attachTcx("lo"),
  by_xdp: (program) => program.attachXdp("lo"),
  by_perf_event: (program) => program.attachPerfEvent({ frequency: 1 }),
  by_uprobe: (program) => program.attachUprobe({ binary: "/proc/self/exe", offset: 4096 * 1000 }),
  by_uprobe_multi: (program) =>
    program.attachUprobeMulti({ binary: "/proc/self/exe", offsets: [4096n * 1000n] }),
  by_cgroup_skb: (program) => program.attachCgroup(cgroup()),
  by_sock_addr: (program) => program.attachCgroup(cgroup()),
  by_cgroup_dev: (program) => program.attachCgroup(cgroup()),
  by_sk_lookup: (program) => program.attachNetns(),
  by_netfilter: (program) =>
    program.attachNetfilter({ family: "inet", hook: "local_in", priority: 1 } as never),
};

function cgroup(): string {
  return readdirSync("/sys/fs/cgroup").includes("unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
}

const [verb = "", ...args] = process.argv.slice(2);
const body = VERBS[verb];
if (!body) throw new Error(`no verb ${verb}`);
await body(args);
