// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf_app.h>
#include "ksyscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The calls that have begun, by thread. The arguments are known at the entry, and the result at the return. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, struct event);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct event);
} events SEC(".maps");

BPF_APP_DROPS(events);

/* If it is 0, all processes are traced. The user side sets it before loading; after that it is constant. */
const volatile int only_pid = 0;

static int begin(enum system_call call, int target, int signal)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 thread = id;
	struct event e = { .call = call, .pid = id >> 32, .target = target, .signal = signal };

	if (only_pid && e.pid != only_pid)
		return 0;
	bpf_get_current_comm(e.comm, sizeof(e.comm));
	bpf_map_update_elem(&calls, &thread, &e, BPF_ANY);
	return 0;
}

static int finish(int result)
{
	u32 thread = bpf_get_current_pid_tgid();
	struct event *e = bpf_map_lookup_elem(&calls, &thread);

	if (!e)
		return 0;
	e->result = result;
	/* The event is complete already, so it is copied into the ring instead of being built there. */
	bpf_app_output(events, e, sizeof(*e));
	bpf_map_delete_elem(&calls, &thread);
	return 0;
}

/*
 * The kernel's function for kill() is __x64_sys_kill on x86-64, __arm64_sys_kill on arm64, and sys_kill on older
 * kernels. Since Linux 4.17 its arguments are in a pt_regs to which its only argument points. The section and the macro
 * take care of all that, so the arguments are simply those of the manual page.
 */
SEC("ksyscall/kill")
int BPF_KSYSCALL(kill_enter, pid_t pid, int sig)
{
	return begin(CALL_KILL, pid, sig);
}

SEC("kretsyscall/kill")
int BPF_KRETPROBE(kill_exit, int result)
{
	return finish(result);
}

/* Sends a signal to a thread. pthread_kill() and raise() call it. */
SEC("ksyscall/tgkill")
int BPF_KSYSCALL(tgkill_enter, pid_t tgid, pid_t tid, int sig)
{
	(void)tgid;
	return begin(CALL_TGKILL, tid, sig);
}

SEC("kretsyscall/tgkill")
int BPF_KRETPROBE(tgkill_exit, int result)
{
	return finish(result);
}
