/*
 * serial.c - which serial is older, and who went back.  Decides nothing.
 */
#include "core/serial.h"

#include "base/text.h"

bool
serial_older(uint32_t a, uint32_t b)
{
	return a != b && b - a < 0x80000000u;
}

void
serial_note(struct authority *a, uint32_t serial)
{
	if (a->has_newest && serial_older(serial, a->newest)) {
		a->fell = true;
		a->fell_from = a->newest;
	} else {
		a->has_newest = true;
		a->newest = serial;
	}
	a->has_serial = true;
	a->serial = serial;
}

void
serial_settle(struct owner *o)
{
	const struct authority *first = NULL;

	for (size_t i = 0; i < o->n_auth; i++) {
		const struct authority *a = &o->auth[i];

		if (!a->has_serial)
			continue;
		if (first == NULL)
			first = a;
		if (!a->fresh || a->serial != first->serial)
			return;
	}
	if (first == NULL ||
	    (o->has_primary_serial && o->primary_serial != first->serial))
		return;
	for (size_t i = 0; i < o->n_auth; i++)
		if (o->auth[i].has_serial)
			o->auth[i].newest = first->serial;
}

bool
serial_went_back(const struct authority *a, uint32_t *ret_newest)
{
	*ret_newest = a->fell_from;
	return a->fell;
}

const char *
serial_say(const struct owner *o, const struct authority *a, char buf[64])
{
	if (!a->has_serial)
		buf[0] = 0;
	else if (o->has_primary_serial && o->primary_serial != a->serial)
		text_fmt(buf, 64, " (serial %u, primary %u)", a->serial,
		    o->primary_serial);
	else
		text_fmt(buf, 64, " (serial %u)", a->serial);
	return buf;
}
