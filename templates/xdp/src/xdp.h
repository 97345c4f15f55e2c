/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef XDP_H
#define XDP_H

/* Class n has the packets of 2^n to 2^(n+1) - 1 bytes. The last class also has all longer ones. */
#define CLASSES 16

struct count {
	unsigned long long packets;
	unsigned long long bytes;
};

#endif
