// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Fills a ring buffer on demand, and holds a counter and a hash to read. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "bpf_app.h"
#include "ring.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
	__type(value, struct event);
} rb SEC(".maps");
BPF_APP_DROPS(rb);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, __u64);
} table SEC(".maps");

__u64 produced = 0;
__u32 fills = 0;

struct work {
	__u32 count;
};

static long produce_one(__u32 index, void *context)
{
	struct event *event = bpf_app_reserve(rb, sizeof(*event));

	if (!event)
		return 0;
	/* Timestamps of this size take a bigint of one digit, as the kernel's do. */
	event->timestamp = 1000000000000000ULL + produced;
	event->duration = 2ULL * index;
	event->pid = index;
	event->tid = index;
	event->cpu = index & 3;
	event->kind = 0;
	__builtin_memcpy(event->comm, "a-process-name\0", 16);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	produced++;
	return 0;
}

SEC("syscall")
int produce(struct work *work)
{
	fills++;
	bpf_loop(work->count, produce_one, NULL, 0);
	return 0;
}
