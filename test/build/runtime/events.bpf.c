// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Maps of every kind that carries events, and a program that makes events when it is called. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "bpf_app.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct event {
	__u64 sequence;
	__u32 check;
	__u32 kind;
	char text[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
	__type(value, struct event);
} rb SEC(".maps");
BPF_APP_DROPS(rb);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} raw SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, __u32);
} numbers SEC(".maps");

/* A map whose events are shorter than its declaration says. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} shorts SEC(".maps");

struct order {
	__u32 add;
	__u32 times;
};

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct order);
} orders SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perf SEC(".maps");
BPF_APP_EVENT(perf, struct event);

unsigned long long produced = 0;
unsigned long long refused = 0;
unsigned long long sum = 0;
int subject = 0;

struct work {
	__u32 count;
	/* every so many is discarded; 0 for none */
	__u32 discard;
};

static void fill(struct event *event, __u64 sequence)
{
	event->sequence = sequence;
	event->check = (__u32)sequence ^ 0xa5a5a5a5;
	event->kind = sequence & 3;
	__builtin_memcpy(event->text, "some text", 10);
}

static long produce_one(__u32 index, struct work *work)
{
	struct event *event = bpf_app_reserve(rb, sizeof(*event));
	__u64 sequence = produced;

	if (work->discard && index % work->discard == 0) {
		if (event)
			bpf_ringbuf_discard(event, 0);
		return 0;
	}
	produced++;
	if (!event)
		return 0;
	fill(event, sequence);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("syscall")
int produce(struct work *work)
{
	struct work copy = { .count = work->count, .discard = work->discard };

	bpf_loop(copy.count, produce_one, &copy, 0);
	return 0;
}

SEC("tp/syscalls/sys_enter_getpgid")
int on_getpgid(void *ctx)
{
	struct event event = {};
	__u32 number;

	if ((int)(bpf_get_current_pid_tgid() >> 32) != subject)
		return 0;
	fill(&event, produced++);
	if (bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &event, sizeof(event)))
		refused++;
	number = (__u32)event.sequence;
	bpf_ringbuf_output(&shorts, &event, number & 1 ? 8 : sizeof(event), 0);
	bpf_ringbuf_output(&numbers, &number, sizeof(number), 0);
	bpf_ringbuf_output(&raw, "abcdefg", (number & 3) + 1, 0);
	return 0;
}

static long drain_one(struct bpf_dynptr *record, void *context)
{
	struct order order;

	if (bpf_dynptr_read(&order, sizeof(order), record, 0, 0))
		return 0;
	sum += order.add * order.times;
	return 0;
}

SEC("tp/syscalls/sys_enter_getppid")
int drain(void *ctx)
{
	if ((int)(bpf_get_current_pid_tgid() >> 32) == subject)
		bpf_user_ringbuf_drain(&orders, drain_one, 0, 0);
	return 0;
}
