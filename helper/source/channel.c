// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>
#include "channel.h"
#include "tool.h"

#define GREETING "SentraH1"
#define CHOICE_LENGTH 32
#define PROOF_LENGTH 32
#define TAG_LENGTH 16
#define HEAD_LENGTH 4
/* The most that one frame holds, bytes. */
#define MOST_HELD 16384
#define MOST_FRAME (HEAD_LENGTH + MOST_HELD + TAG_LENGTH)
/* How long the other end may take to close after all was said, milliseconds. */
#define PARTING 2000

/* By the key, over a label with its closing zero and the choices of both, which have one length. */
static void derive(const uint8_t key[KEY_LENGTH], const char *label,
		   const uint8_t choices[2 * CHOICE_LENGTH], uint8_t result[KEY_LENGTH])
{
	struct hmac_sha256_ctx context;

	hmac_sha256_set_key(&context, KEY_LENGTH, key);
	hmac_sha256_update(&context, strlen(label) + 1, (const uint8_t *)label);
	hmac_sha256_update(&context, 2 * CHOICE_LENGTH, choices);
	hmac_sha256_digest(&context, KEY_LENGTH, result);
	explicit_bzero(&context, sizeof(context));
}

bool shake_hands(int connection, const uint8_t key[KEY_LENGTH], struct channel *channel)
{
	uint8_t greeting[sizeof(GREETING) - 1], choices[2 * CHOICE_LENGTH];
	uint8_t answer[CHOICE_LENGTH + PROOF_LENGTH], proof[PROOF_LENGTH], expected[PROOF_LENGTH];

	if (!read_all(connection, (char *)greeting, sizeof(greeting)) ||
	    memcmp(greeting, GREETING, sizeof(greeting)) != 0 ||
	    !read_all(connection, (char *)choices, CHOICE_LENGTH) ||
	    getrandom(choices + CHOICE_LENGTH, CHOICE_LENGTH, 0) != CHOICE_LENGTH)
		return false;
	memcpy(answer, choices + CHOICE_LENGTH, CHOICE_LENGTH);
	derive(key, "helper", choices, answer + CHOICE_LENGTH);
	if (!write_all(connection, (const char *)answer, sizeof(answer)) ||
	    !read_all(connection, (char *)proof, sizeof(proof)))
		return false;
	derive(key, "monitor", choices, expected);
	if (!memeql_sec(proof, expected, PROOF_LENGTH))
		return false;
	derive(key, "from monitor", choices, channel->from_monitor);
	derive(key, "to monitor", choices, channel->to_monitor);
	return true;
}

/* One direction: what has come in, and what is still to be written of it. */
struct direction {
	struct gcm_aes256_ctx cipher;
	/* Frames so far; each is sealed with its number. */
	uint64_t number;
	uint8_t in[MOST_FRAME], out[MOST_FRAME];
	size_t in_length, out_length, out_at;
	/* Nothing more is read; and the other end has been told so. */
	bool ended, told;
};

static void begin_frame(struct direction *direction, const uint8_t head[HEAD_LENGTH])
{
	uint8_t nonce[GCM_IV_SIZE] = { 0 };

	for (int i = 0; i < 8; i++)
		nonce[GCM_IV_SIZE - 1 - i] = (uint8_t)(direction->number >> (8 * i));
	direction->number++;
	gcm_aes256_set_iv(&direction->cipher, sizeof(nonce), nonce);
	gcm_aes256_update(&direction->cipher, HEAD_LENGTH, head);
}

/* Seals so much of what has come in into a frame to be written; nothing is the end. */
static void seal(struct direction *direction, size_t length)
{
	uint8_t *head = direction->out, *body = head + HEAD_LENGTH;

	head[0] = head[1] = 0;
	head[2] = (uint8_t)(length >> 8);
	head[3] = (uint8_t)length;
	begin_frame(direction, head);
	gcm_aes256_encrypt(&direction->cipher, length, body, direction->in);
	gcm_aes256_digest(&direction->cipher, TAG_LENGTH, body + length);
	direction->out_at = 0;
	direction->out_length = HEAD_LENGTH + length + TAG_LENGTH;
}

/* How much of the frame that is coming in is still missing; 0 when it is whole, -1 when it is none. */
static ssize_t missing(const struct direction *direction)
{
	const uint8_t *head = direction->in;
	size_t held;

	if (direction->in_length < HEAD_LENGTH)
		return (ssize_t)(HEAD_LENGTH - direction->in_length);
	held = (size_t)head[2] << 8 | head[3];
	if (head[0] != 0 || head[1] != 0 || held > MOST_HELD)
		return -1;
	return (ssize_t)(HEAD_LENGTH + held + TAG_LENGTH - direction->in_length);
}

