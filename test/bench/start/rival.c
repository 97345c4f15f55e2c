// SPDX-License-Identifier: MIT
/* Attaches the programs by the skeleton and says so, as the examples of libbpf-bootstrap do. */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <unistd.h>

#include "start.skel.h"

int main(void)
{
	struct start_bpf *skel = start_bpf__open();
	int status = 1;

	/* The type of a ring's records stands in the source for TypeScript; the kernel wants none. */
	if (skel && !bpf_map__set_value_size(skel->maps.rb, 0) && !start_bpf__load(skel) && !start_bpf__attach(skel)) {
		status = puts("attached") < 0 || fflush(stdout);
		pause();
	}
	start_bpf__destroy(skel);
	return status;
}
