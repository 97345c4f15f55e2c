/*
 * A stand-in for Node as the injector sees it, small enough to link in every way: it has the fuse and looks for its
 * blob as Node does, by the program headers the kernel tells of. It also looks where kernels before 5.18 would tell
 * they are, e_phoff past the first segment, and at the .bss and heap that lie around the new segment.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

extern const char __ehdr_start[];

static const volatile char fuse[] = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0";
static char bss[3 << 20];

static const char *blob_in(const char *at, const char *end, unsigned *size)
{
	while (at + sizeof(Elf64_Nhdr) <= end) {
		const Elf64_Nhdr *note = (const void *)at;
		const char *name = at + sizeof(*note);
		const char *desc = name + ((note->n_namesz + 3) & ~3u);

		if (note->n_namesz == sizeof("NODE_SEA_BLOB") && !strcmp(name, "NODE_SEA_BLOB")) {
			*size = note->n_descsz;
			return desc;
		}
		at = desc + ((note->n_descsz + 3) & ~3u);
	}
	return NULL;
}

int main(void)
{
	const Elf64_Ehdr *ehdr = (const void *)__ehdr_start;
	const Elf64_Phdr *told = (const void *)getauxval(AT_PHDR);
	const Elf64_Phdr *before518 = (const void *)(__ehdr_start + ehdr->e_phoff);
	unsigned long count = getauxval(AT_PHNUM), bias = 0;
	const char *blob = NULL;
	unsigned size = 0;
	char *heap;

	for (unsigned long i = 0; i < sizeof(bss); i++)
		if (bss[i])
			return puts("dirty .bss"), 1;
	memset(bss, 1, sizeof(bss));
	heap = malloc(64 << 10);
	if (!heap)
		return 1;
	memset(heap, 2, 64 << 10);

	if (ehdr->e_type == ET_DYN)
		bias = (unsigned long)__ehdr_start;
	for (unsigned long i = 0; i < count && !blob; i++)
		if (told[i].p_type == PT_NOTE)
			blob = blob_in((char *)bias + told[i].p_vaddr, (char *)bias + told[i].p_vaddr + told[i].p_memsz,
				       &size);
	printf("fuse %c, headers %s, blob %.*s\n", fuse[sizeof(fuse) - 2], told == before518 ? "agree" : "differ",
	       blob ? (int)size - 4 : 4, blob ? blob + 4 : "none");
	return 0;
}
