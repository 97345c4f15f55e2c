// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf_app.h>
#include "execve.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * The initial event. The user side writes it, and may change it at any time, because both sides share the map while the
 * program runs. The map has a single element, whose key is 0.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct event);
} initial_event SEC(".maps");

/* Events go to the user side through this map, which has a ring for each CPU. Its values are file descriptors. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} events SEC(".maps");

/* That is why the type of the events cannot be part of the definition above. It is declared here. */
BPF_APP_EVENT(events, struct event);

SEC("tp/syscalls/sys_enter_execve")
int handle_execve(void *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct event *pattern, event;
	u32 key = 0;

	pattern = bpf_map_lookup_elem(&initial_event, &key);
	if (!pattern)
		return 0;

	/* A copy, because all CPUs share the element, and execve() may be called on each of them at the same time. */
	event = *pattern;
	event.pid = bpf_get_current_pid_tgid() >> 32;
	/* A helper follows the pointers from one kernel structure to the next, field by field. */
	event.ppid = BPF_CORE_READ(task, real_parent, tgid);
	/* This is the name of the program that calls execve(), because the new one does not run yet. */
	bpf_get_current_comm(event.comm, sizeof(event.comm));

	/* Copies the event into the ring of this CPU. */
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	return 0;
}
