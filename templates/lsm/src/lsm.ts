import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { BpfError, eventPrinter, main, reportLost, StateError, until, usageError } from "bpf-app/runtime";
import { bpf_cmd, lsm } from "../.output/lsm.skel.ts";

const USAGE = `Usage: lsm [--pid PID [--deny] | --all] [--duration SECONDS] [--json]

Refuses the bpf() system calls of one process. If none is named it is this one, which then tries a call once a second.

  -p, --pid PID            show the calls of this process
      --deny               refuse them, too
  -a, --all                show the calls of all processes, and refuse none
  -d, --duration SECONDS   end after this many seconds
      --json               print lines of JSON, as in a pipe
  -h, --help               show this help
`;

/** The names of the commands by their numbers. The last entry of the enum only marks its end. */
const COMMANDS = new Map<number, string>(
  Object.entries(bpf_cmd).flatMap(([name, number]) => (name.startsWith("__") ? [] : [[number, name]])),
);

// main() runs this function. On ^C it aborts `signal`, and it turns an error into a message and an exit code.
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
  if (values.help) return console.log(USAGE.trimEnd());
  const pid = values.all ? 0 : processId(values.pid);
  const ourselves = pid === process.pid;
  const end = until(signal, values.duration);
  requireBpfLsm();

  // `using` detaches and unloads the program when this function ends, even if it ends with an error.
  using skel = lsm.open();
  skel.rodata.only_pid = pid;
  skel.rodata.deny = ourselves || values.deny === true;
  skel.load();
  skel.attach();

  // Reading a map is a bpf() call as well.
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

  // When the program is detached, nothing is refused any more, and the map can be read.
  skel.detach();
  for (const [command, count] of skel.maps.refusals.entries()) {
    console.error(`${count} calls of ${nameOf(command)} were refused.`);
  }
});

/** A command has no name here if it is newer than the kernel on which the app was built. */
function nameOf(command: number): string {
  return COMMANDS.get(command) ?? `command ${command}`;
}

function processId(text: string | undefined): number {
  if (text === undefined) return process.pid;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usageError(`"${text}" is no process id`);
  return Number(text);
}

/** If BPF is missing in the kernel's list of security modules, programs can be attached, but the kernel calls none. */
function requireBpfLsm(): void {
  let list: string;
  try {
    list = readFileSync("/sys/kernel/security/lsm", "latin1").trim();
  } catch {
    // The file system is not mounted here. Then only the attempt below shows whether BPF LSM is on.
    return;
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
