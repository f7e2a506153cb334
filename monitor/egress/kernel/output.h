/* A reply is built whole before it is written, so that a failure on the way leaves no half of one. */
#ifndef SENTRA_OUTPUT_H
#define SENTRA_OUTPUT_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct output {
	char *text;
	size_t length, room;
};

static void print(struct output *output, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void print(struct output *output, const char *format, ...)
{
	va_list arguments;

	if (output->room - output->length < 1024) {
		output->room = output->room * 2 + 65536;
		output->text = realloc(output->text, output->room);
		if (output->text == NULL)
			abort();
	}
	va_start(arguments, format);
	output->length +=
		vsnprintf(output->text + output->length, output->room - output->length, format, arguments);
	va_end(arguments);
}

/* As a string of JSON, byte by byte: names of interfaces and tables are anybody's. At most 128. */
static void print_text(struct output *output, const char *text)
{
	print(output, "\"");
	for (int i = 0; text[i] != '\0' && i < 128; i++) {
		unsigned char c = text[i];

		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			print(output, "\\u%04x", c);
		else
			print(output, "%c", c);
	}
	print(output, "\"");
}

/* Before each item of a list but the first. */
static void print_comma(struct output *output)
{
	char last = output->length == 0 ? '[' : output->text[output->length - 1];

	if (last != '[' && last != '{')
		print(output, ",");
}

static int write_out(const struct output *output)
{
	for (size_t done = 0; done < output->length;) {
		ssize_t wrote = write(STDOUT_FILENO, output->text + done, output->length - done);

		if (wrote < 0)
			return -1;
		done += wrote;
	}
	return 0;
}

#endif
