// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf_app.h>
#include "bootstrap_legacy.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* When each process began to run its program. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, pid_t);
	__type(value, u64);
} exec_start SEC(".maps");

/*
 * A ring for each CPU, on every kernel that has BPF. Compared with a ring buffer (Linux 5.8) events of different CPUs
 * come out of order, each CPU has its own memory to fill, and an event is built elsewhere and copied.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} pb SEC(".maps");

/* The values of such a map are file descriptors: what comes through it is said apart. */
BPF_APP_EVENT(pb, struct event);

/* Set before loading, constant from then on: the verifier leaves out what can never run. */
const volatile unsigned long long min_duration_ns = 0;

static void describe(struct event *e, pid_t pid)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	e->pid = pid;
	/* libbpf puts bpf_probe_read() in the place of bpf_probe_read_kernel() on kernels before Linux 5.5. */
	e->ppid = BPF_CORE_READ(task, real_parent, tgid);
	bpf_get_current_comm(&e->comm, sizeof(e->comm));
}

SEC("tp/sched/sched_process_exec")
int handle_exec(struct trace_event_raw_sched_process_exec *ctx)
{
	pid_t pid = bpf_get_current_pid_tgid() >> 32;
	u64 now = bpf_ktime_get_ns();
	/*
	 * On the stack, which has 512 bytes in all; larger events take a map as their scratch pad. All bytes are set:
	 * nothing that was on the stack before may reach user space, and the verifier sees to that.
	 */
	struct event e = {};

	bpf_map_update_elem(&exec_start, &pid, &now, BPF_ANY);

	/* Whoever asks for a minimal duration wants to see exits only. */
	if (min_duration_ns)
		return 0;

	describe(&e, pid);
	/* A string of the tracepoint lies behind its fields; the low half of this says where. */
	bpf_probe_read_kernel_str(e.filename, sizeof(e.filename), (void *)ctx + (ctx->__data_loc_filename & 0xffff));
	bpf_perf_event_output(ctx, &pb, BPF_F_CURRENT_CPU, &e, sizeof(e));
	return 0;
}

SEC("tp/sched/sched_process_exit")
int handle_exit(void *ctx)
{
	u64 id = bpf_get_current_pid_tgid(), duration = 0, *start;
	pid_t pid = id >> 32, tid = (u32)id;
	struct event e = {};

	/* Every thread comes by here; the process is its first one. */
	if (pid != tid)
		return 0;

	start = bpf_map_lookup_elem(&exec_start, &pid);
	if (start)
		duration = bpf_ktime_get_ns() - *start;
	bpf_map_delete_elem(&exec_start, &pid);
	if (min_duration_ns && duration < min_duration_ns)
		return 0;

	describe(&e, pid);
	e.exited = true;
	e.exit_code = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), exit_code);
	e.duration_ns = duration;
	bpf_perf_event_output(ctx, &pb, BPF_F_CURRENT_CPU, &e, sizeof(e));
	return 0;
}
