// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Fills a ring buffer on demand, and holds a counter and a hash to read. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "bpf_app.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* 48 bytes */
struct event {
	__u64 timestamp;
	__u64 sequence;
	__u32 pid;
	__u32 cpu;
	char comm[16];
	__u64 duration;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024 * 1024);
	__type(value, struct event);
} rb SEC(".maps");
BPF_APP_DROPS(rb);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, __u64);
} table SEC(".maps");

__u64 produced;
__u32 counter = 0;

struct work {
	__u32 count;
};

static long produce_one(__u32 index, void *context)
{
	struct event *event = bpf_app_reserve(rb, sizeof(*event));
	__u64 sequence = produced++;

	if (!event)
		return 0;
	event->timestamp = 1000000000 + sequence;
	event->sequence = sequence;
	event->pid = index;
	event->cpu = index & 3;
	__builtin_memcpy(event->comm, "a-process-name", 15);
	event->duration = sequence ^ 0x5555;
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("syscall")
int produce(struct work *work)
{
	counter++;
	bpf_loop(work->count, produce_one, NULL, 0);
	return 0;
}
