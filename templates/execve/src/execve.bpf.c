// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf_app.h>
#include "execve.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * What an event looks like at first. The user side fills this in, and may do so at any time: a map is shared while the
 * program runs. This one has a single element, with the key 0.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct event);
} initial_event SEC(".maps");

/* The way of events to the user side: a ring for each CPU. The kernel wants file descriptors as its values. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} events SEC(".maps");

/* So the definition above cannot say what an event is. This does. */
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

	/* A copy of our own: the element is shared by all CPUs, on each of which somebody may call execve() right now. */
	event = *pattern;
	event.pid = bpf_get_current_pid_tgid() >> 32;
	/* Pointers from one kernel structure to the next are followed by a helper, field by field. */
	event.ppid = BPF_CORE_READ(task, real_parent, tgid);
	/* Still the name of the program that calls execve(); the new one is not running yet. */
	bpf_get_current_comm(event.comm, sizeof(event.comm));

	/* Copies it into the ring of the CPU we are on. */
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	return 0;
}
