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
 * A classifier of traffic control: called for every packet that comes in through the interface, or leaves by it. It is
 * later than XDP, when the kernel has made a socket buffer of the packet, and works on every device, both ways.
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

	/* Only what lies in the buffer's first part can be read by pointers: have the headers moved there if need be. */
	if (bpf_skb_pull_data(skb, sizeof(*ethernet) + sizeof(*ip)))
		return TC_ACT_UNSPEC;

	/*
	 * The packet is memory one reads without a helper. The verifier wants to see the comparison with the end before
	 * each access, and forgets it whenever a helper may have moved the packet; so pull first, then take pointers.
	 */
	ethernet = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	ip = (void *)(ethernet + 1);
	if ((void *)(ip + 1) > end)
		return TC_ACT_UNSPEC;

	/* Memory in the ring buffer itself: filled in place, and handed over by submit. */
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
	 * The packet goes on as if this program were not there. TC_ACT_SHOT would drop it, TC_ACT_OK let it pass without
	 * asking the programs behind this one, and bpf_redirect() send it elsewhere.
	 */
	return TC_ACT_UNSPEC;
}
