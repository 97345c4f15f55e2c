import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { BpfError, eventPrinter, main, reportLost, StateError, until, usageError } from "bpf-app/runtime";
import { bpf_cmd, lsm } from "../.output/lsm.skel.ts";

const usage = `Usage: lsm [--pid PID [--deny] | --all] [--duration SECONDS] [--json]

Refuses the bpf() system call to one process: to itself, which tries it once a second, if no other is named.

  -p, --pid PID            show the calls of this process
      --deny               and refuse them
  -a, --all                show the calls of all processes, and refuse none
  -d, --duration SECONDS   end after so many seconds
      --json               lines of JSON, as in a pipe
  -h, --help               show this
`;

/** By number. The last entry of the enum only marks its end. */
const COMMANDS = new Map<number, string>(
  Object.entries(bpf_cmd).flatMap(([name, number]) => (name.startsWith("__") ? [] : [[number, name]])),
);

// main() runs the program, ends it on ^C through `signal`, and turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: {
      pid: { type: "string", short: "p" },
      deny: { type: "boolean" },
      all: { type: "boolean", short: "a" },
      duration: { type: "string", short: "d" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(usage.trimEnd());
  const pid = values.all ? 0 : processId(values.pid);
  const ourselves = pid === process.pid;
  const end = until(signal, values.duration);
  requireBpfLsm();

  // `using` detaches and unloads the program when this function ends, in whatever way.
  using skel = lsm.open();
  skel.rodata.only_pid = pid;
  skel.rodata.deny = ourselves || values.deny === true;
  skel.load();
  skel.attach();

  // A look into a map is a bpf() call, too.
  const refused = () => {
    try {
      skel.maps.refusals.get(bpf_cmd.BPF_MAP_LOOKUP_ELEM);
      return false;
    } catch (error) {
      if (error instanceof BpfError && error.code === "EPERM") return true;
      throw error;
    }
  };
  if (ourselves && !refused()) throw notAsked("bpf() is allowed though the program refuses it");

  using _ = reportLost(skel.maps.calls);
  const what = pid === 0 ? "all processes" : ourselves ? "this process" : `process ${pid}`;
  console.error(`${skel.rodata.deny ? "Refusing" : "Watching"} bpf() calls of ${what}; ^C ends it.`);
  const print = eventPrinter({
    json: values.json,
    columns: { pid: ["PID", 7], comm: ["COMM", -16], command: ["COMMAND", -28], verdict: ["VERDICT", -7] },
  });
  const timer = ourselves ? setInterval(refused, 1000) : undefined;
  for await (const { pid, comm, command, denied } of skel.maps.calls.events({ signal: end })) {
    print({ pid, comm, command: nameOf(command), verdict: denied ? "refused" : "allowed" });
  }
  clearInterval(timer);

  // Without the program there is nobody to refuse, and the map can be read.
  skel.detach();
  for (const [command, count] of skel.maps.refusals.entries()) {
    console.error(`${count} calls of ${nameOf(command)} were refused.`);
  }
});

/** Commands newer than the kernel that the app was built on have no name. */
function nameOf(command: number): string {
  return COMMANDS.get(command) ?? `command ${command}`;
}

function processId(text: string | undefined): number {
  if (text === undefined) return process.pid;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usageError(`"${text}" is no process id`);
  return Number(text);
}

/** Where the kernel's list of security modules lacks BPF's, programs attach, and then nobody asks them. */
function requireBpfLsm(): void {
  let list: string;
  try {
    list = readFileSync("/sys/kernel/security/lsm", "latin1").trim();
  } catch {
    return; // The file system is not mounted here: trying tells.
  }
  if (!list.split(",").includes("bpf")) throw notAsked(`the active security modules are ${list}`, list);
}

function notAsked(why: string, list = "..."): StateError {
  return new StateError(
    "lsm",
    `BPF LSM is not on: ${why}`,
    `Boot with lsm=${list},bpf on the kernel's command line (GRUB: GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub).`,
  );
}
