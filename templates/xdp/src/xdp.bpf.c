// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "xdp.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * Millions of packets a second are too many for events: they are counted, and the user side reads the counts. Each CPU
 * has counts of its own, so that none waits for another and no addition needs to be atomic.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CLASSES);
	__type(key, unsigned int);
	__type(value, struct count);
} sizes SEC(".maps");

/* A loop whose end the verifier can see needs no unrolling (Linux 5.3). */
static unsigned int size_class(unsigned long bytes)
{
	unsigned int class = 0;

	while (class < CLASSES - 1 && bytes >> (class + 1))
		class++;
	return class;
}

/*
 * Called for every packet that comes in, as early as there is one: in the driver's receive path, before the kernel
 * allocates anything for it. Where a driver has no XDP, as lo has none, the kernel calls it a little later ("generic").
 */
SEC("xdp")
int xdp_count(struct xdp_md *ctx)
{
	unsigned long bytes = ctx->data_end - ctx->data;
	unsigned int class = size_class(bytes);
	struct count *count = bpf_map_lookup_elem(&sizes, &class);

	if (count) {
		count->packets++;
		count->bytes += bytes;
	}

	/* On to the network stack. XDP_DROP would end the packet here, XDP_TX send it back out of the same interface. */
	return XDP_PASS;
}
