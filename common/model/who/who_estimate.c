// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/who/who_estimate.h"

#include <math.h>

#include "common/base/statistics.h"

/* No call costs more watched than twice what it costs otherwise, or nearly so. */
#define SLOWEST 0.5

void dcm_who_sum_add(struct dcm_who_sum *sum, double one_of, double scale, double amount)
{
	sum->now += one_of * scale * amount;
	sum->now_seen += one_of * amount;
	/* Where time is left out, the difference between periods has the rest of it already. */
	sum->now_spread += one_of * (one_of - 1) * scale * amount * amount;
	sum->seen += amount;
}

void dcm_who_sum_close(struct dcm_who_sum *sum, double period, double watched)
{
	double open = 1 - watched / period, value = sum->now;

	if (sum->now > 0 && open > 0) {
		sum->windows++;
		sum->peak = fmax(sum->peak, sum->now_seen / watched);
	}
	sum->total += value;
	sum->open_squares += open * value * value;
	sum->open_by += open * value * period;
	sum->spread += sum->now_spread;
	sum->now = sum->now_seen = sum->now_spread = 0;
}

void dcm_who_windows_close(struct dcm_who_windows *windows, double period, double watched)
{
	double open = 1 - watched / period;

	windows->partial += open > 0;
	windows->seconds += period;
	windows->watched += watched;
	windows->open_squares += open * period * period;
}

struct dcm_who_interval dcm_who_interval_about(double value, double variance, double freedom,
					       double least)
{
	struct dcm_who_interval ret = {value, value, value};
	double factor;

	if (value <= 0 || variance <= 0)
		return ret;
	/* On the scale of logarithms: counts are skewed, and none is below 0. */
	factor = exp(dcm_student(freedom) * sqrt(variance) / value);
	ret.low = value / factor;
	ret.high = value * factor;
	if (ret.low < least)
		ret.low = least < value ? least : value;
	return ret;
}

static double corrected(double squares, size_t windows)
{
	double n = (double)windows;

	/* A single period cannot differ from others: as if it were off by all of it. */
	return squares > 0 ? squares * (n > 1 ? n / (n - 1) : 2) : 0;
}

/* Half of what watching slows the caller down, where it is not watched: 1 or above. */
static double doubt(const struct dcm_who_sum *sum, const struct dcm_who_windows *windows)
{
	double open = 1 - windows->watched / windows->seconds;

	return 1 + open * fmin(sum->peak * windows->call_seconds, SLOWEST) / 2;
}

struct dcm_who_interval dcm_who_sum_interval(const struct dcm_who_sum *sum,
					     const struct dcm_who_windows *windows)
{
	double rate = windows->seconds > 0 ? sum->total / windows->seconds : 0;
	double squares =
		sum->open_squares - 2 * rate * sum->open_by + rate * rate * windows->open_squares;
	double variance = corrected(squares, windows->partial) + sum->spread, factor;
	struct dcm_who_interval ret;

	/* Nothing in a share f of the time: at most 3 / f, 19 times in 20. */
	if (sum->seen <= 0 && windows->partial)
		return (struct dcm_who_interval){0, 0, 3 * windows->seconds / windows->watched};
	if (windows->partial == 1)
		variance += sum->open_squares;
	ret = dcm_who_interval_about(sum->total, variance, (double)windows->partial - 1, sum->seen);
	if (windows->partial) {
		factor = doubt(sum, windows);
		ret.high *= factor;
		ret.low = fmax(ret.low / factor, fmin(sum->seen, ret.value));
	}
	return ret;
}

double dcm_who_share_product(const struct dcm_who_sum *part, const struct dcm_who_sum *whole,
			     double period, double watched)
{
	return (1 - watched / period) * part->now * whole->now;
}

double dcm_who_share(const struct dcm_who_share *share, const struct dcm_who_windows *windows,
		     double *ret_variance)
{
	const struct dcm_who_sum *part = share->part, *whole = share->whole;
	double r, squares, n = (double)whole->windows, likely, least;

	*ret_variance = 0.25;
	if (whole->total <= 0)
		return 0.5;
	r = part->total / whole->total;
	squares = part->open_squares - 2 * r * share->open_product + r * r * whole->open_squares;
	*ret_variance = (corrected(squares, whole->windows) + (1 - 2 * r) * part->spread +
			 r * r * whole->spread) /
			(whole->total * whole->total);
	/* Windows that all say 100 % do not make it certain: Agresti and Coull, 1998. */
	likely = (r * n + 2) / (n + 4);
	least = likely * (1 - likely) / (n + 4) * (1 - windows->watched / windows->seconds);
	if (*ret_variance < least)
		*ret_variance = least;
	return r;
}
