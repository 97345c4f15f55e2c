// SPDX-License-Identifier: MIT
/*
 * Attaches the programs of a skeleton and says so, as the examples of libbpf-bootstrap do. It is compiled with
 * -DSKELETON=NAME and, where the object has a ring, with -DRING.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <unistd.h>

#define TEXT_OF(word) #word
#define TEXT(word) TEXT_OF(word)
#define JOIN_OF(name, end) name##end
#define JOIN(name, end) JOIN_OF(name, end)
#define CALL(end) JOIN(SKELETON, _bpf__##end)

#define HEADER_OF(name) TEXT(name.skel.h)
#include HEADER_OF(SKELETON)

int main(void)
{
	struct JOIN(SKELETON, _bpf) *skel = CALL(open)();
	int status = 1;

#ifdef RING
	/* The type of a ring's records stands in the source for TypeScript; the kernel wants none. */
	if (skel && bpf_map__set_value_size(skel->maps.rb, 0))
		return 1;
#endif
	if (skel && !CALL(load)(skel) && !CALL(attach)(skel)) {
		status = puts("attached") < 0 || fflush(stdout);
		pause();
	}
	CALL(destroy)(skel);
	return status;
}
