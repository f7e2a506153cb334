/* A process whose first thread has ended, and whose other one lives on. */
#include <pthread.h>
#include <unistd.h>

static void *live_on(void *none)
{
	for (;;)
		pause();
	return none;
}

int main(void)
{
	pthread_t other;

	if (pthread_create(&other, NULL, live_on, NULL) != 0)
		return 1;
	pthread_exit(NULL);
}
