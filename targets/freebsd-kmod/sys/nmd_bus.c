/*
 * The boundary's functions for registers, time and memory.
 */
#include "nmd.h"

#include <machine/md_var.h>

MALLOC_DEFINE(M_NMD, "nmd", "nmd ports and queues");

struct nmd_dma {
	bus_dma_tag_t	tag;
	bus_dmamap_t	map;
	void		*memory;
	bus_addr_t	address;
};

/* Reads of a register past the end of the mapping return ones, as for a removed device. */
#define	NMD_REGISTER(bits, type, bytes)						\
type										\
nmd_read##bits(void *device, uint32_t at)					\
{										\
	struct nmd_softc *sc = device;						\
										\
	if (at > sc->bar_bytes - bytes)						\
		return ((type)-1);						\
	return (bus_read_##bytes(sc->bar, at));					\
}										\
										\
void										\
nmd_write##bits(void *device, uint32_t at, type value)				\
{										\
	struct nmd_softc *sc = device;						\
										\
	if (at <= sc->bar_bytes - bytes)					\
		bus_write_##bytes(sc->bar, at, value);				\
}

NMD_REGISTER(8, uint8_t, 1)
NMD_REGISTER(16, uint16_t, 2)
NMD_REGISTER(32, uint32_t, 4)
NMD_REGISTER(64, uint64_t, 8)

void
nmd_delay(void *device, uint32_t microseconds)
{
	DELAY(microseconds);
}

void
nmd_sleep(void *device, uint32_t microseconds)
{
	pause_sbt("nmd", microseconds * SBT_1US, 0, C_PREL(1));
}

void *
nmd_alloc(void *device, size_t bytes)
{
	return (malloc(bytes, M_NMD, M_NOWAIT | M_ZERO));
}

void
nmd_free(void *device, void *memory, size_t bytes)
{
	free(memory, M_NMD);
}

static void
nmd_dma_loaded(void *arg, bus_dma_segment_t *segments, int count, int error)
{
	if (error == 0)
		*(bus_addr_t *)arg = segments[0].ds_addr;
}

static bus_addr_t
nmd_last_address(uint32_t bits)
{
	return (bits >= 64 ? BUS_SPACE_MAXADDR : ((bus_addr_t)1 << bits) - 1);
}

void
nmd_dma_alloc(void *device, size_t bytes, size_t align, uint32_t address_bits, struct nmd_dma_block *block)
{
	struct nmd_softc *sc = device;
	struct nmd_dma *dma;

	dma = malloc(sizeof(*dma), M_NMD, M_NOWAIT | M_ZERO);
	if (dma == NULL)
		return;
	if (bus_dma_tag_create(bus_get_dma_tag(sc->dev), align, 0, nmd_last_address(address_bits), BUS_SPACE_MAXADDR,
	    NULL, NULL, bytes, 1, bytes, 0, NULL, NULL, &dma->tag) != 0)
		goto no_tag;
	if (bus_dmamem_alloc(dma->tag, &dma->memory, BUS_DMA_NOWAIT | BUS_DMA_ZERO | BUS_DMA_COHERENT, &dma->map) != 0)
		goto no_memory;
	if (bus_dmamap_load(dma->tag, dma->map, dma->memory, bytes, nmd_dma_loaded, &dma->address, BUS_DMA_NOWAIT) != 0 ||
	    dma->address == 0)
		goto no_address;
	*block = (struct nmd_dma_block){ .handle = dma, .memory = dma->memory, .address = dma->address };
	return;

no_address:
	bus_dmamem_free(dma->tag, dma->memory, dma->map);
no_memory:
	bus_dma_tag_destroy(dma->tag);
no_tag:
	free(dma, M_NMD);
}

void
nmd_dma_free(void *device, void *handle)
{
	struct nmd_dma *dma = handle;

	bus_dmamap_unload(dma->tag, dma->map);
	bus_dmamem_free(dma->tag, dma->memory, dma->map);
	bus_dma_tag_destroy(dma->tag);
	free(dma, M_NMD);
}

void
nmd_dma_sync(void *device, void *handle, uint32_t how)
{
	struct nmd_dma *dma = handle;

	if (dma == NULL)
		atomic_thread_fence_seq_cst();
	else if (how == NMD_TO_DEVICE)
		bus_dmamap_sync(dma->tag, dma->map, BUS_DMASYNC_PREREAD | BUS_DMASYNC_PREWRITE);
	else
		bus_dmamap_sync(dma->tag, dma->map, BUS_DMASYNC_POSTREAD | BUS_DMASYNC_POSTWRITE);
}

/*
 * Whether the device accesses every page at its physical address. netmap's buffers may be anywhere, and its table has only
 * physical addresses, so DMA must not go through an IOMMU or bounce buffers.
 */
bool
nmd_dma_is_direct(struct nmd_softc *sc)
{
	uint32_t bits = sc->found.address_bits;
	vm_paddr_t last = ptoa((vm_paddr_t)Maxmem) - PAGE_SIZE;
	bus_dma_tag_t tag;
	bool is_direct;

	if (bus_dma_tag_create(bus_get_dma_tag(sc->dev), 1, 0, nmd_last_address(bits), BUS_SPACE_MAXADDR, NULL, NULL,
	    PAGE_SIZE, 1, PAGE_SIZE, 0, NULL, NULL, &tag) != 0)
		return (false);
	is_direct = bus_dma_id_mapped(tag, last, PAGE_SIZE);
	bus_dma_tag_destroy(tag);
	return (is_direct);
}

void
nmd_log(void *device, const char *text, size_t bytes)
{
	struct nmd_softc *sc = device;

	device_printf(sc->dev, "%.*s\n", (int)bytes, text);
}

void
nmd_panic(const char *text, size_t bytes)
{
	panic("nmd: %.*s", (int)bytes, text);
}
