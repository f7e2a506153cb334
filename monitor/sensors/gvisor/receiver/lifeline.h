/*
 * A container that is traced from its start waits for the answer to its sandbox's greeting, without
 * limit. So the thread that answers has to live or to be gone, and nothing in between: a timer of the
 * kernel's kills the whole program unless that thread puts it off. It strikes also while the program
 * is stopped or hangs, and takes the connections along, upon which such a container starts untraced.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* How long that thread may be away, and how often it puts the timer off at most; milliseconds. */
#define LIFELINE_MS 2000
#define PUT_OFF_MS 250

static timer_t lifeline;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

static bool make_lifeline(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };

	return timer_create(CLOCK_MONOTONIC, &event, &lifeline) == 0;
}

static void hold_lifeline(void)
{
	static uint64_t held_at;
	struct itimerspec due = { .it_value = { LIFELINE_MS / 1000, LIFELINE_MS % 1000 * 1000000 } };
	uint64_t now = now_ms();

	if (now - held_at < PUT_OFF_MS)
		return;
	held_at = now;
	timer_settime(lifeline, 0, &due, NULL);
}
