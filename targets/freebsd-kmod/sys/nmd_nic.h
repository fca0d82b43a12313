/*
 * The facts of a NIC in generated/freebsd, from its spec.
 */
#ifndef NMD_NIC_H
#define	NMD_NIC_H

#include <sys/types.h>

struct nmd_id {
	uint16_t	vendor;
	uint16_t	device;
	const char	*title;
};

struct nmd_nic {
	const char	*name;
	const char	*title;
	const struct nmd_id *ids;
	size_t		id_count;
	int		bar;		/* -1: the first one for memory */
	uint32_t	bar_bytes;
};

/* All NICs; the last one is null. */
extern const struct nmd_nic *const nmd_nics[];

#endif
