/*
 * What generated/freebsd says of a NIC, from its spec.
 */
#ifndef NMD_NIC_H
#define	NMD_NIC_H

#include <sys/types.h>

struct nmd_id {
	uint16_t	vendor;
	uint16_t	device;
	const char	*title;
};

struct nmd_side {
	uint32_t	queues;
	uint32_t	slots_min;
	uint32_t	slots_max;
	uint32_t	slots_multiple;
	uint32_t	align;
	uint32_t	address_bits;
};

struct nmd_counter {
	const char	*name;
	const char	*title;
};

struct nmd_nic {
	const char	*name;
	const char	*title;
	const struct nmd_id *ids;
	size_t		id_count;
	int		bar;		/* -1: the first one for memory */
	uint32_t	bar_bytes;
	struct nmd_side	tx;
	struct nmd_side	rx;
	uint32_t	vectors;
	const struct nmd_counter *counters;
	size_t		counter_count;
};

/* All NICs; the last one is null. */
extern const struct nmd_nic *const nmd_nics[];

#endif
