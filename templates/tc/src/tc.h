/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef TC_H
#define TC_H

struct packet {
	unsigned char source[4];
	unsigned char destination[4];
	unsigned short length; /* the length of the IP packet, including its header */
	unsigned char ttl;
	unsigned char protocol; /* IPPROTO_TCP, … */
};

#endif
