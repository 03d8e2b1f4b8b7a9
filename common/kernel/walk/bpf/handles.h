/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Addresses leave the kernel side as handles, equal for equal addresses, and come back as such. A
 * handle is the address under Speck64/128 (Beaulieu and others 2013) with a secret that only this
 * map holds: whoever makes one up walks to an address that he cannot choose, where a load that
 * faults gives 0.
 */
#ifndef DCM_BPF_HANDLES_H
#define DCM_BPF_HANDLES_H

static __always_inline __u32 rotate_left(__u32 x, __u32 bits)
{
	return x << bits | x >> (32 - bits);
}

static __always_inline void cipher_round(__u32 *x, __u32 *y, __u32 key)
{
	*x = (rotate_left(*x, 24) + *y) ^ key;
	*y = rotate_left(*y, 3) ^ *x;
}

static __always_inline void schedule_keys(__u64 low, __u64 high)
{
	__u32 word = (__u32)low, a = low >> 32, b = (__u32)high, c = high >> 32, i;

	for (i = 0; i < DCM_CIPHER_ROUNDS; i++) {
		__u32 next = a;

		priv.round_key[i] = word;
		cipher_round(&next, &word, i);
		a = b;
		b = c;
		c = next;
	}
}

static __noinline __u64 handle_of(__u64 address)
{
	__u32 x = address >> 32, y = (__u32)address, i;

	if (!address)
		return 0;
	for (i = 0; i < DCM_CIPHER_ROUNDS; i++)
		cipher_round(&x, &y, priv.round_key[i]);
	return (__u64)x << 32 | y;
}

static __noinline __u64 address_of(__u64 handle)
{
	__u32 x = handle >> 32, y = (__u32)handle, i;

	for (i = 0; i < DCM_CIPHER_ROUNDS; i++) {
		__u32 key = priv.round_key[DCM_CIPHER_ROUNDS - 1 - i];

		y = rotate_left(y ^ x, 29);
		x = rotate_left((x ^ key) - y, 8);
	}
	return (__u64)x << 32 | y;
}

/* One way, and equal in every process: Davies and Meyer over the same cipher. To learn an address
 * from it, all three must be guessed. */
static __noinline __u64 one_way(__u64 low, __u64 high, __u64 block)
{
	__u32 word = (__u32)low, a = low >> 32, b = (__u32)high, c = high >> 32;
	__u32 x = block >> 32, y = (__u32)block, i;

	for (i = 0; i < DCM_CIPHER_ROUNDS; i++) {
		__u32 next = a;

		cipher_round(&x, &y, word);
		cipher_round(&next, &word, i);
		a = b;
		b = c;
		c = next;
	}
	return ((__u64)x << 32 | y) ^ block;
}

#endif