/* Opens the whole frame that has come in; false when it was not sealed by the other end, just here. */
static bool open_frame(struct direction *direction)
{
	size_t held = direction->in_length - HEAD_LENGTH - TAG_LENGTH;
	uint8_t *body = direction->in + HEAD_LENGTH, tag[TAG_LENGTH];

	begin_frame(direction, direction->in);
	gcm_aes256_decrypt(&direction->cipher, held, direction->out, body);
	gcm_aes256_digest(&direction->cipher, TAG_LENGTH, tag);
	if (!memeql_sec(tag, body + held, TAG_LENGTH))
		return false;
	direction->in_length = 0;
	direction->out_at = 0;
	direction->out_length = held;
	direction->ended = held == 0;
	return true;
}

/* Reads what comes sealed, as far as the end of one frame. False when it is not in order, or is cut. */
static bool take_sealed(int fd, struct direction *direction)
{
	ssize_t wanted = missing(direction);
	ssize_t got = wanted > 0 ? read(fd, direction->in + direction->in_length, (size_t)wanted) : -1;

	if (got < 0)
		return wanted > 0 && (errno == EAGAIN || errno == EINTR);
	if (got == 0)
		return false;
	direction->in_length += (size_t)got;
	wanted = missing(direction);
	return wanted == 0 ? open_frame(direction) : wanted > 0;
}

/* Reads what is to go out sealed. A program that has ended may break its end off: that is one too. */
static bool take_plain(int fd, struct direction *direction)
{
	ssize_t got = read(fd, direction->in, MOST_HELD);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got < 0 && errno != ECONNRESET)
		return false;
	direction->ended = got <= 0;
	seal(direction, got > 0 ? (size_t)got : 0);
	return true;
}

static bool is_waiting(const struct direction *direction)
{
	return direction->out_at < direction->out_length;
}

/* Writes what is still to be written. False when nobody takes it any more. */
static bool give(int fd, struct direction *direction)
{
	ssize_t wrote = send(fd, direction->out + direction->out_at,
			     direction->out_length - direction->out_at, MSG_NOSIGNAL);

	if (wrote < 0)
		return errno == EAGAIN || errno == EINTR;
	direction->out_at += (size_t)wrote;
	return true;
}

/* Where a direction has ended and all of it is written, the other end is told. */
static void tell_end(int fd, struct direction *direction)
{
	if (!direction->ended || direction->told || is_waiting(direction))
		return;
	direction->told = true;
	shutdown(fd, SHUT_WR);
}

static short waits_for(const struct direction *from, const struct direction *to)
{
	bool reads = !from->ended && !is_waiting(from);

	return (short)((reads ? POLLIN : 0) | (is_waiting(to) ? POLLOUT : 0));
}

/* Lets the other end close first: what it has not read yet would be lost by a close with bytes unread. */
static void part(int sealed)
{
	struct pollfd file = { .fd = sealed, .events = POLLIN };
	char ignored[4096];

	for (int rounds = 0; rounds < 100 && poll(&file, 1, PARTING) > 0; rounds++)
		if (read(sealed, ignored, sizeof(ignored)) <= 0)
			return;
}

/* A round of reading and writing; false when it is over. */
static bool go_round(int sealed, int plain, struct direction *in, struct direction *out)
{
	struct pollfd files[2] = {
		{ .fd = sealed, .events = waits_for(in, out) },
		{ .fd = plain, .events = waits_for(out, in) },
	};

	/* An end that waits for nothing would be told as hung up again and again. */
	for (int i = 0; i < 2; i++)
		if (files[i].events == 0)
			files[i].fd = -1;
	if (poll(files, 2, -1) < 0)
		return errno == EINTR;
	if (is_waiting(out) && files[0].revents & (POLLOUT | POLLERR | POLLHUP) && !give(sealed, out))
		return false;
	if (is_waiting(in) && files[1].revents & (POLLOUT | POLLERR | POLLHUP) && !give(plain, in)) {
		/* The program takes no more, and may still have something to say. */
		in->ended = in->told = true;
		in->out_length = 0;
	}
	if (files[0].events & POLLIN && files[0].revents && !take_sealed(sealed, in))
		return false;
	if (files[1].events & POLLIN && files[1].revents && !take_plain(plain, out))
		return false;
	tell_end(plain, in);
	tell_end(sealed, out);
	return !out->told;
}

void pass_on(int sealed, int plain, const struct channel *channel)
{
	static struct direction in, out;

	gcm_aes256_set_key(&in.cipher, channel->from_monitor);
	gcm_aes256_set_key(&out.cipher, channel->to_monitor);
	fcntl(sealed, F_SETFL, O_NONBLOCK);
	fcntl(plain, F_SETFL, O_NONBLOCK);
	while (go_round(sealed, plain, &in, &out))
		;
	close(plain);
	if (out.told)
		part(sealed);
	close(sealed);
}
