// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf_app.h>
#include "bootstrap_legacy.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The time at which each process began to run its program. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, pid_t);
	__type(value, u64);
} exec_start SEC(".maps");

/*
 * A ring for each CPU. It exists on every kernel that has BPF. The ring buffer, which needs Linux 5.8, has advantages:
 * it keeps the order of events of different CPUs, all CPUs share its memory, and events are built in place.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} pb SEC(".maps");

/* The values of such a map are file descriptors, so the type of the events has to be declared separately. */
BPF_APP_EVENT(pb, struct event);

/* The user side sets it before loading. From then on it is constant, and the verifier removes code that never runs. */
const volatile unsigned long long min_duration_ns = 0;

static void describe(struct event *e, pid_t pid)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	e->pid = pid;
	/* On kernels before Linux 5.5 libbpf replaces bpf_probe_read_kernel() by bpf_probe_read(). */
	e->ppid = BPF_CORE_READ(task, real_parent, tgid);
	bpf_get_current_comm(&e->comm, sizeof(e->comm));
}

SEC("tp/sched/sched_process_exec")
int handle_exec(struct trace_event_raw_sched_process_exec *ctx)
{
	pid_t pid = bpf_get_current_pid_tgid() >> 32;
	u64 now = bpf_ktime_get_ns();
	/*
	 * The event is on the stack, which has 512 bytes. A larger event needs a map in place of the stack. All bytes
	 * are set, because the verifier makes sure that no old bytes of the stack reach user space.
	 */
	struct event e = {};

	bpf_map_update_elem(&exec_start, &pid, &now, BPF_ANY);

	/* With a minimal duration only exits are shown. */
	if (min_duration_ns)
		return 0;

	describe(&e, pid);
	/* The tracepoint's strings lie after its fields. The low half of this field is the offset of the string. */
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

	/* The program runs for every thread that exits. The first thread of a process stands for the process. */
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
