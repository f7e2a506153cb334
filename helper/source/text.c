// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include "text.h"

bool is_container_id(struct slice text)
{
	if (text.length != ID_LENGTH)
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (!is_hexadecimal(text.at[i]))
			return false;
	return true;
}

long parse_number(struct slice text, long most)
{
	long number = 0;

	if (text.length == 0 || text.length > 10 || (text.at[0] == '0' && text.length > 1))
		return -1;
	for (size_t i = 0; i < text.length; i++) {
		if (!is_digit(text.at[i]))
			return -1;
		number = number * 10 + (text.at[i] - '0');
	}
	return number <= most ? number : -1;
}

bool is_address(struct slice text)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char parsed[16];

	if (text.length == 0 || text.length >= sizeof(copy) || memchr(text.at, 0, text.length))
		return false;
	memcpy(copy, text.at, text.length);
	copy[text.length] = 0;
	return inet_pton(AF_INET, copy, parsed) == 1 || inet_pton(AF_INET6, copy, parsed) == 1;
}

bool is_name(struct slice text)
{
	size_t label = 0;

	if (text.length == 0 || text.length > 253)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.at[i];

		if (c == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!is_lower(c) && !is_digit(c) && c != '-' && c != '_')
			return false;
		if (++label > 63)
			return false;
	}
	return label > 0;
}
