/* A process to be probed: for every line it calls a function and passes a USDT probe. Built by make.ts. */
#include <stdio.h>
#include <stdlib.h>

/* This is the note that systemtap's sdt.h would write. The arguments are the constant 1, and a register. */
#if defined(__x86_64__)
#define REGISTER "-4@%%edi"
#define IN_REGISTER(value) register int in_register asm("edi") = value
#else
#define REGISTER "-4@x0"
#define IN_REGISTER(value) register int in_register asm("w0") = value
#endif

__attribute__((noinline)) int work_on(int value)
{
	IN_REGISTER(value);
	asm volatile("990: nop\n"
		     ".pushsection .note.stapsdt, \"\", \"note\"\n"
		     ".balign 4\n"
		     ".4byte 992f - 991f, 994f - 993f, 3\n"
		     "991: .asciz \"stapsdt\"\n"
		     "992: .balign 4\n"
		     "993: .8byte 990b, 0, 0\n"
		     ".asciz \"bpf_app\"\n"
		     ".asciz \"working\"\n"
		     ".asciz \"-4@$1 " REGISTER "\"\n"
		     "994: .balign 4\n"
		     ".popsection\n"
		     :
		     : "r"(in_register));
	return value * 2;
}

__attribute__((noinline)) int work_more(int value)
{
	return value + 1;
}

int main(void)
{
	char line[32];
	volatile int sum = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		int value = atoi(line);

		sum += work_on(value) + work_more(value);
		puts("done");
	}
	return sum == 0;
}
