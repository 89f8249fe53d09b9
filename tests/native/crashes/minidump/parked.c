// Is interrupted by a signal whose handler runs on a stack of its own, and stays there.
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>

static volatile int turns;

__attribute__((noinline)) void park(int number) {
    turns += number; // the debugger stops here
}

static void onOtherStack(int number, siginfo_t *info, void *context) {
    (void)info, (void)context;
    park(number);
    turns++;
}

__attribute__((noinline)) static int weigh(int weight) {
    raise(SIGUSR2);
    return weight + turns;
}

__attribute__((noinline)) static int charge(int cents) {
    return weigh(cents) + 1;
}

int main(void) {
    stack_t other = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
    sigaltstack(&other, NULL);
    struct sigaction action = {.sa_sigaction = onOtherStack, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGUSR2, &action, NULL);
    return charge(3) + 1;
}
