// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Sends an event, or a burst of them, whenever the producer changes its name. That tracepoint costs the consumers
 * nothing: one on system calls would make every system call of every process slower, and not of all rivals alike.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "bpf_app.h"
#include "peers.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RATES_SIZE);
} rb SEC(".maps");
BPF_APP_EVENT(rb, struct event);

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} pb SEC(".maps");
BPF_APP_EVENT(pb, struct event);

const volatile struct settings settings = {};
struct counters counters = {};

static __always_inline void describe(struct event *event)
{
	__u64 index = counters.produced++;

	event->timestamp = bpf_ktime_get_ns();
	event->duration = 2 * index;
	event->pid = index;
	event->tid = index;
	event->cpu = 0;
	event->kind = 0;
	__builtin_memcpy(event->comm, "a-process-name\0", 16);
}

static long ring_one(__u32 index, void *context)
{
	struct event *event = bpf_ringbuf_reserve(&rb, sizeof(*event), 0);

	if (!event) {
		counters.produced++;
		counters.dropped++;
		return 0;
	}
	describe(event);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

static long perf_one(__u32 index, void **context)
{
	struct event event;

	describe(&event);
	if (bpf_perf_event_output(*context, &pb, BPF_F_CURRENT_CPU, &event, sizeof(event)))
		counters.dropped++;
	return 0;
}

static __always_inline int wanted(void)
{
	return bpf_get_current_pid_tgid() >> 32 == settings.target;
}

SEC("raw_tp/task_rename")
int to_ring(void *context)
{
	if (!wanted())
		return 0;
	if (settings.burst == 1)
		ring_one(0, NULL);
	else
		bpf_loop(settings.burst, ring_one, NULL, 0);
	return 0;
}

SEC("raw_tp/task_rename")
int to_perf(void *context)
{
	if (!wanted())
		return 0;
	if (settings.burst == 1)
		perf_one(0, &context);
	else
		bpf_loop(settings.burst, perf_one, &context, 0);
	return 0;
}
