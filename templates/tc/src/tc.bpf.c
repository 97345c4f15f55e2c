// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf_app.h>
#include "tc.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct packet);
} packets SEC(".maps");

BPF_APP_DROPS(packets);

/*
 * A classifier of traffic control, which is called for every packet that comes in through the interface, or for every
 * packet that leaves by it. It runs later than XDP, when the kernel has made a socket buffer for the packet. It works
 * on every device and in both directions.
 */
SEC("tc")
int tc_packet(struct __sk_buff *skb)
{
	struct packet *packet;
	struct ethhdr *ethernet;
	struct iphdr *ip;
	void *end;

	if (skb->protocol != bpf_htons(ETH_P_IP))
		return TC_ACT_UNSPEC;

	/* Pointers can read only the first part of the buffer. This moves the headers there if they are elsewhere. */
	if (bpf_skb_pull_data(skb, sizeof(*ethernet) + sizeof(*ip)))
		return TC_ACT_UNSPEC;

	/*
	 * The packet is read without a helper. The verifier demands a comparison with the end before each access. When
	 * a helper may have moved the packet, comparisons made before are void; so pull first, and then take the
	 * pointers.
	 */
	ethernet = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	ip = (void *)(ethernet + 1);
	if ((void *)(ip + 1) > end)
		return TC_ACT_UNSPEC;

	/* This is memory in the ring buffer itself. The event is built there, and submit passes it on. */
	packet = bpf_app_reserve(packets, sizeof(*packet));
	if (!packet)
		return TC_ACT_UNSPEC;
	__builtin_memcpy(packet->source, &ip->saddr, 4);
	__builtin_memcpy(packet->destination, &ip->daddr, 4);
	packet->length = bpf_ntohs(ip->tot_len);
	packet->ttl = ip->ttl;
	packet->protocol = ip->protocol;
	bpf_ringbuf_submit(packet, 0);

	/*
	 * The packet goes on as if this program did not exist. TC_ACT_SHOT would drop it, TC_ACT_OK would let it pass
	 * without calling the programs after this one, and bpf_redirect() would send it elsewhere.
	 */
	return TC_ACT_UNSPEC;
}
