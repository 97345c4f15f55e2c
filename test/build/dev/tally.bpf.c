// Counts UDP packets to one port, in every kind of memory that dev hands over, and numbers them.
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct count {
	__u64 packets;
};

struct event {
	__u64 seq;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
	__type(value, struct event);
} rb SEC(".maps");

const volatile int version = 0;
__u64 total = 0;
int port;
int limit = 5;

SEC("tcx/ingress")
int tally(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	const struct count none = {};
	struct count *count;
	struct event *event;
	__u32 key = 0;
	__u64 seq;

	if (version < 0 || data + 42 > end || *(__u16 *)(data + 12) != bpf_htons(0x0800) || *(__u8 *)(data + 23) != 17)
		return -1;
	if (*(__u16 *)(data + 36) != bpf_htons(port))
		return -1;
	bpf_map_update_elem(&counts, &key, &none, BPF_NOEXIST);
	count = bpf_map_lookup_elem(&counts, &key);
	if (count)
		__sync_fetch_and_add(&count->packets, 1);
	seq = __sync_fetch_and_add(&total, 1);
	event = bpf_ringbuf_reserve(&rb, sizeof(*event), 0);
	if (event) {
		event->seq = seq;
		bpf_ringbuf_submit(event, 0);
	}
	return -1;
}
