/*
 * The boundary between the halves of the module: what src/boundary.rs and src/entry.rs say in Rust.
 * Plain integers and opaque pointers; the Rust half knows no structure of the kernel's.
 */
#ifndef NMD_BOUNDARY_H
#define	NMD_BOUNDARY_H

#include <sys/types.h>

struct nmd_ring_view {
	const void	*slots;
	const void	*table;
	uint32_t	slot_count;
	uint32_t	table_entries;
	uint32_t	buffer_size;
	uint32_t	hwcur;
	uint32_t	hwtail;
	uint32_t	head;
};
_Static_assert(sizeof(struct nmd_ring_view) == 40, "RingView of boundary.rs");

struct nmd_dma_block {
	void		*handle;
	void		*memory;
	uint64_t	address;
};

struct nmd_wanted {
	uint32_t	queues;
	uint32_t	tx_slots;
	uint32_t	rx_slots;
	uint32_t	frame_max;
	uint16_t	vendor;
	uint16_t	device;
};

struct nmd_found {
	uint8_t		mac[6];
	uint16_t	variant_bytes;
	uint32_t	slot_bytes;
	uint32_t	frame_max;
	uint32_t	queues;
	uint32_t	tx_slots;
	uint32_t	rx_slots;
	uint32_t	address_bits;
	const char	*variant;
};

struct nmd_link {
	uint32_t	mbps;
	uint32_t	full_duplex;
	uint32_t	changed;
	uint32_t	waiting;
};

enum { NMD_CAUSE_TX = 1, NMD_CAUSE_RX = 2, NMD_CAUSE_LINK = 4 };
enum { NMD_SYNCED, NMD_PAUSED, NMD_REFUSED };
enum { NMD_TX, NMD_RX, NMD_DIRECTIONS };
enum { NMD_TO_DEVICE, NMD_FROM_DEVICE };
enum { NMD_NUMBER, NMD_CHOICE, NMD_TEXT };

/* What the Rust half offers for one NIC: `Entry` of entry.rs, which says what each function asks for. */
struct nmd_entry {
	int	(*attach)(void *device, const struct nmd_wanted *, struct nmd_found *, void **port);
	void	(*release)(void *port);
	int	(*up)(void *port);
	int	(*down)(void *port);
	int	(*link)(void *port, uint32_t told, struct nmd_link *);
	int	(*renegotiate)(void *port);
	int	(*messages)(void *port, uint32_t count);
	int	(*set_filter)(void *port, uint32_t promiscuous, uint32_t all_multicast, const uint8_t (*groups)[6],
		    size_t count);
	int	(*set_mac)(void *port, const uint8_t (*mac)[6]);
	int	(*choose)(void *port, uint32_t number, uint32_t value);

	uint32_t (*txsync)(void *port, uint32_t queue, struct nmd_ring_view *);
	uint32_t (*rxsync)(void *port, uint32_t queue, struct nmd_ring_view *);
	uint32_t (*interrupt)(void *port, uint32_t message);
	void	(*service)(void *port, uint32_t causes);
	void	(*publish)(void *port);
	int	(*number)(void *port, uint32_t number, uint64_t *value);
	size_t	(*text)(void *port, uint32_t number, char *text, size_t bytes);
	size_t	(*describe)(void *port, uint32_t direction, uint32_t queue, char *text, size_t bytes);
};

const struct nmd_entry *nmd_driver(const char *name, size_t bytes);

/* What the kernel's half offers; `device` is the softc. */
#define	NMD_ACCESS(bits)							\
	uint##bits##_t	nmd_read##bits(void *device, uint32_t at);		\
	void		nmd_write##bits(void *device, uint32_t at, uint##bits##_t value)
NMD_ACCESS(8);
NMD_ACCESS(16);
NMD_ACCESS(32);
NMD_ACCESS(64);
void	nmd_delay(void *device, uint32_t microseconds);
void	nmd_sleep(void *device, uint32_t microseconds);
void	*nmd_alloc(void *device, size_t bytes);
void	nmd_free(void *device, void *memory, size_t bytes);
void	nmd_dma_alloc(void *device, size_t bytes, size_t align, uint32_t address_bits, struct nmd_dma_block *);
void	nmd_dma_free(void *device, void *handle);
void	nmd_dma_sync(void *device, void *handle, uint32_t how);
uint32_t nmd_ring_get(void *device, uint32_t direction, uint32_t queue, struct nmd_ring_view *);
void	nmd_ring_put(void *device, uint32_t direction, uint32_t queue, uint32_t hwcur, uint32_t hwtail);
void	nmd_publish(void *device, const char *group, const char *name, const char *title, uint32_t shape, uint32_t number);
void	nmd_log(void *device, const char *text, size_t bytes);
void	nmd_panic(const char *text, size_t bytes) __attribute__((__noreturn__));

#endif
