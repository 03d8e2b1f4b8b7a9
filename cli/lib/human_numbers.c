// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/human_numbers.h"

#include <inttypes.h>
#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"

struct human human_count(uint64_t value)
{
	struct human ret = {""};
	char digits[24];
	size_t len, out = 0;

	len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, value);
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			ret.text[out++] = ',';
		ret.text[out++] = digits[i];
	}
	return ret;
}

struct human_range human_range(uint64_t low, uint64_t high)
{
	struct human from = human_count(low), to = human_count(high);
	struct human_range ret;

	if (low == high)
		snprintf(ret.text, sizeof(ret.text), "%s", from.text);
	else
		snprintf(ret.text, sizeof(ret.text), "%.27s to %.27s", from.text, to.text);
	return ret;
}

/* Every caller's value is small; the room is for whatever a double can print. */
static struct human fixed(double value, int digits)
{
	struct human ret;
	char text[400];

	snprintf(text, sizeof(text), "%.*f", digits, value);
	snprintf(ret.text, sizeof(ret.text), "%.31s", text);
	return ret;
}

/* Four digits of what has more than five, rounded down or up. */
static struct human short_count(uint64_t value, double (*rounded)(double))
{
	static const char units[] = "kMGTPE";
	struct human ret;
	double scaled = (double)value / 1000;
	size_t unit = 0;
	int digits;

	if (value < 100000)
		return human_count(value);
	/* 999.96 would be printed as 1000.0 */
	while (scaled >= 999.9 && unit + 2 < sizeof(units)) {
		scaled /= 1000;
		unit++;
	}
	digits = scaled < 9.999 ? 3 : scaled < 99.99 ? 2 : 1;
	snprintf(ret.text, sizeof(ret.text), "%.30s%c",
		 fixed(rounded(scaled * pow(10, digits)) / pow(10, digits), digits).text,
		 units[unit]);
	return ret;
}

struct human_range human_short_range(uint64_t low, uint64_t high)
{
	struct human from = short_count(low, floor), to = short_count(high, ceil);
	struct human_range ret;

	snprintf(ret.text, sizeof(ret.text), "%.27s-%.27s", from.text, to.text);
	return ret;
}

struct human human_change(double per_second)
{
	double magnitude = fabs(per_second);
	const char *sign = per_second < 0 ? "-" : "+";
	struct human ret;

	if (!(magnitude < 1e15))
		return (struct human){"-"};
	if (magnitude < 0.05)
		return (struct human){"0"};
	snprintf(ret.text, sizeof(ret.text), "%s%.30s", sign,
		 magnitude < 9.95 ? fixed(magnitude, 1).text
				  : human_count((uint64_t)llround(magnitude)).text);
	return ret;
}

struct human human_signed(int64_t value)
{
	struct human ret, magnitude;

	if (value >= 0)
		return human_count((uint64_t)value);
	magnitude = human_count(-(uint64_t)value);
	snprintf(ret.text, sizeof(ret.text), "-%.30s", magnitude.text);
	return ret;
}

static struct human format(double value, int digits, const char *unit)
{
	struct human ret;

	snprintf(ret.text, sizeof(ret.text), "%.20s %.10s", fixed(value, digits).text, unit);
	return ret;
}

struct human human_bytes(uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	size_t unit = 0;

	/* 1023.95 would be printed as 1024.0 */
	while (value >= 1023.95 && unit + 1 < DCM_ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	return format(value, unit ? 1 : 0, units[unit]);
}

static const char *micro(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "µs" : "us";
}

/* Three digits or so: 1.23, 12.3, 123. */
static struct human with_unit(double value, const char *unit)
{
	return format(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, unit);
}

struct human human_seconds(double seconds)
{
	double magnitude = fabs(seconds);

	if (!isfinite(seconds))
		return (struct human){"-"};
	if (seconds == 0)
		return (struct human){"0 s"};
	if (magnitude < 999.5e-6)
		return with_unit(seconds * 1e6, micro());
	if (magnitude < 999.5e-3)
		return with_unit(seconds * 1e3, "ms");
	if (magnitude < 120)
		return with_unit(seconds, "s");
	if (magnitude < 7200)
		return with_unit(seconds / 60, "min");
	if (magnitude < 3600e6)
		return with_unit(seconds / 3600, "h");
	return (struct human){"over 1,000,000 h"};
}

struct human human_rate(double per_second)
{
	if (per_second > 0 && per_second < 0.05)
		return (struct human){"<0.1 a second"};
	return format(per_second, 1, "a second");
}

struct human human_value(const char *unit, double value)
{
	struct human text;

	if (!strcmp(unit, "bytes") && value >= 0 && value < 0x1p64)
		return human_bytes((uint64_t)value);
	if (!strcmp(unit, "seconds"))
		return human_seconds(value);
	if (value == floor(value) && fabs(value) < 1e18 && strcmp(unit, "percent"))
		return human_signed((int64_t)value);
	snprintf(text.text, sizeof(text.text), "%.4g%s", value,
		 strcmp(unit, "percent") ? "" : " %");
	return text;
}

struct human human_percent(double part, double whole)
{
	double percent = whole > 0 ? 100 * part / whole : NAN;

	if (isnan(percent) || percent < 0 || percent > 1e6)
		return (struct human){""};
	if (part > 0 && percent < 1)
		return (struct human){"<1 %"};
	return format(percent, 0, "%");
}
