// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "xdp.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * Millions of packets a second would be too many events, so packets are counted, and the user side reads the counts.
 * Each CPU has its own counts, so that no CPU waits for another, and additions need not be atomic.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CLASSES);
	__type(key, unsigned int);
	__type(value, struct count);
} sizes SEC(".maps");

/* The verifier accepts a loop if it can see that the loop ends (Linux 5.3). */
static unsigned int size_class(unsigned long bytes)
{
	unsigned int class = 0;

	while (class < CLASSES - 1 && bytes >> (class + 1))
		class++;
	return class;
}

/*
 * Called for every packet that comes in, as early as possible: in the driver's receive path, before the kernel
 * allocates anything for the packet. If the driver does not support XDP, as that of lo, the kernel calls it a little
 * later ("generic").
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

	/* The packet goes on to the network stack. XDP_DROP would drop it, and XDP_TX would send it back. */
	return XDP_PASS;
}
