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
	uint32_t	vectors;	/* MSI-X vectors that the driver supports; 0: none */
};

/* All NICs; the last one is null. */
extern const struct nmd_nic *const nmd_nics[];

#endif
