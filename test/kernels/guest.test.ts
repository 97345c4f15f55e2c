import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeDisk } from "../../toolchain/src/guest/disk.ts";
import { splats } from "../../toolchain/src/guest/kernel-log.ts";
import { prepareKernels } from "../../toolchain/src/guest/kernels.ts";
import type { CellRun } from "../../toolchain/src/guest/protocol.ts";
import { type GuestRun, runGuest } from "../../toolchain/src/guest/run-guest.ts";
import { compileHelper } from "./build.ts";

/** Says that it is ready, then that it was poked; ends with 0 on SIGINT. */
const PATIENT = `
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
static volatile sig_atomic_t stop;
static void on_signal(int s) { stop = s; }
int main(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigaction(SIGINT, &action, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready %d\\n", getpid());
	while (!stop) {
		usleep(10000);
		if (!access("/tmp/poke", F_OK)) {
			printf("poked\\n");
			unlink("/tmp/poke");
		}
	}
	printf("bye\\n");
	return 0;
}`;

/** Pins a BPF map, so that it outlives the program. */
const LITTER = `
#define _GNU_SOURCE
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 1;
	strcpy(attr.map_name, "litter");
	int fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (unsigned long)"/sys/fs/bpf/litter";
	attr.bpf_fd = fd;
	return fd < 0 || syscall(SYS_bpf, BPF_OBJ_PIN, &attr, sizeof(attr)) != 0;
}`;

let work: string;
let guest: GuestRun;

before(async () => {
  work = await mkdtemp(join(tmpdir(), "guest-test-"));
  const { kernels } = await prepareKernels(["6.1"]);
  const files = {
    patient: await compileHelper("patient", PATIENT, work),
    litter: await compileHelper("litter", LITTER, work),
    node: process.execPath,
  };
  const disk = await makeDisk(files, join(work, "disk.img"));
  guest = await runGuest({
    kernel: kernels[0]!,
    disk,
    cells: [
      {
        name: "seen",
        argv: ["/app/patient"],
        ready: ["^ready [0-9]+$"],
        trigger: "echo poking $CELL_PID; touch /tmp/poke",
        until: ["^poked$"],
      },
      { name: "unseen", argv: ["/app/patient"], ready: ["ready"], until: ["never"], timeoutSeconds: 5 },
      { name: "early", argv: ["/bin/sh", "-c", "echo oh >&2; exit 7"], ready: ["ready"] },
      {
        name: "stubborn",
        argv: ["/bin/sh", "-c", "trap '' INT; echo ready; sleep 60"],
        ready: ["ready"],
        timeoutSeconds: 5,
      },
      { name: "litter", argv: ["/app/litter"], stop: "none", cleanup: "rm /sys/fs/bpf/none || true" },
      {
        name: "splat",
        argv: ["/bin/sh", "-c", "echo '<4>WARNING: CPU: 0 made up' >/dev/kmsg"],
        stop: "none",
      },
      {
        name: "node",
        argv: ["/app/node", "-p", "process.version + process.env.A"],
        env: { A: "=b" },
        stop: "none",
      },
    ],
  });
});

test("a guest of which nothing comes is given up", async () => {
  const { kernels } = await prepareKernels(["6.1"]);
  const disk = await makeDisk({ node: process.execPath }, join(work, "silent.img"));
  const cells = [{ name: "silent", argv: ["/bin/sleep", "60"], stop: "none" as const }];
  const silent = await runGuest({ kernel: kernels[0]!, disk, cells, silenceMs: 2000 });
  assert.equal(silent.finished, false);
  assert.ok(silent.ms < 60_000, `${silent.ms} ms`);
});

after(async () => await rm(work, { recursive: true, force: true }));

function cell(name: string): CellRun {
  const found = guest.cells.find((c) => c.name === name);
  assert.ok(found, `no cell ${name}; the console said:\n${guest.console}`);
  return found;
}

test("the guest ends by itself, without a fault in its log", () => {
  assert.equal(guest.finished, true, guest.console);
  assert.equal(guest.splats.faults.filter((line) => !line.includes("made up")).length, 0);
});

test("a program is started, triggered, seen, stopped by SIGINT and leaves nothing", () => {
  const run = cell("seen");
  assert.deepEqual([run.outcome, run.exit, run.left, run.taint], ["ok", 0, "", 0]);
  assert.match(run.stdout, /^ready (\d+)\npoked\n(poked\n)?bye\n$/);
  const pid = /ready (\d+)/.exec(run.stdout)?.[1];
  assert.match(run.shell, new RegExp(`^poking ${pid}$`, "m"));
});

test("what does not come is given up at the time limit, and the program still ended", () => {
  assert.deepEqual([cell("unseen").outcome, cell("unseen").exit], ["not-seen", 0]);
});

test("a program that ends too early is told from one that is not ready", () => {
  const run = cell("early");
  assert.deepEqual([run.outcome, run.exit, run.stderr], ["exited", 7, "oh\n"]);
});

test("a program that ignores SIGINT is killed and told", () => {
  const run = cell("stubborn");
  assert.deepEqual([run.outcome, run.signal], ["not-stopped", 9]);
});

test("a BPF object that stays is found, and is held against its own cell only", () => {
  assert.match(cell("litter").left, /^map \d+ type 2 litter$/m);
  assert.equal(cell("splat").left, "");
});

test("a warning in the kernel's log is held against its cell", () => {
  assert.equal(splats(cell("splat").log).faults.length, 1);
  assert.deepEqual(splats(cell("node").log).faults, []);
});

test("Node runs with the libraries of the kernel's own release and the given environment", () => {
  assert.equal(cell("node").stdout, `${process.version}=b\n`);
});
