// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Fills a ring buffer on demand. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "bpf_app.h"
#include "peers.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, DRAIN_SIZE);
} rb SEC(".maps");
BPF_APP_EVENT(rb, struct event);

struct counters counters = {};

static long produce_one(__u32 index, void *context)
{
	struct event *event = bpf_ringbuf_reserve(&rb, sizeof(*event), 0);

	if (!event) {
		counters.dropped++;
		return 0;
	}
	/* Timestamps of this size take a bigint of one digit, as the kernel's do. */
	event->timestamp = 1000000000000000ULL + counters.produced;
	event->duration = 2ULL * index;
	event->pid = index;
	event->tid = index;
	event->cpu = index & 3;
	event->kind = 0;
	__builtin_memcpy(event->comm, "a-process-name\0", 16);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	counters.produced++;
	return 0;
}

SEC("syscall")
int produce(struct work *work)
{
	bpf_loop(work->count, produce_one, NULL, 0);
	return 0;
}
