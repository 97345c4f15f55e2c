// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * All types of the kernel on which the app is built, generated from its BTF. If another kernel has a field at another
 * offset, libbpf corrects the offset when it loads the program: compile once, run everywhere (CO-RE).
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf_app.h>
#include "bootstrap.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The time at which each process began to run its program. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, pid_t);
	__type(value, u64);
} exec_start SEC(".maps");

/*
 * One queue for all CPUs, which keeps the order of the events. It needs Linux 5.8; bootstrap_legacy works without it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct event);
} rb SEC(".maps");

/* Counts the events that found the ring full. */
BPF_APP_DROPS(rb);

/* The user side sets it before loading. From then on it is constant, and the verifier removes code that never runs. */
const volatile unsigned long long min_duration_ns = 0;

static void describe(struct event *e, pid_t pid)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	e->pid = pid;
	/* Kernel memory is read by a helper. At a wrong address the helper fails, where a plain access would crash. */
	e->ppid = BPF_CORE_READ(task, real_parent, tgid);
	bpf_get_current_comm(&e->comm, sizeof(e->comm));
}

SEC("tp/sched/sched_process_exec")
int handle_exec(struct trace_event_raw_sched_process_exec *ctx)
{
	pid_t pid = bpf_get_current_pid_tgid() >> 32;
	u64 now = bpf_ktime_get_ns();
	struct event *e;

	bpf_map_update_elem(&exec_start, &pid, &now, BPF_ANY);

	/* With a minimal duration only exits are shown. */
	if (min_duration_ns)
		return 0;

	/* Reserves memory in the ring itself, so that the event is built in place and never copied. */
	e = bpf_app_reserve(rb, sizeof(*e));
	if (!e)
		return 0;
	describe(e, pid);
	e->exited = false;
	e->exit_code = 0;
	e->duration_ns = 0;
	/* The tracepoint's strings lie after its fields. The low half of this field is the offset of the string. */
	bpf_probe_read_kernel_str(e->filename, sizeof(e->filename), (void *)ctx + (ctx->__data_loc_filename & 0xffff));
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("tp/sched/sched_process_exit")
int handle_exit(void *ctx)
{
	u64 id = bpf_get_current_pid_tgid(), duration = 0, *start;
	pid_t pid = id >> 32, tid = (u32)id;
	struct event *e;

	(void)ctx;
	/* The program runs for every thread that exits. The first thread of a process stands for the process. */
	if (pid != tid)
		return 0;

	start = bpf_map_lookup_elem(&exec_start, &pid);
	if (start)
		duration = bpf_ktime_get_ns() - *start;
	bpf_map_delete_elem(&exec_start, &pid);
	if (min_duration_ns && duration < min_duration_ns)
		return 0;

	e = bpf_app_reserve(rb, sizeof(*e));
	if (!e)
		return 0;
	describe(e, pid);
	e->exited = true;
	e->exit_code = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), exit_code);
	e->duration_ns = duration;
	e->filename[0] = 0;
	bpf_ringbuf_submit(e, 0);
	return 0;
}
